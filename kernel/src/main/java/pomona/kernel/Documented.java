package pomona.kernel;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.SourceCodeAnalysis;

/** Signatures and Javadoc as plain text and as HTML. */
final class Documented {

    private static final int MAX_OVERLOADS = 8;
    private static final Pattern INLINE = Pattern.compile("\\{@(\\w+)\\s*([^{}]*)}");

    private Documented() {}

    static Map<String, Object> bundle(List<SourceCodeAnalysis.Documentation> found) {
        if (found.isEmpty()) {
            return Map.of();
        }
        StringBuilder plain = new StringBuilder();
        StringBuilder html = new StringBuilder();
        // Many overloads: their signatures, and the Javadoc of the first that has some.
        boolean told = false;
        for (SourceCodeAnalysis.Documentation one : found.subList(0, Math.min(MAX_OVERLOADS, found.size()))) {
            String javadoc = one.javadoc() == null || told ? "" : one.javadoc();
            told |= !javadoc.isBlank();
            Map<String, Object> single = bundle(one.signature(), javadoc);
            plain.append(plain.isEmpty() ? "" : "\n").append(single.get("text/plain"));
            html.append(single.get("text/html"));
        }
        return CodeAssistant.ordered(plain.toString(), html.toString());
    }

    static Map<String, Object> bundle(String signature, String javadoc) {
        String html = javadocHtml(javadoc);
        String plain = plain(html);
        return CodeAssistant.ordered(
                plain.isEmpty() ? signature : signature + "\n" + plain,
                "<pre><code>" + escape(signature) + "</code></pre>" + html);
    }

    /** A signature, and a text that keeps its lines. */
    static Map<String, Object> plain(String signature, String text) {
        return CodeAssistant.ordered(
                text.isEmpty() ? signature : signature + "\n" + text,
                "<pre><code>" + escape(signature) + "</code></pre>"
                        + (text.isEmpty() ? "" : "<pre>" + escape(text) + "</pre>"));
    }

    /** What was found with the source of a declaration below it, if there is one. */
    static Map<String, Object> withSource(Map<String, Object> found, String source) {
        if (source == null) {
            return found;
        }
        Map<String, Object> more = plain("Source:", source.strip());
        return found.isEmpty()
                ? more
                : CodeAssistant.ordered(
                        found.get("text/plain") + "\n" + more.get("text/plain"),
                        String.valueOf(found.get("text/html")) + more.get("text/html"));
    }

    /** Javadoc is HTML but for its tags. */
    private static String javadocHtml(String javadoc) {
        String text = javadoc;
        for (String before = ""; !before.equals(text); ) {
            before = text;
            text = INLINE.matcher(text)
                    .replaceAll(match -> Matcher.quoteReplacement(
                            inline(match.group(1), match.group(2).strip())));
        }
        return text.replaceAll("(?m)^\\s*@(param|throws|exception)\\s+(\\S+)\\s+", "<br><i>$1</i> <code>$2</code>: ")
                .replaceAll("(?m)^\\s*@(return|since|see|author|deprecated|apiNote|implNote)\\b\\s*", "<br><i>$1</i>: ")
                .strip();
    }

    private static String inline(String tag, String text) {
        return switch (tag) {
            case "code", "literal" -> "<code>" + escape(text) + "</code>";
            case "link", "linkplain" -> "<code>" + escape(label(text)) + "</code>";
            case "value", "systemProperty" -> "<code>" + escape(text) + "</code>";
            default -> "inheritDoc".equals(tag) ? "" : escape(text);
        };
    }

    private static String label(String link) {
        int blank = link.indexOf(") ") >= 0 ? link.indexOf(") ") + 1 : link.indexOf('(') >= 0 ? -1 : link.indexOf(' ');
        String label = blank > 0 ? link.substring(blank).strip() : link;
        return label.startsWith("#") ? label.substring(1) : label.replace('#', '.');
    }

    private static String plain(String html) {
        return html.replaceAll("(?i)<br>|<p>|</p>|<li>|</pre>", "\n")
                .replaceAll("</?[a-zA-Z][^>]*>", "")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&nbsp;", " ")
                .replace("&amp;", "&")
                .replaceAll("(?m)^[ \\t]+", "")
                .replaceAll("\\n{3,}", "\n\n")
                .strip();
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
