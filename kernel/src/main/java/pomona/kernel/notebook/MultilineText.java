package pomona.kernel.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;

/** The notebook format's multi-line strings: one string, or a list of lines that keep their line ends. */
final class MultilineText {

    private MultilineText() {}

    static String join(JsonElement text) {
        if (text == null || text.isJsonNull()) {
            return "";
        }
        if (!text.isJsonArray()) {
            return text.getAsString();
        }
        StringBuilder joined = new StringBuilder();
        text.getAsJsonArray().forEach(line -> joined.append(line.getAsString()));
        return joined.toString();
    }

    static JsonArray split(String text) {
        JsonArray lines = new JsonArray();
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            int next = end < 0 ? text.length() : end + 1;
            lines.add(text.substring(start, next));
            start = next;
        }
        return lines;
    }

    /** What a terminal would show: a carriage return goes back to the start of the line, a backspace one place. */
    static String settle(String text) {
        if (text.indexOf('\r') < 0 && text.indexOf('\b') < 0) {
            return text;
        }
        StringBuilder settled = new StringBuilder(text.length());
        int lineStart = 0;
        int cursor = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                settled.append(c);
                lineStart = settled.length();
                cursor = lineStart;
            } else if (c == '\r') {
                cursor = lineStart;
            } else if (c == '\b') {
                cursor = Math.max(lineStart, cursor - 1);
            } else if (cursor < settled.length()) {
                settled.setCharAt(cursor++, c);
            } else {
                settled.append(c);
                cursor++;
            }
        }
        return settled.toString();
    }
}
