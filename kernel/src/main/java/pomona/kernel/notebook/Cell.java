package pomona.kernel.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** One cell of a {@link Notebook}: a view of its JSON, so that fields unknown to us survive a round trip. */
public final class Cell {

    private final JsonObject json;

    Cell(JsonObject json) {
        this.json = json;
    }

    /** Whether the cell holds code; the other kinds are markdown and raw. */
    public boolean isCode() {
        return "code".equals(type());
    }

    /** The kind of cell: {@code code}, {@code markdown} or {@code raw}. */
    public String type() {
        return json.get("cell_type").getAsString();
    }

    /** The cell's text, lines joined. */
    public String source() {
        return MultilineText.join(json.get("source"));
    }

    /** The first line of the source that says something, or an empty string. */
    public String firstLine() {
        return source().lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** What the cell is in one line: its first one, or after {@code --param} the values that were given. */
    public String headline() {
        if (!tags().contains(Parameters.INJECTED)) {
            return firstLine();
        }
        return source().lines().skip(1).collect(Collectors.joining(" "));
    }

    /** The tags in the cell's metadata. */
    public List<String> tags() {
        List<String> tags = new ArrayList<>();
        if (metadata().get("tags") instanceof JsonArray array) {
            array.forEach(tag -> tags.add(tag.getAsString()));
        }
        return tags;
    }

    /** Whether the cell is tagged as one that may fail. */
    public boolean mayFail() {
        return tags().contains(NotebookRunner.EXPECTED);
    }

    JsonObject json() {
        return json;
    }

    JsonObject metadata() {
        if (!(json.get("metadata") instanceof JsonObject)) {
            json.add("metadata", new JsonObject());
        }
        return json.getAsJsonObject("metadata");
    }

    JsonArray outputs() {
        return json.get("outputs") instanceof JsonArray array ? array : new JsonArray();
    }

    void setOutputs(JsonArray outputs) {
        json.add("outputs", outputs);
    }

    /** The number the cell was given when it ran, or null. */
    Integer executionCount() {
        JsonElement count = json.get("execution_count");
        return count == null || count.isJsonNull() ? null : count.getAsInt();
    }

    void setExecutionCount(Integer count) {
        json.add("execution_count", count == null ? JsonNull.INSTANCE : new JsonPrimitive(count));
    }

    /** Forgets what an earlier run left in a code cell. */
    void clearRun() {
        setOutputs(new JsonArray());
        setExecutionCount(null);
        metadata().remove(TIMES);
    }

    private static final String TIMES = "execution";
    private static final String STARTED = "iopub.execute_input";
    private static final String ENDED = "shell.execute_reply";

    /** Records when the cell ran, under the names JupyterLab uses. */
    void setTimes(Instant start, Instant end) {
        JsonObject times = new JsonObject();
        times.addProperty(STARTED, start.toString());
        times.addProperty(ENDED, end.toString());
        metadata().add(TIMES, times);
    }

    /** Seconds the cell took, or a negative number when that is not known. */
    double seconds() {
        if (!(metadata().get(TIMES) instanceof JsonObject times) || !times.has(STARTED) || !times.has(ENDED)) {
            return -1;
        }
        Instant start = Instant.parse(times.get(STARTED).getAsString());
        Instant end = Instant.parse(times.get(ENDED).getAsString());
        return java.time.Duration.between(start, end).toNanos() / 1e9;
    }
}
