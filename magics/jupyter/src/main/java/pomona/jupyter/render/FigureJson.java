package pomona.jupyter.render;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.traces.Trace;

/**
 * Turns a figure into plain JSON: {@code data}, {@code layout} and {@code config} as plotly takes them. Tablesaw only
 * writes JavaScript; its object literals are read as relaxed JSON, so that nothing in a figure ever runs as code.
 * Event handlers, which are code, are left out.
 */
final class FigureJson {

    private static final ObjectMapper RELAXED = JsonMapper.builder()
            .enable(
                    JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES,
                    JsonReadFeature.ALLOW_SINGLE_QUOTES,
                    JsonReadFeature.ALLOW_TRAILING_COMMA,
                    JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS,
                    JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS,
                    JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
            .build();

    /** Sizes and colours that Tablesaw writes without being asked; the page decides them instead. */
    private static final List<String> TABLESAW_BACKGROUNDS = List.of("plot_bgcolor", "paper_bgcolor");

    private static final List<String> TABLESAW_SIZES = List.of("700x450", "800x600");

    private FigureJson() {}

    static ObjectNode of(Figure figure) {
        ObjectNode json = RELAXED.createObjectNode();
        ArrayNode data = json.putArray("data");
        Trace[] traces = figure.getTraces();
        for (int i = 0; i < traces.length; i++) {
            data.add(trace(read(traces[i].asJavascript(i))));
        }
        json.set("layout", layout(figure.getLayout()));
        json.set("config", figure.getConfig() == null ? RELAXED.createObjectNode() : config(figure));
        return json;
    }

    private static ObjectNode trace(ObjectNode trace) {
        String name = trace.path("name").asText();
        if (name.isEmpty() || name.equals("null")) {
            trace.remove("name");
        }
        boolean marksAndTexts = trace.path("mode").asText().contains("markers+text");
        if (marksAndTexts && !trace.has("textposition")) {
            trace.put("textposition", "top center");
        }
        return trace;
    }

    private static JsonNode config(Figure figure) {
        try {
            return RELAXED.readTree(figure.getConfig().asJSON());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The figure's configuration is not JSON.", e);
        }
    }

    private static ObjectNode layout(Layout given) {
        ObjectNode layout = given == null ? RELAXED.createObjectNode() : read(given.asJavascript());
        TABLESAW_BACKGROUNDS.stream()
                .filter(name -> layout.path(name).asText().isEmpty())
                .forEach(layout::remove);
        if (TABLESAW_SIZES.contains(
                layout.path("width").asInt() + "x" + layout.path("height").asInt())) {
            layout.remove(List.of("width", "height"));
        }
        rename(layout, "yaxis1", "yaxis");
        titleAsObject(layout, layout.remove("titlefont"));
        layout.forEach(part -> {
            if (part instanceof ObjectNode axis && axis.has("title")) {
                titleAsObject(axis, axis.remove("titlefont"));
            }
        });
        return layout;
    }

    private static void rename(ObjectNode node, String from, String to) {
        if (node.has(from)) {
            node.set(to, node.remove(from));
        }
    }

    private static void titleAsObject(ObjectNode owner, JsonNode font) {
        if (owner.path("title").isTextual()) {
            JsonNode text = owner.get("title");
            ObjectNode title = owner.putObject("title");
            title.set("text", text);
            if (font != null) {
                title.set("font", font);
            }
        }
    }

    /** Reads the first object literal of a script such as <code>var layout = {...};</code>. */
    private static ObjectNode read(String script) {
        String literal = script.substring(script.indexOf('{'), script.lastIndexOf('}') + 1);
        try {
            return (ObjectNode) RELAXED.readTree(unescapeQuotes(escapeBackslashes(literal)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("This figure can not be shown: " + e.getOriginalMessage(), e);
        }
    }

    /** Tablesaw escapes texts for HTML; plotly understands that of angle brackets and ampersands, but not of quotes. */
    private static String unescapeQuotes(String literal) {
        return literal.replace("&quot;", "\\u0022").replace("&#39;", "\\u0027");
    }

    /** Tablesaw does not escape what it puts between single quotes, so a backslash there is meant as itself. */
    private static String escapeBackslashes(String literal) {
        StringBuilder out = new StringBuilder(literal.length() + 16);
        char quote = 0;
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            out.append(c);
            if (c == '\\' && quote == '\'') {
                out.append('\\');
            } else if (c == '\\' && quote == '"') {
                out.append(literal.charAt(++i));
            } else if (c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
            }
        }
        return out.toString();
    }
}
