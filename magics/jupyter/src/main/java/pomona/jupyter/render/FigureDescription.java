package pomona.jupyter.render;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Says in one line what a figure shows: its title, its axes, and how many points each series has. */
final class FigureDescription {

    private static final int MAX_SERIES = 6;

    private FigureDescription() {}

    static String of(JsonNode figure) {
        JsonNode layout = figure.path("layout");
        String title = title(layout);
        String x = title(layout.path("xaxis"));
        String y = title(layout.path("yaxis"));
        StringBuilder out = new StringBuilder(title.isEmpty() ? "Figure" : "Figure: " + title);
        if (!x.isEmpty() && !y.isEmpty()) {
            out.append(" (").append(y).append(" over ").append(x).append(')');
        }
        return out.append("; ")
                .append(String.join(", ", series(figure.path("data"))))
                .toString();
    }

    private static List<String> series(JsonNode data) {
        List<String> series = new ArrayList<>();
        for (JsonNode trace : data) {
            String name = plain(trace.path("name").asText(""));
            long points = Math.max(trace.path("x").size(), trace.path("y").size());
            String size = trace.has("z")
                    ? trace.path("z").size() + " x " + trace.path("z").path(0).size() + " cells"
                    : Quantity.count(points) + (points == 1 ? " point" : " points");
            series.add(name.isEmpty() ? size : name + " " + size);
        }
        if (series.size() > MAX_SERIES) {
            int more = series.size() - MAX_SERIES;
            series = new ArrayList<>(series.subList(0, MAX_SERIES));
            series.add(more + " more series");
        }
        return series;
    }

    private static String title(JsonNode owner) {
        return plain(owner.path("title").path("text").asText(""));
    }

    /** Tablesaw escapes titles for HTML; line breaks and emphasis are tags in plotly. */
    private static String plain(String title) {
        return title.replaceAll("<[^>]*>", " ")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
