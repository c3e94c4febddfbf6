package pomona.jupyter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A running piece of work as ipywidgets' IntProgress, with what is known of it beside the bar. */
final class ProgressWidget implements AutoCloseable {

    private static final String BASE = "@jupyter-widgets/base";
    private static final String CONTROLS = "@jupyter-widgets/controls";
    private static final String VERSION = "2.0.0";

    private final List<WidgetPort.Model> models = new ArrayList<>();
    private final WidgetPort port;
    private final WidgetPort.Model bar;
    private final WidgetPort.Model label;
    private final WidgetView view;

    ProgressWidget(WidgetPort port, ProgressState state) {
        this.port = port;
        String layout = open(BASE, "Layout", "LayoutView", Map.of()).reference();
        // As wide as the task's name: the widgets' own width cuts it short.
        String barStyle = open(CONTROLS, "ProgressStyle", "StyleView", Map.of("description_width", "initial"))
                .reference();
        bar = open(
                CONTROLS,
                "IntProgress",
                "ProgressView",
                Map.of(
                        "description",
                        state.task(),
                        "min",
                        0,
                        "max",
                        state.total(),
                        "value",
                        state.done(),
                        "bar_style",
                        "info",
                        "orientation",
                        "horizontal",
                        "layout",
                        layout,
                        "style",
                        barStyle));
        String labelStyle = open(CONTROLS, "LabelStyle", "StyleView", Map.of()).reference();
        label = open(
                CONTROLS,
                "Label",
                "LabelView",
                Map.of("value", ProgressView.facts(state), "layout", layout, "style", labelStyle));
        WidgetPort.Model box = open(
                CONTROLS,
                "HBox",
                "HBoxView",
                Map.of("children", List.of(bar.reference(), label.reference()), "box_style", "", "layout", layout));
        view = new WidgetView(box.id(), new ProgressView().text(state));
    }

    private WidgetPort.Model open(String module, String name, String viewName, Map<String, Object> traits) {
        Map<String, Object> state = new HashMap<>(traits);
        state.put("_model_module", module);
        state.put("_model_module_version", VERSION);
        state.put("_model_name", name + "Model");
        state.put("_view_module", viewName.equals("StyleView") ? BASE : module);
        state.put("_view_module_version", VERSION);
        state.put("_view_name", viewName);
        WidgetPort.Model model = port.open(state);
        models.add(model);
        return model;
    }

    /** What a cell shows of it. */
    WidgetView view() {
        return view;
    }

    void update(ProgressState state) {
        bar.update(Map.of("value", state.done()));
        label.update(Map.of("value", ProgressView.facts(state)));
    }

    /** Takes it out of the front end, the box first, then what is in it. */
    @Override
    public void close() {
        for (int i = models.size() - 1; i >= 0; i--) {
            models.get(i).close();
        }
    }
}
