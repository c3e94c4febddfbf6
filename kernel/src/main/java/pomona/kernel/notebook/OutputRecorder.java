package pomona.kernel.notebook;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pomona.kernel.CellOutputs;

/**
 * Records the outputs of one cell as nbformat says: neighbouring streams merged, displays updated in place, clears
 * honoured. Every output is passed on to a second listener as well.
 */
final class OutputRecorder implements CellOutputs {

    private static final Gson GSON = new Gson();

    /** The displays of a whole notebook by their id: an update may come from a later cell. */
    static final class Displays {
        private final Map<String, List<JsonObject>> byId = new HashMap<>();
    }

    private final JsonArray outputs = new JsonArray();
    private final Displays displays;
    private final CellOutputs next;
    private JsonObject openStream;
    private StringBuilder openText;
    private boolean clearBeforeNext;
    private volatile String lastError;

    OutputRecorder(Displays displays, CellOutputs next) {
        this.displays = displays;
        this.next = next;
    }

    /** Makes the outputs recorded so far those of the cell; the caller holds the lock of the displays. */
    void copyTo(Cell cell) {
        flush();
        cell.setOutputs(outputs);
    }

    /** The cell's last error in one line, or null. */
    String lastError() {
        return lastError;
    }

    @Override
    public void stream(String name, String text) {
        if (text.isEmpty()) {
            return;
        }
        synchronized (displays) {
            clearIfDue();
            if (openStream == null || !name.equals(openStream.get("name").getAsString())) {
                closeStream();
                openStream = output("stream");
                openStream.addProperty("name", name);
                openText = new StringBuilder();
            }
            openText.append(text);
        }
        next.stream(name, text);
    }

    @Override
    public void display(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {
        synchronized (displays) {
            clearIfDue();
            closeStream();
            JsonObject display = output("display_data");
            fill(display, bundle, metadata);
            if (displayId != null) {
                displays.byId
                        .computeIfAbsent(displayId, id -> new ArrayList<>())
                        .add(display);
            }
        }
        next.display(bundle, metadata, displayId);
    }

    @Override
    public void updateDisplay(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {
        synchronized (displays) {
            for (JsonObject display : displays.byId.getOrDefault(displayId, List.of())) {
                fill(display, bundle, metadata);
            }
        }
        next.updateDisplay(bundle, metadata, displayId);
    }

    @Override
    public void result(int executionCount, Map<String, Object> bundle, Map<String, Object> metadata) {
        synchronized (displays) {
            clearIfDue();
            closeStream();
            JsonObject result = output("execute_result");
            result.addProperty("execution_count", executionCount);
            fill(result, bundle, metadata);
        }
        next.result(executionCount, bundle, metadata);
    }

    @Override
    public void error(String ename, String evalue, List<String> traceback) {
        synchronized (displays) {
            clearIfDue();
            closeStream();
            JsonObject error = output("error");
            error.addProperty("ename", ename == null ? "Error" : ename);
            error.addProperty("evalue", evalue == null ? "" : evalue);
            JsonArray lines = new JsonArray();
            traceback.forEach(lines::add);
            error.add("traceback", lines);
        }
        String value = evalue == null ? "" : evalue.lines().findFirst().orElse("");
        // A kernel that shows a sentence alone, as for a mistake on a magic's line, means that it says enough.
        boolean sentence = !traceback.isEmpty()
                && ename != null
                && !AnsiHtml.strip(String.join("\n", traceback)).contains(ename);
        boolean named = value.isEmpty() || ename == null || value.startsWith(ename) || sentence;
        lastError = value.isEmpty() ? ename : named ? value : ename + ": " + value;
        next.error(ename, evalue, traceback);
    }

    @Override
    public void clear(boolean wait) {
        synchronized (displays) {
            if (wait) {
                clearBeforeNext = true;
            } else {
                clearNow();
            }
        }
        next.clear(wait);
    }

    private JsonObject output(String type) {
        JsonObject output = new JsonObject();
        output.addProperty("output_type", type);
        outputs.add(output);
        return output;
    }

    private void closeStream() {
        flush();
        openStream = null;
        openText = null;
    }

    private void flush() {
        if (openStream != null) {
            openStream.add("text", MultilineText.split(MultilineText.settle(openText.toString())));
        }
    }

    private void clearIfDue() {
        if (clearBeforeNext) {
            clearNow();
        }
    }

    private void clearNow() {
        clearBeforeNext = false;
        closeStream();
        while (!outputs.isEmpty()) {
            JsonElement gone = outputs.remove(0);
            displays.byId.values().forEach(list -> list.removeIf(display -> display == gone));
        }
    }

    private static void fill(JsonObject output, Map<String, Object> bundle, Map<String, Object> metadata) {
        JsonObject data = new JsonObject();
        bundle.forEach((mime, value) -> data.add(mime, dataOf(mime, value)));
        output.add("data", data);
        output.add("metadata", GSON.toJsonTree(metadata == null ? Map.of() : metadata));
    }

    private static JsonElement dataOf(String mime, Object value) {
        boolean text =
                mime.startsWith("text/") || mime.equals("image/svg+xml") || mime.equals("application/javascript");
        return value instanceof String string && text ? MultilineText.split(string) : GSON.toJsonTree(value);
    }
}
