package pomona.kernel.protocol;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;

/** One message as it travels: routing identities, four JSON objects, and raw buffers. */
record WireMessage(
        List<byte[]> identities,
        JsonObject header,
        JsonObject parent,
        JsonObject metadata,
        JsonObject content,
        List<byte[]> buffers) {

    String type() {
        return text(header, "msg_type", "");
    }

    /** A text of the content, or a default when it is absent or no text. */
    String text(String name, String otherwise) {
        return text(content, name, otherwise);
    }

    boolean flag(String name, boolean otherwise) {
        JsonElement value = content.get(name);
        return value != null
                        && value.isJsonPrimitive()
                        && value.getAsJsonPrimitive().isBoolean()
                ? value.getAsBoolean()
                : otherwise;
    }

    int number(String name, int otherwise) {
        JsonElement value = content.get(name);
        return value != null
                        && value.isJsonPrimitive()
                        && value.getAsJsonPrimitive().isNumber()
                ? value.getAsInt()
                : otherwise;
    }

    static String text(JsonObject object, String name, String otherwise) {
        JsonElement value = object.get(name);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : otherwise;
    }
}
