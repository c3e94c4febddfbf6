package pomona.kernel;

/** Goes through Java text with its comments and quotes skipped. */
final class CodeEnd {

    private CodeEnd() {}

    /** The last character that is neither blank nor comment, or 0 when there is none. */
    static char lastCharacter(String java) {
        char last = 0;
        int at = 0;
        while (at < java.length()) {
            char c = java.charAt(at);
            int next = afterCommentOrQuote(java, at);
            boolean isComment = next > at && c == '/';
            last = isComment || Character.isWhitespace(c) ? last : c;
            at = Math.max(next, at + 1);
        }
        return last;
    }

    /** Four blanks for each brace, bracket or parenthesis that is open at the end of a text. */
    static String indent(String java) {
        int depth = 0;
        int at = 0;
        while (at < java.length()) {
            char c = java.charAt(at);
            int next = afterCommentOrQuote(java, at);
            if (next == at) {
                depth += "({[".indexOf(c) >= 0 ? 1 : ")}]".indexOf(c) >= 0 ? -1 : 0;
            }
            at = Math.max(next, at + 1);
        }
        return "    ".repeat(Math.max(0, depth));
    }

    /** Whether a comment of several lines is open at the end. */
    static boolean isInComment(String java) {
        int at = 0;
        while (at < java.length()) {
            if (java.startsWith("/*", at) && java.indexOf("*/", at + 2) < 0) {
                return true;
            }
            at = Math.max(afterCommentOrQuote(java, at), at + 1);
        }
        return false;
    }

    /** Where the text of a one-line string begins that is open at the end, or -1. */
    static int openString(String java) {
        int at = 0;
        while (at < java.length()) {
            boolean string = java.charAt(at) == '"' && !java.startsWith("\"\"\"", at);
            int next = afterCommentOrQuote(java, at);
            if (string && next >= java.length()) {
                String inside = java.substring(at + 1);
                boolean closed = inside.replace("\\\\", "").replace("\\\"", "").endsWith("\"");
                return closed || inside.contains("\n") ? -1 : at + 1;
            }
            at = Math.max(next, at + 1);
        }
        return -1;
    }

    /** The position after the comment or quote that begins at a position; the position itself where there is none. */
    static int afterCommentOrQuote(String java, int at) {
        if (java.startsWith("//", at)) {
            return after(java, "\n", at);
        } else if (java.startsWith("/*", at)) {
            return after(java, "*/", at + 2);
        } else if (java.startsWith("\"\"\"", at)) {
            return afterQuoted(java, "\"\"\"", at);
        }
        char c = java.charAt(at);
        return c == '"' || c == '\'' ? afterQuoted(java, String.valueOf(c), at) : at;
    }

    /** The position after a quoted stretch that begins at a position; a one-line quote ends with its line. */
    private static int afterQuoted(String java, String quote, int start) {
        int at = start + quote.length();
        while (at < java.length() && !java.startsWith(quote, at)) {
            if (quote.length() == 1 && java.charAt(at) == '\n') {
                return at;
            }
            at += java.charAt(at) == '\\' ? 2 : 1;
        }
        return Math.min(java.length(), at + quote.length());
    }

    /** The position after the next occurrence of a mark, or the end of the text. */
    private static int after(String java, String mark, int from) {
        int found = java.indexOf(mark, from);
        return found < 0 ? java.length() : found + mark.length();
    }
}
