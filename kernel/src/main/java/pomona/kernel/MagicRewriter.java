package pomona.kernel;

import java.util.List;
import pomona.kernel.magic.KernelMagic;

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
    /** The magic whose line goes up to the end of the text, or null. */
    private MagicPlace place;
    /** Where a timed line ends that needs a semicolon, or -1. */
    private int semicolonAt = -1;
    /** How many braces, brackets and parentheses are open. */
    private int depth;

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
        return rewrite(source, known, null);
    }

    /** Rewrites a file's text; its title stands for the cell in errors. */
    static CellText rewrite(String source, KnownMagics known, String title) {
        MagicRewriter rewriter = new MagicRewriter(source, known);
        rewriter.out.title(title);
        int first = rewriter.firstCode();
        if (isMagic(source, first, "%%")) {
            return rewriter.cellMagic(first);
        }
        rewriter.scan();
        return rewriter.out.build();
    }

    /** The magic that a text ends in, or null; in Java below a cell magic, that of its last line. */
    static MagicPlace placeAtEnd(String text, KnownMagics known) {
        MagicRewriter rewriter = new MagicRewriter(text, known);
        int first = rewriter.firstCode();
        if (text.startsWith("%%", first)) {
            int lineEnd = text.indexOf('\n', first);
            if (lineEnd < 0) {
                return new MagicPlace(false, first + 2, false);
            }
            String name = text.substring(first + 2, first + 2 + MagicLine.nameEnd(text.substring(first + 2)));
            KernelMagic.Kind kind = known.kind(name, false);
            if (kind != KernelMagic.Kind.TIMED && kind != KernelMagic.Kind.JAVA) {
                return new MagicPlace(false, first + 2, true);
            }
            rewriter.at = lineEnd + 1;
            rewriter.copied = lineEnd + 1;
        }
        rewriter.scan();
        return rewriter.place;
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
        if (known.kind(magic.name(), false) == KernelMagic.Kind.TIMED
                && magic.arguments().isEmpty()
                && !body.isBlank()) {
            at = lineEnd + 1;
            copied = at;
            scan();
            return out.build().timedAsWhole();
        }
        if (shown) {
            out.markBareMagic();
        }
        return out.generate(call(magic, false, body, shown) + (shown ? "" : ";"), start)
                .build();
    }

    private void scan() {
        while (at < source.length()) {
            if (at == semicolonAt) {
                out.copy(copied, at).generate(";", at);
                copied = at;
                last = ';';
            }
            char c = source.charAt(at);
            int next = CodeEnd.afterCommentOrQuote(source, at);
            if (next == at && c == '%' && startsHere() && isMagic(source, at, "%")) {
                lineMagic();
                continue;
            }
            if (next == at && c == '%' && startsHere() && at == source.length() - 1) {
                place = new MagicPlace(true, at + 1, false);
            }
            boolean isComment = next > at && c == '/';
            last = isComment || Character.isWhitespace(c) ? last : c;
            if (next == at) {
                depth += "({[".indexOf(c) >= 0 ? 1 : ")}]".indexOf(c) >= 0 ? -1 : 0;
            }
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
        boolean assigned = last == '=';
        int nameEnd = MagicLine.nameEnd(text);
        int code = at + 1 + nameEnd;
        while (code < end && Character.isWhitespace(source.charAt(code))) {
            code++;
        }
        KernelMagic.Kind kind = known.kind(text.substring(0, nameEnd), true);
        if (kind == KernelMagic.Kind.TIMED && code < end && !source.startsWith("-", code)) {
            timed(code, end, assigned);
            return;
        }
        place = end == source.length() ? new MagicPlace(true, at + 1, false) : null;
        MagicLine magic = kind == KernelMagic.Kind.JAVA || kind == KernelMagic.Kind.SHELL
                ? codeLine(text, kind, source.substring(code, Math.max(code, end)), code, assigned)
                : MagicLine.parse(text);
        out.copy(copied, at);
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

    /** Leaves the mark out, and notes where the code that it stands before begins. */
    private void timed(int code, int end, boolean assigned) {
        out.copy(copied, at);
        if (depth == 0) {
            out.markTimed();
            at = code;
            copied = code;
            semicolonAt = endsStatement(source.substring(code, end)) && goesOn(end) ? end : -1;
            return;
        }
        // Within a block no snippet of its own begins here, so the code is called with a clock around it.
        String rest = source.substring(code, end).stripTrailing();
        int stop = code + (rest.endsWith(";") ? rest.length() - 1 : rest.length());
        out.generate("pomona.kernel.CellRuntime.time(() -> " + (assigned ? "" : "{ "), code)
                .copy(code, stop)
                .generate(assigned ? ");" : "; });", stop);
        at = end;
        copied = end;
        last = ';';
    }

    /** Whether a line is a whole statement but for its semicolon. */
    private static boolean endsStatement(String line) {
        char end = CodeEnd.lastCharacter(line);
        return CodeEnd.indent(line).isEmpty()
                && (Character.isJavaIdentifierPart(end) || end == ')' || end == ']' || end == '"' || end == '\'');
    }

    /** Whether code follows that does not go on with a call chain. */
    private boolean goesOn(int end) {
        String rest = source.substring(end).stripLeading();
        return !rest.isEmpty() && rest.charAt(0) != '.';
    }

    /** A magic that takes the line's text, where it begins in the cell, and whether its value is assigned. */
    private static MagicLine codeLine(String text, KernelMagic.Kind kind, String code, int position, boolean assigned) {
        String name = text.substring(0, MagicLine.nameEnd(text));
        boolean isJava = kind == KernelMagic.Kind.JAVA;
        String joined = code.replaceAll("\\\\[ \\t\\r]*\\n", " ").strip();
        return new MagicLine(
                name,
                List.of(
                        isJava ? MagicLine.literal(joined) : ShellText.expression(joined),
                        MagicLine.literal(String.valueOf(position)),
                        MagicLine.literal(assigned ? "=" : "")),
                false);
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
