package pomona.kernel;

/** Finds the last character of code in Java text, past comments and with strings skipped. */
final class CodeEnd {

    private CodeEnd() {}

    /** The last character that is neither blank nor comment, or 0 when there is none. */
    static char lastCharacter(String java) {
        char last = 0;
        int at = 0;
        while (at < java.length()) {
            char c = java.charAt(at);
            if (java.startsWith("//", at)) {
                at = after(java, "\n", at);
            } else if (java.startsWith("/*", at)) {
                at = after(java, "*/", at + 2);
            } else if (java.startsWith("\"\"\"", at)) {
                last = c;
                at = afterQuoted(java, "\"\"\"", at);
            } else if (c == '"' || c == '\'') {
                last = c;
                at = afterQuoted(java, String.valueOf(c), at);
            } else {
                last = Character.isWhitespace(c) ? last : c;
                at++;
            }
        }
        return last;
    }

    /** Four blanks for each brace, bracket or parenthesis that is open at the end of a text. */
    static String indent(String java) {
        int depth = 0;
        int at = 0;
        while (at < java.length()) {
            char c = java.charAt(at);
            if (java.startsWith("//", at)) {
                at = after(java, "\n", at);
            } else if (java.startsWith("/*", at)) {
                at = after(java, "*/", at + 2);
            } else if (c == '"' || c == '\'') {
                at = afterQuoted(java, java.startsWith("\"\"\"", at) ? "\"\"\"" : String.valueOf(c), at);
            } else {
                depth += "({[".indexOf(c) >= 0 ? 1 : ")}]".indexOf(c) >= 0 ? -1 : 0;
                at++;
            }
        }
        return "    ".repeat(Math.max(0, depth));
    }

    /** The position after a quoted stretch that begins at a position; a one-line quote ends with its line. */
    static int afterQuoted(String java, String quote, int start) {
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
    static int after(String java, String mark, int from) {
        int found = java.indexOf(mark, from);
        return found < 0 ? java.length() : found + mark.length();
    }
}
