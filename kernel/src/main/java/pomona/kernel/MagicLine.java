package pomona.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * The name and arguments of one magic, split as a shell splits them.
 *
 * <p>Quotes keep blanks; a backslash keeps the next character outside single quotes; {@code {expression}} outside single
 * quotes stands for a Java value. A part that starts with {@code //} ends the line, and so does a last semicolon.
 */
record MagicLine(String name, List<String> arguments, boolean semicolon) {

    MagicLine {
        arguments = List.copyOf(arguments);
    }

    /**
     * Splits a magic's text.
     *
     * @param text the text after the percent signs, without a line end
     * @return the name and each argument as a Java expression of type String
     */
    static MagicLine parse(String text) {
        int end = nameEnd(text);
        Splitter splitter = new Splitter(text, end);
        splitter.split();
        return new MagicLine(text.substring(0, end), splitter.arguments, splitter.semicolon);
    }

    /** Where the name that a text begins with ends. */
    static int nameEnd(String text) {
        int end = 0;
        while (end < text.length() && isNamePart(text.charAt(end))) {
            end++;
        }
        return end;
    }

    static boolean isNamePart(char c) {
        return Character.isJavaIdentifierPart(c) || c == '-' || c == '.';
    }

    /** The brace that closes the one at a position, or -1. */
    static int closing(String text, int open) {
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\'') {
                int close = text.indexOf(c, i + 1);
                i = close < 0 ? text.length() : close;
            } else if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return i;
            }
        }
        return -1;
    }

    /** A Java string literal. */
    static String literal(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.append('"').toString();
    }

    private static final class Splitter {

        private final String text;
        private final List<String> arguments = new ArrayList<>();
        private final List<String> parts = new ArrayList<>();
        private final StringBuilder word = new StringBuilder();
        private boolean inWord;
        private boolean semicolon;
        private int at;

        Splitter(String text, int from) {
            this.text = text;
            this.at = from;
        }

        void split() {
            char quote = 0;
            while (at < text.length()) {
                char c = text.charAt(at);
                if (quote == 0 && Character.isWhitespace(c)) {
                    endWord();
                } else if (quote == 0 && !inWord && text.startsWith("//", at)) {
                    break;
                } else if (quote == 0 && c == ';' && restIsEmpty(at + 1)) {
                    semicolon = true;
                    break;
                } else if (quote == 0 && (c == '"' || c == '\'')) {
                    quote = c;
                    inWord = true;
                } else if (c == quote) {
                    quote = 0;
                } else {
                    takeCharacter(c, quote);
                }
                at++;
            }
            endWord();
        }

        private void takeCharacter(char c, char quote) {
            inWord = true;
            if (c == '\\' && quote != '\'' && at + 1 < text.length()) {
                word.append(text.charAt(++at));
            } else if (c == '{' && quote != '\'' && closing(at) > at + 1) {
                int end = closing(at);
                endPart();
                parts.add("pomona.kernel.CellRuntime.argument(" + text.substring(at + 1, end) + ")");
                at = end;
            } else {
                word.append(c);
            }
        }

        private boolean restIsEmpty(int from) {
            String rest = text.substring(from).strip();
            return rest.isEmpty() || rest.startsWith("//");
        }

        private int closing(int open) {
            return MagicLine.closing(text, open);
        }

        private void endPart() {
            if (word.length() > 0) {
                parts.add(literal(word.toString()));
                word.setLength(0);
            }
        }

        private void endWord() {
            if (!inWord) {
                return;
            }
            endPart();
            arguments.add(parts.isEmpty() ? "\"\"" : String.join(" + ", parts));
            parts.clear();
            inWord = false;
        }
    }
}
