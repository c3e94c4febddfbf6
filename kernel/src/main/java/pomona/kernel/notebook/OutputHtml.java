package pomona.kernel.notebook;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One output of a code cell to HTML, in the richest form the page can show. */
final class OutputHtml {

    private static final List<String> RICHEST_FIRST = List.of(
            "text/html",
            "image/svg+xml",
            "image/png",
            "image/jpeg",
            "image/gif",
            "image/webp",
            "text/markdown",
            "application/javascript",
            "text/latex",
            "application/json",
            "text/plain");

    private static final Pattern SCRIPT = Pattern.compile("(?is)<script\\b[^>]*>(.*?)</script>");

    /** A script this long is a library: once in the page is enough. */
    private static final int LIBRARY = 50_000;

    private final MarkdownHtml markdown;
    private final Set<String> libraries = new HashSet<>();

    OutputHtml(MarkdownHtml markdown) {
        this.markdown = markdown;
    }

    String of(JsonObject output) {
        String type = output.get("output_type").getAsString();
        return switch (type) {
            case "stream" -> stream(output);
            case "error" -> error(output);
            default -> data(output.getAsJsonObject("data"));
        };
    }

    private static String stream(JsonObject output) {
        String kind = "stderr".equals(output.get("name").getAsString()) ? "stream stderr" : "stream";
        return pre(kind, MultilineText.settle(MultilineText.join(output.get("text"))));
    }

    private static String error(JsonObject output) {
        StringBuilder traceback = new StringBuilder();
        output.getAsJsonArray("traceback")
                .forEach(line -> traceback.append(line.getAsString()).append('\n'));
        String text = traceback.isEmpty()
                ? output.get("ename").getAsString() + ": "
                        + output.get("evalue").getAsString()
                : traceback.toString();
        return pre("error", text);
    }

    private static String pre(String kind, String text) {
        return "<pre class=\"" + kind + "\">" + AnsiHtml.of(text.stripTrailing()) + "</pre>\n";
    }

    private String data(JsonObject data) {
        if (data == null) {
            return "";
        }
        for (String mime : RICHEST_FIRST) {
            if (data.has(mime)) {
                return rich(mime, data.get(mime));
            }
        }
        return "";
    }

    private String rich(String mime, JsonElement value) {
        return switch (mime) {
            case "text/html" -> "<section class=\"rich\">" + onceEach(MultilineText.join(value)) + "</section>\n";
            case "image/svg+xml" -> "<section class=\"rich\">" + MultilineText.join(value) + "</section>\n";
            case "text/markdown" ->
                "<section class=\"rich\">" + markdown.of(MultilineText.join(value), new JsonObject()) + "</section>\n";
            case "application/javascript" -> "<script>" + MultilineText.join(value) + "</script>\n";
            case "application/json" -> pre("result", value.toString());
            case "text/plain", "text/latex" -> pre("result", MultilineText.join(value));
            default ->
                "<img alt=\"\" src=\"data:" + mime + ";base64,"
                        + MultilineText.join(value).replaceAll("\\s", "") + "\">\n";
        };
    }

    /** Leaves out libraries that an earlier output of the page has brought. */
    private String onceEach(String html) {
        Matcher script = SCRIPT.matcher(html);
        StringBuilder kept = new StringBuilder();
        int from = 0;
        while (script.find()) {
            boolean repeated = script.group(1).length() >= LIBRARY && !libraries.add(script.group(1));
            kept.append(html, from, repeated ? script.start() : script.end());
            from = script.end();
        }
        return kept.append(html.substring(from)).toString();
    }
}
