package pomona.kernel.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import pomona.kernel.protocol.HistoryFile.Entry;

/** The cells of this session and of those before it, for the front end's search and arrow keys. */
final class History {

    private static final int LONGEST_OUTPUT = 2000;
    private static final int MOST_OWN = 10_000;
    private static final long PATIENCE_MILLIS = 200;

    /** Null when no file is kept. */
    private final HistoryFile file;

    private final List<Entry> own = new ArrayList<>();
    private ExecutorService writer;
    private final List<Future<?>> pending = new ArrayList<>();

    History(HistoryFile file) {
        this.file = file;
    }

    /** Adds a cell that has run; the file is written beside the next one. */
    synchronized void add(int line, String source, String output) {
        String text = output == null || output.length() <= LONGEST_OUTPUT
                ? output
                : output.substring(0, LONGEST_OUTPUT) + "...";
        own.add(new Entry(0, line, source, text));
        if (own.size() > MOST_OWN) {
            own.remove(0);
        }
        if (file == null) {
            return;
        }
        if (writer == null) {
            writer = Executors.newSingleThreadExecutor(History::daemon);
        }
        pending.removeIf(Future::isDone);
        pending.add(writer.submit(() -> write(line, source, text)));
    }

    private void write(int line, String source, String output) {
        try {
            file.add(line, source, output);
        } catch (IOException e) {
            // A home that can not be written to is usual in containers; the session's own history works without.
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "history");
        thread.setDaemon(true);
        return thread;
    }

    /** Waits a moment for what is not yet written. */
    synchronized void flush() {
        for (Future<?> one : pending) {
            try {
                one.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (ExecutionException | TimeoutException e) {
                return;
            }
        }
    }

    /** Answers a history request. */
    synchronized JsonObject reply(WireMessage request) {
        List<Entry> all = all();
        List<Entry> found =
                switch (request.text("hist_access_type", "tail")) {
                    case "range" -> range(request, all);
                    case "search" -> search(request, all);
                    default -> last(all, request.number("n", all.size()));
                };
        boolean withOutput = request.flag("output", false);
        JsonArray history = new JsonArray();
        found.forEach(entry -> history.add(tuple(entry, withOutput)));
        JsonObject content = new JsonObject();
        content.addProperty("status", "ok");
        content.add("history", history);
        return content;
    }

    /** Session, line, and the source; or a pair of source and output. */
    private static JsonArray tuple(Entry entry, boolean withOutput) {
        JsonArray tuple = new JsonArray();
        tuple.add(entry.session());
        tuple.add(entry.line());
        if (withOutput) {
            JsonArray pair = new JsonArray();
            pair.add(entry.source());
            if (entry.output() == null) {
                pair.add(JsonNull.INSTANCE);
            } else {
                pair.add(entry.output());
            }
            tuple.add(pair);
        } else {
            tuple.add(entry.source());
        }
        return tuple;
    }

    /** The earlier sessions from the file, then this one, which may not be written yet. */
    private List<Entry> all() {
        List<Entry> all = new ArrayList<>();
        int number = 1;
        if (file != null) {
            flush();
            try {
                List<Entry> written = file.read();
                int last = written.stream().mapToInt(Entry::session).max().orElse(0);
                number = file.session() == 0 ? last + 1 : file.session();
                for (Entry entry : written) {
                    if (entry.session() != number) {
                        all.add(entry);
                    }
                }
            } catch (IOException e) {
                all.clear();
            }
        }
        for (Entry entry : own) {
            all.add(new Entry(number, entry.line(), entry.source(), entry.output()));
        }
        return all;
    }

    /** Lines of one session: 0 or the number of this one, an earlier one, or below 0 one counted back from this. */
    private List<Entry> range(WireMessage request, List<Entry> all) {
        int start = request.number("start", 1);
        int stop = request.number("stop", Integer.MAX_VALUE);
        int wanted = request.number("session", 0);
        List<Integer> earlier = all.subList(0, all.size() - own.size()).stream()
                .map(Entry::session)
                .distinct()
                .toList();
        int current = own.isEmpty() ? -1 : all.get(all.size() - 1).session();
        int session = wanted > 0
                ? wanted
                : wanted == 0 ? current : earlier.size() + wanted < 0 ? -1 : earlier.get(earlier.size() + wanted);
        return all.stream()
                .filter(entry -> entry.session() == session)
                .filter(entry -> entry.line() >= start && entry.line() < stop)
                .toList();
    }

    private static List<Entry> search(WireMessage request, List<Entry> all) {
        Pattern pattern = glob(request.text("pattern", "*"));
        List<Entry> found = all.stream()
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

    /** A pattern in which a star stands for any text, a question mark for any character, and brackets for one of some. */
    private static Pattern glob(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int close = c == '[' ? text.indexOf(']', i + 2) : -1;
            if (close > 0) {
                String inside =
                        text.substring(i + 1, close).replace("\\", "\\\\").replace("[", "\\[");
                out.append('[').append(inside.replace("&&", "&\\&")).append(']');
                i = close;
            } else {
                out.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(out.toString(), Pattern.DOTALL);
    }
}
