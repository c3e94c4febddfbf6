package pomona.jupyter.render;

import com.fasterxml.jackson.databind.node.ObjectNode;
import tech.tablesaw.plotly.components.Figure;

/**
 * Shows a Tablesaw figure as an interactive plot that needs no internet.
 *
 * <p>The HTML holds the figure as JSON, the packed plotting library, and a short script. A page inflates the library
 * once, however many figures it shows. Where scripts do not run, the description in words stays visible.
 */
final class FigureView implements View<Figure> {

    private static final String SCRIPT = Html.resource("figure.js");

    @Override
    public String html(Figure figure) {
        ObjectNode json = FigureJson.of(figure);
        String description = FigureDescription.of(json);
        return Html.frame("<div class=\"pomona-plot\" role=\"img\" aria-label=\"" + Html.escape(description)
                + "\"><p class=\"pomona-note\">" + Html.escape(description) + "</p></div>"
                + "<script type=\"application/json\" class=\"pomona-figure\">" + inScript(json.toString()) + "</script>"
                + PlotlyLibrary.SCRIPT + "<script>" + SCRIPT + "</script>");
    }

    @Override
    public String text(Figure figure) {
        return FigureDescription.of(FigureJson.of(figure));
    }

    /** In JSON, these three only stand inside strings, where an escape means the same. */
    private static String inScript(String json) {
        return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    }
}
