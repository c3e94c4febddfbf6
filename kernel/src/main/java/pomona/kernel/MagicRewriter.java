package pomona.kernel;

/**
 * Turns the magics of a cell into Java calls, and only where a statement, or the value of an assignment, can start:
 * text in strings, text blocks, comments and after an operand stays as it is.
 */
final class MagicRewriter {

    private static final String STATICS = "org.dflib.jjava.jupyter.kernel.BaseNotebookStatics.";

    private final String source;
    private final KnownMagics known;
    private final CellText.Builder out;
    private int at;
    private int copied;
    /** The last character of code that was passed, 0 at the start. */
    private char last;

    private MagicRewriter(String source, KnownMagics known) {
        this.source = source;
        this.known = known;
        this.out = new CellText.Builder(source);
    }

    /**
     * Rewrites a cell.
     *
     * @param source the cell as written
     * @param known gives the types that magics return
     * @return the Java text with its positions
     */
    static CellText rewrite(String source, KnownMagics known) {
        MagicRewriter rewriter = new MagicRewriter(source, known);
        int first = rewriter.firstCode();
        if (isMagic(source, first, "%%")) {
            return rewriter.cellMagic(first);
        }
        rewriter.scan();
        return rewriter.out.build();
    }

    /** Whether a magic with the given mark stands at a position: the mark, then at once a name. */
    private static boolean isMagic(String text, int at, String mark) {
        int name = at + mark.length();
        return text.startsWith(mark, at) && name < text.length() && Character.isJavaIdentifierStart(text.charAt(name));
    }

    private int firstCode() {
        int i = 0;
        while (i < source.length() && Character.isWhitespace(source.charAt(i))) {
            i++;
        }
        return i;
    }

    private CellText cellMagic(int start) {
        int lineEnd = source.indexOf('\n', start);
        String head = source.substring(start + 2, lineEnd < 0 ? source.length() : lineEnd);
        String body = lineEnd < 0 ? "" : source.substring(lineEnd + 1);
        MagicLine magic = MagicLine.parse(head);
        boolean shown = !magic.semicolon();
        if (shown) {
            out.markBareMagic();
        }
        return out.generate(call(magic, false, body, shown) + (shown ? "" : ";"), start)
                .build();
    }

    private void scan() {
        while (at < source.length()) {
            char c = source.charAt(at);
            int next = CodeEnd.afterCommentOrQuote(source, at);
            if (next == at && c == '%' && startsHere() && isMagic(source, at, "%")) {
                lineMagic();
                continue;
            }
            boolean isComment = next > at && c == '/';
            last = isComment || Character.isWhitespace(c) ? last : c;
            at = Math.max(next, at + 1);
        }
        out.copy(copied, source.length());
    }

    /** After an equals sign a percent sign can only be a magic; else it must be where a statement starts. */
    private boolean startsHere() {
        return last == 0 || last == ';' || last == '{' || last == '}' || last == '=';
    }

    private void lineMagic() {
        int end = source.indexOf('\n', at);
        end = end < 0 ? source.length() : end;
        while (end < source.length()
                && source.substring(at, end).stripTrailing().endsWith("\\")) {
            int next = source.indexOf('\n', end + 1);
            end = next < 0 ? source.length() : next;
        }
        String text = source.substring(at + 1, end).replaceAll("\\\\[ \\t\\r]*\\n", " ");
        MagicLine magic = MagicLine.parse(text);
        out.copy(copied, at);
        boolean assigned = last == '=';
        boolean shown = !assigned && !magic.semicolon() && source.substring(end).isBlank();
        if (shown) {
            out.markBareMagic();
        }
        // A cast makes no statement, so a magic in between is called without one.
        out.generate(call(magic, true, null, assigned || shown) + (shown ? "" : ";"), at);
        at = end;
        copied = end;
        last = ';';
    }

    private String call(MagicLine magic, boolean line, String body, boolean cast) {
        String arguments = magic.arguments().isEmpty()
                ? "java.util.List.<String>of()"
                : "java.util.Arrays.<String>asList(" + String.join(", ", magic.arguments()) + ")";
        String name = MagicLine.literal(magic.name());
        String call = STATICS
                + (line
                        ? "lineMagic(" + name + ", " + arguments + ")"
                        : "cellMagic(" + name + ", " + arguments + ", " + MagicLine.literal(body) + ")");
        String type = cast ? known.returnType(magic.name(), line) : null;
        return type == null ? call : "((" + type + ") " + call + ")";
    }
}
