package pomona.kernel.notebook;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Java source to HTML with a light touch of colour: comments, strings, numbers, keywords, types, magics. */
final class JavaHtml {

    private static final Pattern TOKEN = Pattern.compile("(?<comment>//[^\\n]*+|/\\*(?s:.*?)\\*/)"
            + "|(?<string>\"\"\"(?s:.*?)\"\"\"|\"(?:[^\"\\\\\\n]++|\\\\.)*+\"|'(?:[^'\\\\\\n]++|\\\\.)*+')"
            + "|(?<magic>(?<=^|\\n|= )%%?[A-Za-z]\\w*+)"
            + "|(?<annotation>@[A-Za-z]\\w*+)"
            + "|(?<number>\\b\\d[\\w.]*+)"
            + "|(?<word>\\b[A-Za-z_$][\\w$]*+)");

    private static final Set<String> KEYWORDS = Set.of(
            ("abstract assert boolean break byte case catch char class continue default do double else enum extends"
                            + " false final finally float for if implements import instanceof int interface long new"
                            + " null package permits private protected public record return sealed short static super"
                            + " switch synchronized this throw throws true try var void volatile while yield")
                    .split(" "));

    private JavaHtml() {}

    static String of(String source) {
        StringBuilder html = new StringBuilder();
        Matcher token = TOKEN.matcher(source);
        int from = 0;
        while (token.find()) {
            html.append(Html.escape(source.substring(from, token.start())));
            String kind = kind(token);
            String text = Html.escape(token.group());
            html.append(kind == null ? text : "<span class=\"" + kind + "\">" + text + "</span>");
            from = token.end();
        }
        return html.append(Html.escape(source.substring(from))).toString();
    }

    private static String kind(Matcher token) {
        String word = token.group("word");
        if (word != null) {
            return KEYWORDS.contains(word) ? "kw" : Character.isUpperCase(word.charAt(0)) ? "ty" : null;
        }
        if (token.group("comment") != null) {
            return "co";
        }
        if (token.group("string") != null) {
            return "st";
        }
        if (token.group("number") != null) {
            return "nu";
        }
        return token.group("magic") != null ? "ma" : "an";
    }
}
