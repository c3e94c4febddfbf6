package pomona.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;

/** Takes the text of a cell apart into snippets and judges whether they are whole and can be parsed; runs nothing. */
final class CellPieces {

    private final JShell shell;
    private final SyntaxCheck syntax;

    CellPieces(JShell shell, SyntaxCheck syntax) {
        this.shell = shell;
        this.syntax = syntax;
    }

    /** The snippets of a cell; the last one may be incomplete. */
    List<Piece> split(CellText text) {
        SourceCodeAnalysis analysis = shell.sourceCodeAnalysis();
        List<Piece> pieces = new ArrayList<>();
        String java = text.java();
        int start = 0;
        while (true) {
            while (start < java.length() && Character.isWhitespace(java.charAt(start))) {
                start++;
            }
            String rest = java.substring(start);
            if (CodeEnd.lastCharacter(rest) == 0) {
                return pieces;
            }
            CompletionInfo info = analysis.analyzeCompletion(rest);
            Completeness kind = info.completeness();
            if (!kind.isComplete() || info.source() == null || info.remaining().length() >= rest.length()) {
                pieces.add(new Piece(rest, start, false, false));
                return pieces;
            }
            int end = java.length() - info.remaining().length();
            String own = java.substring(start, end);
            if (!own.strip().equals(";")) {
                boolean shown = text.isBareMagic(start) || CodeEnd.lastCharacter(own) != ';';
                pieces.add(new Piece(info.source(), start, shown, true));
            }
            start = end;
        }
    }

    /** Tells whether a text can run as it is, and how far to indent if not. */
    CodeAssistant.Completeness completeness(CellText text) {
        if (CodeEnd.isInComment(text.java())) {
            return new CodeAssistant.Completeness("incomplete", "");
        }
        List<Piece> pieces = split(text);
        if (pieces.isEmpty()) {
            return new CodeAssistant.Completeness("complete", "");
        }
        Piece last = pieces.get(pieces.size() - 1);
        if (!last.complete()) {
            Completeness kind =
                    shell.sourceCodeAnalysis().analyzeCompletion(last.source()).completeness();
            return kind == Completeness.UNKNOWN
                    ? new CodeAssistant.Completeness("invalid", "")
                    : new CodeAssistant.Completeness("incomplete", CodeEnd.indent(text.java()));
        }
        boolean sound = pieces.stream()
                .allMatch(piece -> piece.source().startsWith("import")
                        || syntax.isBody(piece.source())
                        || syntax.isMember(piece.source())
                        || !isErroneous(piece));
        return new CodeAssistant.Completeness(sound ? "complete" : "invalid", "");
    }

    /** Finds a piece that can not be parsed; a cell of one piece learns it when that is evaluated. */
    Piece firstWithSyntaxError(List<Piece> pieces) {
        if (pieces.isEmpty() || !pieces.get(pieces.size() - 1).complete()) {
            return pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
        }
        if (pieces.size() == 1) {
            return null;
        }
        // Most cells are statements: one parse tells that all of them are sound.
        String all = pieces.stream().map(Piece::source).collect(Collectors.joining("\n;"));
        if (syntax.isBody(all)) {
            return null;
        }
        for (Piece piece : pieces) {
            boolean parses = piece.source().startsWith("import")
                    || syntax.isBody(piece.source())
                    || syntax.isMember(piece.source());
            if (!parses && isErroneous(piece)) {
                return piece;
            }
        }
        return null;
    }

    private boolean isErroneous(Piece piece) {
        return shell.sourceCodeAnalysis().sourceToSnippets(piece.source()).stream()
                .anyMatch(snippet -> snippet.kind() == Snippet.Kind.ERRONEOUS);
    }
}
