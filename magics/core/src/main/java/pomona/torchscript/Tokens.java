package pomona.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words and signs of one line of code. */
final class Tokens {

    private static final Pattern TOKEN =
            Pattern.compile("\\s*(?:(?<number>\\d[\\w.]*(?:(?<=[eE])[+-]\\d+)?|\\.\\d[\\w.]*)"
                    + "|(?<word>[A-Za-z_][A-Za-z_0-9]*)|(?<text>\"(?:[^\"\\\\]|\\\\.)*+\"|'(?:[^'\\\\]|\\\\.)*+')"
                    + "|(?<sign>->|\\*\\*|==|!=|<=|>=|//|[-+*/%<>=()\\[\\]{},.:@]))");

    private final String file;
    private final int line;
    private final List<String> all = new ArrayList<>();
    private int at;

    Tokens(String file, int line, String text) {
        this.file = file;
        this.line = line;
        Matcher matcher = TOKEN.matcher(text);
        int end = text.stripTrailing().length();
        for (int from = 0; from < end; from = matcher.end()) {
            if (!matcher.region(from, end).lookingAt()) {
                throw refusal("the text "
                        + text.substring(from, Math.min(end, from + 20)).strip() + " is not understood.");
            }
            all.add(matcher.group().strip());
        }
    }

    int line() {
        return line;
    }

    /** The next one, or the empty text at the end. */
    String peek() {
        return peek(0);
    }

    String peek(int ahead) {
        return at + ahead < all.size() ? all.get(at + ahead) : "";
    }

    String next() {
        String token = peek();
        at++;
        return token;
    }

    boolean skip(String token) {
        boolean there = peek().equals(token);
        at += there ? 1 : 0;
        return there;
    }

    void expect(String token) {
        if (!skip(token)) {
            throw refusal("there should be " + token + " where there is "
                    + (peek().isEmpty() ? "the end of the line." : peek() + "."));
        }
    }

    boolean isEnd() {
        return at >= all.size();
    }

    Refusal refusal(String why) {
        return Refusal.at(file, line, why);
    }
}
