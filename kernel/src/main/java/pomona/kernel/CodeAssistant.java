package pomona.kernel;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.VarSnippet;

/** Answers an editor's questions about code that has not run: completion, documentation, whether it is complete. */
public final class CodeAssistant {

    /** What may replace a range of the code; positions are UTF-16 units. */
    public record Completion(int start, int end, List<Item> items) {

        /** Copies the items. */
        public Completion {
            items = List.copyOf(items);
        }
    }

    /**
     * One proposal.
     *
     * @param text what is inserted
     * @param type what it is: function, class, keyword, magic, param, path, module or instance
     * @param signature its signature or type, overloads on lines of their own; empty when unknown
     * @param documentation what it is for, in plain text; empty when unknown
     */
    public record Item(String text, String type, String signature, String documentation) {

        /** Takes null for empty. */
        public Item {
            signature = signature == null ? "" : signature;
            documentation = documentation == null ? "" : documentation;
        }
    }

    /**
     * Whether code can run as it is.
     *
     * @param status complete, incomplete or invalid
     * @param indent what the next line should begin with when incomplete
     */
    public record Completeness(String status, String indent) {}

    private final Evaluator evaluator;
    private final KnownMagics magics;
    private final JavaCompletion java;

    CodeAssistant(Evaluator evaluator, KnownMagics magics, ClassLoader classes) {
        this.evaluator = evaluator;
        this.magics = magics;
        this.java = new JavaCompletion(evaluator, classes);
    }

    /**
     * Completes code at a position.
     *
     * @param code the cell
     * @param cursor a position in it, in UTF-16 units
     * @return the proposals, best first; none when nothing fits
     */
    public Completion complete(String code, int cursor) {
        String before = code.substring(0, cursor);
        MagicPlace magic = MagicRewriter.placeAtEnd(before, magics);
        if (magic != null) {
            return new MagicCompletion(magics, evaluator, java).complete(before, magic);
        }
        int string = CodeEnd.openString(before);
        if (string >= 0) {
            return new Completion(
                    string,
                    cursor,
                    FilePaths.startingWith(before.substring(string), Path.of("").toAbsolutePath()));
        }
        evaluator.expectQuestions();
        return evaluator.locked(() -> java.complete(context(before).text(), cursor));
    }

    /** The snippet that a position is in, after the earlier snippets of its cell that may stand before it in a method. */
    private record Context(String text) {}

    private Context context(String before) {
        CellText text = MagicRewriter.rewrite(before, magics);
        List<Piece> pieces = evaluator.pieces().split(text);
        if (pieces.isEmpty()) {
            return new Context("");
        }
        StringBuilder known = new StringBuilder();
        for (Piece piece : pieces.subList(0, pieces.size() - 1)) {
            if (evaluator.syntax().isStatement(piece.source())) {
                known.append(piece.source()).append('\n');
            }
        }
        Piece last = pieces.get(pieces.size() - 1);
        return new Context(known + text.java().substring(last.start()));
    }

    /** Documents what stands at a position, in short. */
    public Map<String, Object> inspect(String code, int cursor) {
        return inspect(code, cursor, 0);
    }

    /**
     * Documents what stands at a position.
     *
     * @param code the cell
     * @param cursor a position in it, in UTF-16 units; at the end of a name counts as in it
     * @param detail 1 to see the source of what cells declared as well
     * @return text/plain and text/html, or an empty map when there is nothing to tell
     */
    public Map<String, Object> inspect(String code, int cursor, int detail) {
        int end = cursor;
        while (end < code.length() && Character.isJavaIdentifierPart(code.charAt(end))) {
            end++;
        }
        int start = end;
        while (start > 0 && Character.isJavaIdentifierPart(code.charAt(start - 1))) {
            start--;
        }
        String name = code.substring(start, end);
        MagicPlace magic = MagicRewriter.placeAtEnd(code.substring(0, end), magics);
        if (magic != null && !magic.inBody()) {
            return new MagicInspection(magics, evaluator).inspect(code, start, end, magic);
        }
        String upToName = code.substring(0, end);
        evaluator.expectQuestions();
        Map<String, Object> found = evaluator.locked(() -> java(code, upToName, name));
        return detail > 0
                ? Documented.withSource(found, evaluator.declarations().declarationOf(name))
                : found;
    }

    private Map<String, Object> java(String code, String upToName, String name) {
        VarSnippet variable = evaluator.declarations().variable(name);
        boolean member =
                upToName.length() > name.length() && upToName.charAt(upToName.length() - name.length() - 1) == '.';
        if (variable != null && !member) {
            return evaluator.declarations().describe(variable);
        }
        List<SourceCodeAnalysis.Documentation> found = documentation(upToName);
        if (found.isEmpty() || isCalled(code, upToName.length())) {
            List<SourceCodeAnalysis.Documentation> calls = documentation(upToName + "(");
            found = calls.isEmpty() ? found : calls;
        }
        if (found.isEmpty() || name.isEmpty()) {
            int open = openParenthesis(upToName);
            found = found.isEmpty() && open >= 0 ? documentation(code.substring(0, open + 1)) : found;
        }
        return Documented.bundle(found);
    }

    private List<SourceCodeAnalysis.Documentation> documentation(String code) {
        String text = context(code).text();
        return evaluator.shell().sourceCodeAnalysis().documentation(text, text.length(), true);
    }

    private static boolean isCalled(String code, int end) {
        String rest = code.substring(end).stripLeading();
        return rest.startsWith("(");
    }

    /** The innermost parenthesis that is open at the end of a text, or -1. */
    private static int openParenthesis(String text) {
        int depth = 0;
        for (int i = text.length() - 1; i >= 0; i--) {
            char c = text.charAt(i);
            if (c == ')') {
                depth++;
            } else if (c == '(' && depth-- == 0) {
                return i;
            } else if (c == ';') {
                return -1;
            }
        }
        return -1;
    }

    /** Tells whether code can run as it is. */
    public Completeness completeness(String code) {
        String stripped = code.strip();
        MagicPlace magic = MagicRewriter.placeAtEnd(code.stripTrailing(), magics);
        if (stripped.startsWith("%%") && magic != null) {
            // Below a cell magic that is not Java a blank line ends the cell, as in IPython.
            boolean done = code.contains("\n")
                    && code.substring(code.lastIndexOf('\n')).isBlank();
            return new Completeness(done ? "complete" : "incomplete", "");
        }
        if (stripped.endsWith("\\")
                && stripped.substring(stripped.lastIndexOf('\n') + 1).contains("%")) {
            return new Completeness("incomplete", "");
        }
        return evaluator.locked(() -> evaluator.pieces().completeness(MagicRewriter.rewrite(code, magics)));
    }

    static Map<String, Object> ordered(String plain, String html) {
        Map<String, Object> bundle = new LinkedHashMap<>();
        bundle.put("text/plain", plain);
        bundle.put("text/html", html);
        return bundle;
    }
}
