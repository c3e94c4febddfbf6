package pomona.onnx;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Step;

/** Provenance as the JSON text that is kept in a file's metadata: a list of single-entry objects, name to options. */
final class ProvenanceJson {

    /** The metadata key. */
    static final String KEY = "pomona.provenance";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<List<LinkedHashMap<String, LinkedHashMap<String, String>>>> STEPS =
            new TypeReference<>() {};

    private ProvenanceJson() {}

    static String write(List<Step> steps) {
        List<Map<String, Map<String, String>>> entries = new ArrayList<>();
        steps.forEach(step -> entries.add(Map.of(step.name(), step.options())));
        try {
            return JSON.writeValueAsString(entries);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Provenance can not be written.", e);
        }
    }

    /** Reads the text; text that is not ours is one step that says so, since provenance must not stop a load. */
    static List<Step> read(String text) {
        try {
            List<Step> steps = new ArrayList<>();
            for (Map<String, LinkedHashMap<String, String>> entry : JSON.readValue(text, STEPS)) {
                entry.forEach((name, options) -> steps.add(new Step(name, options == null ? Map.of() : options)));
            }
            return steps;
        } catch (JsonProcessingException e) {
            return List.of(new Step("Unreadable", Map.of("text", text)));
        }
    }
}
