package pomona.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import pomona.quantize.ActivationHistogram;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Line;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.BarTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.ScatterTrace.Mode;
import tech.tablesaw.plotly.traces.Trace;

/** What a layer takes, in bins, with the range that its integers represent. */
final class ActivationFigure {

    private ActivationFigure() {}

    static Figure of(ActivationHistogram histogram) {
        int bins = histogram.counts().size();
        double width = (histogram.to() - histogram.from()) / bins;
        double all = Math.max(
                1, histogram.counts().stream().mapToLong(Long::longValue).sum());
        Object[] places = new Object[bins];
        double[] shares = new double[bins];
        double top = 0;
        double least = 100;
        for (int bin = 0; bin < bins; bin++) {
            places[bin] = histogram.from() + (bin + 0.5) * width;
            shares[bin] = 100 * histogram.counts().get(bin) / all;
            top = Math.max(top, shares[bin]);
            least = shares[bin] > 0 ? Math.min(least, shares[bin]) : least;
        }
        List<Trace> traces = new ArrayList<>();
        traces.add(BarTrace.builder(places, shares)
                .marker(Marker.builder().color(Look.colour(0)).build())
                .name("inputs")
                .showLegend(true)
                .build());
        if (!Double.isNaN(histogram.rangeMin())) {
            traces.add(range(histogram, least / 2, top));
        }
        return new Figure(
                Look.layout("Inputs of " + histogram.layer())
                        .xAxis(Look.axis("input").build())
                        .yAxis(Look.axis("share of the inputs in %")
                                .type(Axis.Type.LOG)
                                .build())
                        .build(),
                traces.toArray(Trace[]::new));
    }

    private static Trace range(ActivationHistogram histogram, double bottom, double top) {
        double min = histogram.rangeMin();
        double max = histogram.rangeMax();
        return ScatterTrace.builder(
                        new double[] {min, min, Double.NaN, max, max},
                        new double[] {bottom, top, Double.NaN, bottom, top})
                .mode(Mode.LINE)
                .line(Line.builder()
                        .color(Look.colour(5))
                        .width(2)
                        .dash(Line.Dash.DASH)
                        .build())
                .name(String.format(
                        Locale.ROOT, "range %.3g to %.3g, %.2g %% cut", min, max, 100 * histogram.cutShare()))
                .showLegend(true)
                .build();
    }
}
