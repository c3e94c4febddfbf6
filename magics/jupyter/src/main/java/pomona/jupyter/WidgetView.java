package pomona.jupyter;

import java.util.Map;

/**
 * A widget as a cell's output names it.
 *
 * @param model the id of the model to show
 * @param text what is shown where there are no widgets
 */
record WidgetView(String model, String text) {

    static final String MIME = "application/vnd.jupyter.widget-view+json";

    Map<String, Object> json() {
        return Map.of("version_major", 2, "version_minor", 0, "model_id", model);
    }
}
