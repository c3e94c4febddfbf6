package pomona.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Line;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.ScatterTrace.Mode;
import tech.tablesaw.plotly.traces.Trace;

/** How the weights of each layer are distributed, counted here in bins so that a figure stays small. */
final class WeightFigure {

    private static final int BINS = 80;

    private WeightFigure() {}

    static Figure of(Network network) {
        List<LayerWeight> weights = LayerWeight.of(network);
        if (weights.isEmpty()) {
            throw nothingToShow(network);
        }
        List<Trace> traces = new ArrayList<>();
        for (LayerWeight weight : weights) {
            traces.add(curve(weight, Look.colour(traces.size())));
        }
        return new Figure(
                Look.layout("Weights of " + network.name())
                        .xAxis(Look.axis("weight").build())
                        .yAxis(Look.axis("share of the layer's weights in %").build())
                        .build(),
                traces.toArray(Trace[]::new));
    }

    static IllegalArgumentException nothingToShow(Network network) {
        return new IllegalArgumentException("Network " + network.name()
                + " has no weights to show; shown are floating-point weights of Gemm, MatMul and Conv operators.");
    }

    private static Trace curve(LayerWeight weight, String colour) {
        float[] values = weight.tensor().toFloatArray();
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        double width = 2.0 * largest / BINS;
        double[] places = new double[BINS];
        double[] shares = new double[BINS];
        for (int bin = 0; bin < BINS; bin++) {
            places[bin] = -largest + (bin + 0.5) * width;
        }
        long zeros = 0;
        for (float value : values) {
            if (value == 0) {
                zeros++;
            } else if (!Float.isNaN(value) && width > 0) {
                int bin = (int) Math.min(BINS - 1, (value + largest) / width);
                shares[bin] += 100.0 / values.length;
            }
        }
        String name = String.format(Locale.ROOT, "%s, %.1f %% zero", weight.name(), 100.0 * zeros / values.length);
        return ScatterTrace.builder(places, shares)
                .mode(Mode.LINE)
                .line(Line.builder().color(colour).width(2).build())
                .name(name)
                .showLegend(true)
                .build();
    }
}
