package pomona.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.Diag;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;

/**
 * Finds the compile errors that follow a cell's first one: the rest of the cell is compiled, and never run, as the body
 * of a method, in which the names that the wrong snippet should have declared are known.
 */
final class LaterErrors {

    private static final String NAME = "rest$of$cell";
    private static final String HEAD = "void " + NAME + "() throws Throwable {\n";
    private static final Pattern DECLARED = Pattern.compile("(\\w+)\\s*\\(");

    /** What a method body forbids and a cell allows. */
    private static final Set<String> OF_METHODS_ONLY = Set.of(
            "compiler.err.already.defined",
            "compiler.err.cant.ref.non.effectively.final.var",
            "compiler.err.local.var.accessed.from.icls.needs.final",
            "compiler.err.var.might.not.have.been.initialized",
            "compiler.err.unreachable.stmt");

    private record Part(int start, int length, Piece piece) {}

    private final JShell shell;
    private final SyntaxCheck syntax;
    private final List<Part> parts = new ArrayList<>();
    private final StringBuilder body = new StringBuilder(HEAD);

    LaterErrors(JShell shell, SyntaxCheck syntax) {
        this.shell = shell;
        this.syntax = syntax;
    }

    /**
     * Finds the errors.
     *
     * @param pieces the wrong piece and all that follow it
     * @param text their cell
     * @param cell its number
     * @return the errors after the wrong piece
     */
    List<CompileErrors.Located> find(List<Piece> pieces, CellText text, int cell) {
        Piece wrong = pieces.get(0);
        boolean wrongIsStatement = syntax.isBody(wrong.source());
        for (Piece piece : wrongIsStatement ? pieces : pieces.subList(1, pieces.size())) {
            if (!add(piece)) {
                break;
            }
        }
        if (parts.isEmpty() || wrongIsStatement && parts.size() == 1) {
            return List.of();
        }
        SnippetEvent event = shell.eval(body + "}").get(0);
        Snippet snippet = event.snippet();
        List<CompileErrors.Located> found = new ArrayList<>();
        String declared = wrongIsStatement ? null : declaredName(wrong.source());
        for (Diag diagnostic : shell.diagnostics(snippet).toList()) {
            Part part = partAt(diagnostic.getPosition());
            if (part != null && part.piece() != wrong && isOfInterest(diagnostic, declared)) {
                Origin origin = new Origin(
                        cell, text, part.piece().start(), part.piece().source());
                found.add(CompileErrors.locate(diagnostic, origin, part.start()));
            }
        }
        if (event.status() != Snippet.Status.REJECTED) {
            shell.drop(snippet);
        }
        return found;
    }

    private boolean add(Piece piece) {
        String lead = "";
        if (!syntax.isStatement(piece.source())) {
            lead = "Object value$ = ";
            if (!syntax.isStatement(lead + piece.source())) {
                return false;
            }
        }
        body.append(lead);
        parts.add(new Part(body.length(), piece.source().length(), piece));
        body.append(piece.source()).append("\n;");
        return true;
    }

    private Part partAt(long position) {
        return parts.stream()
                .filter(part -> position >= part.start() && position <= part.start() + part.length())
                .findFirst()
                .orElse(null);
    }

    private static boolean isOfInterest(Diag diagnostic, String declared) {
        return diagnostic.isError()
                && !OF_METHODS_ONLY.contains(diagnostic.getCode())
                && (declared == null || !diagnostic.getMessage(null).contains("method " + declared + "("));
    }

    private static String declaredName(String source) {
        Matcher matcher = DECLARED.matcher(source);
        return matcher.find() ? matcher.group(1) : null;
    }
}
