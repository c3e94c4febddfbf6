package pomona.kernel.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The cells of this session, for the front end's search and arrow keys. */
final class History {

    private record Entry(int line, String source) {}

    private final List<Entry> entries = new ArrayList<>();

    void add(int line, String source) {
        entries.add(new Entry(line, source));
    }

    /** Answers a history request. */
    JsonObject reply(WireMessage request) {
        List<Entry> found =
                switch (request.text("hist_access_type", "tail")) {
                    case "range" -> range(request);
                    case "search" -> search(request);
                    default -> last(entries, request.number("n", entries.size()));
                };
        boolean withOutput = request.flag("output", false);
        JsonArray history = new JsonArray();
        for (Entry entry : found) {
            JsonArray tuple = new JsonArray();
            tuple.add(0);
            tuple.add(entry.line());
            if (withOutput) {
                JsonArray pair = new JsonArray();
                pair.add(entry.source());
                pair.add(JsonNull.INSTANCE);
                tuple.add(pair);
            } else {
                tuple.add(entry.source());
            }
            history.add(tuple);
        }
        JsonObject content = new JsonObject();
        content.addProperty("status", "ok");
        content.add("history", history);
        return content;
    }

    private List<Entry> range(WireMessage request) {
        int start = request.number("start", 1);
        int stop = request.number("stop", Integer.MAX_VALUE);
        return request.number("session", 0) != 0
                ? List.of()
                : entries.stream()
                        .filter(entry -> entry.line() >= start && entry.line() < stop)
                        .toList();
    }

    private List<Entry> search(WireMessage request) {
        Pattern pattern = glob(request.text("pattern", "*"));
        List<Entry> found = entries.stream()
                .filter(entry -> pattern.matcher(entry.source()).matches())
                .toList();
        if (request.flag("unique", false)) {
            Map<String, Entry> latest = new LinkedHashMap<>();
            for (Entry entry : found) {
                latest.remove(entry.source());
                latest.put(entry.source(), entry);
            }
            found = List.copyOf(latest.values());
        }
        return last(found, request.number("n", found.size()));
    }

    private static List<Entry> last(List<Entry> all, int count) {
        return all.subList(Math.max(0, all.size() - Math.max(0, count)), all.size());
    }

    /** A pattern in which a star stands for any text and a question mark for any character. */
    private static Pattern glob(String text) {
        StringBuilder out = new StringBuilder();
        for (char c : text.toCharArray()) {
            out.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
        }
        return Pattern.compile(out.toString(), Pattern.DOTALL);
    }
}
