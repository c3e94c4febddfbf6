package pomona.kernel.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import pomona.kernel.CellOutputs;

/** Publishes a cell's outputs as the request's children, and remembers its error for the reply. */
final class PublishedOutputs implements CellOutputs {

    private final Broadcaster iopub;
    private final WireMessage request;
    private final boolean silent;
    private final JsonArray payload = new JsonArray();
    private volatile JsonObject error;
    private volatile String resultText;

    PublishedOutputs(Broadcaster iopub, WireMessage request, boolean silent) {
        this.iopub = iopub;
        this.request = request;
        this.silent = silent;
    }

    /** The error that ended the cell, in the protocol's form; null when there was none. */
    JsonObject error() {
        return error;
    }

    /** What the reply asks the front end to do: to show pages of help. */
    synchronized JsonArray payload() {
        return payload.deepCopy();
    }

    @Override
    public synchronized void page(Map<String, Object> bundle) {
        JsonObject page = new JsonObject();
        page.addProperty("source", "page");
        page.add("data", json(bundle));
        page.addProperty("start", 0);
        payload.add(page);
    }

    @Override
    public void stream(String name, String text) {
        JsonObject content = new JsonObject();
        content.addProperty("name", name);
        content.addProperty("text", text);
        publish("stream", content);
    }

    @Override
    public void display(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {
        publish("display_data", data(bundle, metadata, displayId));
    }

    @Override
    public void updateDisplay(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {
        publish("update_display_data", data(bundle, metadata, displayId));
    }

    /** The result as plain text; null when there was none. */
    String resultText() {
        return resultText;
    }

    @Override
    public void result(int executionCount, Map<String, Object> bundle, Map<String, Object> metadata) {
        resultText = bundle.get("text/plain") == null ? null : String.valueOf(bundle.get("text/plain"));
        JsonObject content = data(bundle, metadata, null);
        content.addProperty("execution_count", executionCount);
        publish("execute_result", content);
    }

    @Override
    public void error(String ename, String evalue, List<String> traceback) {
        JsonObject content = new JsonObject();
        content.addProperty("ename", ename);
        content.addProperty("evalue", evalue);
        content.add("traceback", Wire.GSON.toJsonTree(traceback));
        error = content;
        publish("error", content);
    }

    @Override
    public void clear(boolean wait) {
        JsonObject content = new JsonObject();
        content.addProperty("wait", wait);
        publish("clear_output", content);
    }

    private void publish(String type, JsonObject content) {
        if (!silent) {
            iopub.publish(request, type, content);
        }
    }

    static JsonObject data(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {
        JsonObject content = new JsonObject();
        content.add("data", json(bundle));
        content.add("metadata", json(metadata));
        JsonObject transients = new JsonObject();
        if (displayId != null) {
            transients.addProperty("display_id", displayId);
        }
        content.add("transient", transients);
        return content;
    }

    /** A bundle as JSON; a value that JSON can not hold becomes its text. */
    private static JsonElement json(Map<String, Object> bundle) {
        JsonObject object = new JsonObject();
        bundle.forEach((type, value) -> {
            JsonElement element;
            try {
                element = Wire.GSON.toJsonTree(value instanceof CharSequence text ? text.toString() : value);
            } catch (RuntimeException e) {
                element = Wire.GSON.toJsonTree(String.valueOf(value));
            }
            object.add(type, element);
        });
        return object;
    }
}
