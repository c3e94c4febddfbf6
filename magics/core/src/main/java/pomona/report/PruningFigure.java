package pomona.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.graph.Network;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Line;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.BarTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.ScatterTrace.Mode;
import tech.tablesaw.plotly.traces.Trace;

/** Which weights a pruning kept and which it removed, by their values before it, with the thresholds that part them. */
final class PruningFigure {

    /** More thresholds than these are drawn as the lowest and the highest one. */
    private static final int MAX_LINES = 4;

    private static final String KEPT = Look.colour(0);
    private static final String REMOVED = Look.colour(5);

    private PruningFigure() {}

    static Figure of(Network before, Network after) {
        PrunedWeights weights = PrunedWeights.of(before, after);
        List<Trace> traces = new ArrayList<>();
        double[] places = weights.places();
        traces.add(bars("kept", places, weights.shares(weights.kept()), weights.total(weights.kept()), KEPT));
        traces.add(
                bars("removed", places, weights.shares(weights.removed()), weights.total(weights.removed()), REMOVED));
        double top = weights.highest();
        lines(weights.thresholds())
                .forEach((name, threshold) -> traces.add(mark(name, threshold, top, Look.colour(traces.size()))));
        return new Figure(
                Look.layout("Weights of " + before.name() + " before pruning")
                        .barMode(Layout.BarMode.STACK)
                        .xAxis(Look.axis("weight").build())
                        .yAxis(Look.axis("share of the weights in %").build())
                        .build(),
                traces.toArray(Trace[]::new));
    }

    private static Trace bars(String name, double[] places, double[] shares, long count, String colour) {
        Object[] x = new Object[places.length];
        for (int i = 0; i < x.length; i++) {
            x[i] = places[i];
        }
        return BarTrace.builder(x, shares)
                .marker(Marker.builder().color(colour).build())
                .name(String.format(Locale.ROOT, "%s, %,d", name, count))
                .showLegend(true)
                .build();
    }

    /** One line for all layers that share a threshold, each with its own otherwise; of many, the outermost two. */
    private static Map<String, Double> lines(Map<String, Double> thresholds) {
        Map<String, Double> lines = new LinkedHashMap<>();
        if (thresholds.size() <= MAX_LINES) {
            thresholds.forEach((layer, threshold) -> lines.put(label(layer, threshold), threshold));
            return lines;
        }
        Map.Entry<String, Double> lowest =
                thresholds.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
        Map.Entry<String, Double> highest =
                thresholds.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
        lines.put("lowest, " + label(lowest.getKey(), lowest.getValue()), lowest.getValue());
        lines.put("highest, " + label(highest.getKey(), highest.getValue()), highest.getValue());
        return lines;
    }

    private static String label(String layer, double threshold) {
        return String.format(Locale.ROOT, "threshold%s %.3g", layer.isEmpty() ? "" : " of " + layer, threshold);
    }

    /** A pair of upright dashed lines, at the threshold and at its negative, drawn as one trace with a gap. */
    private static Trace mark(String name, double threshold, double top, String colour) {
        double[] places = {-threshold, -threshold, Double.NaN, threshold, threshold};
        double[] heights = {0, top, Double.NaN, 0, top};
        return ScatterTrace.builder(places, heights)
                .mode(Mode.LINE)
                .line(Line.builder().color(colour).width(2).dash(Line.Dash.DASH).build())
                .name(name)
                .showLegend(true)
                .build();
    }
}
