package pomona.kernel.protocol;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Map;
import pomona.kernel.CodeAssistant;
import pomona.kernel.JavaLanguage;

/** The contents of the replies that an editor's questions get. Positions on the wire count code points. */
final class Replies {

    private Replies() {}

    static JsonObject kernelInfo() {
        String java = System.getProperty("java.version");
        JsonArray links = new JsonArray();
        links.add(link("Java API", "https://docs.oracle.com/en/java/javase/" + feature() + "/docs/api/index.html"));
        links.add(link("Deep Java Library", "https://docs.djl.ai"));
        JsonObject content = ok();
        content.addProperty("protocol_version", Wire.VERSION);
        content.addProperty("implementation", "pomona");
        content.addProperty("implementation_version", version());
        content.add("language_info", JavaLanguage.info());
        content.addProperty("banner", "Pomona " + version() + " on Java " + java);
        content.addProperty("debugger", false);
        content.add("help_links", links);
        content.add("supported_features", new JsonArray());
        return content;
    }

    static JsonObject complete(WireMessage request, CodeAssistant assistant) {
        String code = request.text("code", "");
        int cursor = offset(code, request.number("cursor_pos", code.codePointCount(0, code.length())));
        CodeAssistant.Completion completion = assistant.complete(code, cursor);
        int start = code.codePointCount(0, completion.start());
        int end = code.codePointCount(0, completion.end());
        JsonArray matches = new JsonArray();
        JsonArray types = new JsonArray();
        for (CodeAssistant.Item item : completion.items()) {
            matches.add(item.text());
            JsonObject type = new JsonObject();
            type.addProperty("start", start);
            type.addProperty("end", end);
            type.addProperty("text", item.text());
            type.addProperty("type", item.type());
            type.addProperty("signature", item.signature());
            if (!item.documentation().isEmpty()) {
                type.addProperty("documentation", item.documentation());
            }
            types.add(type);
        }
        JsonObject metadata = new JsonObject();
        metadata.add("_jupyter_types_experimental", types);
        JsonObject content = ok();
        content.add("matches", matches);
        content.addProperty("cursor_start", start);
        content.addProperty("cursor_end", end);
        content.add("metadata", metadata);
        return content;
    }

    static JsonObject inspect(WireMessage request, CodeAssistant assistant) {
        String code = request.text("code", "");
        int cursor = offset(code, request.number("cursor_pos", code.codePointCount(0, code.length())));
        Map<String, Object> bundle = assistant.inspect(code, cursor, request.number("detail_level", 0));
        JsonObject content = ok();
        content.addProperty("found", !bundle.isEmpty());
        content.add("data", Wire.GSON.toJsonTree(bundle));
        content.add("metadata", new JsonObject());
        return content;
    }

    static JsonObject isComplete(WireMessage request, CodeAssistant assistant) {
        CodeAssistant.Completeness answer = assistant.completeness(request.text("code", ""));
        JsonObject content = new JsonObject();
        content.addProperty("status", answer.status());
        content.addProperty("indent", answer.indent());
        return content;
    }

    static JsonObject ok() {
        JsonObject content = new JsonObject();
        content.addProperty("status", "ok");
        return content;
    }

    static JsonObject error(Throwable error) {
        JsonObject content = new JsonObject();
        content.addProperty("status", "error");
        content.addProperty("ename", error.getClass().getSimpleName());
        content.addProperty("evalue", String.valueOf(error.getMessage()));
        content.add("traceback", new JsonArray());
        return content;
    }

    private static JsonObject link(String text, String url) {
        JsonObject link = new JsonObject();
        link.addProperty("text", text);
        link.addProperty("url", url);
        return link;
    }

    private static int offset(String code, int codePoints) {
        int all = code.codePointCount(0, code.length());
        return code.offsetByCodePoints(0, Math.max(0, Math.min(codePoints, all)));
    }

    private static int feature() {
        return Runtime.version().feature();
    }

    private static String version() {
        String version = Replies.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0" : version;
    }
}
