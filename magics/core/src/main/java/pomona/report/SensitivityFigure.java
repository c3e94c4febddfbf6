package pomona.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import pomona.evaluate.Sensitivity;
import pomona.evaluate.Sensitivity.Measure;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Line;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.BarTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.ScatterTrace.Mode;
import tech.tablesaw.plotly.traces.Trace;

/** What a sensitivity scan measured: a bar for each layer at one level, or a curve for each layer over several. */
final class SensitivityFigure {

    /** Dots of a baseline stand out from the lines of the grid on light and on dark pages. */
    private static final String BASELINE = "#888888";

    /** A bar with its name takes so much height, in pixels, and the rest of the figure that much. */
    private static final int BAR_HEIGHT = 20;

    private static final int FRAME_HEIGHT = 170;

    /** A figure of a height of its own has a width of its own; this one leaves the title room beside the buttons. */
    private static final int TALL_WIDTH = 860;

    /** Figures of fewer layers have the height of all figures. */
    private static final int FEW_LAYERS = 15;

    private SensitivityFigure() {}

    static Figure of(Sensitivity scan) {
        return scan.levels().size() == 1 ? bars(scan) : curves(scan);
    }

    /** The first layer comes on top. A rise is counted from the network as it is, which is the line at 0. */
    private static Figure bars(Sensitivity scan) {
        double level = scan.levels().get(0);
        boolean ratio = scan.measure().moreIsBetter();
        List<String> layers = new ArrayList<>(scan.layers());
        Collections.reverse(layers);
        String[] names = layers.stream().map(scan::name).toArray(String[]::new);
        double[] lengths = layers.stream()
                .mapToDouble(layer -> scan.error(layer, level) - (ratio ? 0 : scan.baseline()))
                .map(length -> Double.isInfinite(length) ? Double.NaN : length)
                .toArray();
        List<Trace> traces = new ArrayList<>();
        traces.add(BarTrace.builder(names, lengths)
                .orientation(BarTrace.Orientation.HORIZONTAL)
                .marker(Marker.builder().color(Look.colour(0)).build())
                .name("one layer at " + scan.level().text(level))
                .showLegend(!ratio)
                .build());
        if (!ratio) {
            traces.add(baseline(scan, names));
        }
        var layout = Look.layout(
                        scan.network() + ": one layer alone at " + scan.level().text(level))
                .xAxis(Look.axis(lengthTitle(scan)).zeroLineColor(BASELINE).build())
                .yAxis(Look.axis("layer").showGrid(false).build());
        return new Figure(
                (names.length > FEW_LAYERS
                                ? layout.width(TALL_WIDTH).height(FRAME_HEIGHT + BAR_HEIGHT * names.length)
                                : layout)
                        .build(),
                traces.toArray(Trace[]::new));
    }

    private static String lengthTitle(Sensitivity scan) {
        if (scan.measure().equals(Measure.ERROR)) {
            return "rise of the error in percentage points";
        }
        return scan.measure().equals(Measure.SIGNAL_TO_NOISE)
                ? "signal-to-noise ratio of the outputs in dB; shorter is more sensitive"
                : scan.measure().quantity();
    }

    private static Trace baseline(Sensitivity scan, String[] names) {
        StringColumn ends = StringColumn.create("layer", names[0], names[names.length - 1]);
        return ScatterTrace.builder(DoubleColumn.create("rise", 0, 0), ends)
                .mode(Mode.LINE)
                .line(Line.builder()
                        .color(BASELINE)
                        .width(2)
                        .dash(Line.Dash.DASH)
                        .build())
                .name(
                        scan.measure().equals(Measure.ERROR)
                                ? String.format(Locale.ROOT, "as it is: error %.2f %%", scan.baseline())
                                : "as it is")
                .showLegend(true)
                .build();
    }

    private static Figure curves(Sensitivity scan) {
        double[] levels =
                scan.levels().stream().mapToDouble(Double::doubleValue).toArray();
        List<Trace> traces = new ArrayList<>();
        for (String layer : scan.layers()) {
            String colour = Look.colour(traces.size());
            double[] errors = scan.levels().stream()
                    .mapToDouble(level -> scan.error(layer, level))
                    .toArray();
            traces.add(ScatterTrace.builder(levels, errors)
                    .mode(Mode.LINE_AND_MARKERS)
                    .line(Line.builder().color(colour).width(2).build())
                    .marker(Marker.builder().color(colour).size(6).build())
                    .name(scan.name(layer))
                    .showLegend(true)
                    .build());
        }
        if (Double.isFinite(scan.baseline())) {
            double[] ends = {levels[0], levels[levels.length - 1]};
            traces.add(ScatterTrace.builder(ends, new double[] {scan.baseline(), scan.baseline()})
                    .mode(Mode.LINE)
                    .line(Line.builder()
                            .color(BASELINE)
                            .width(1)
                            .dash(Line.Dash.DASH)
                            .build())
                    .name("as it is")
                    .showLegend(true)
                    .build());
        }
        return new Figure(
                Look.layout(scan.network() + ": one layer at a time")
                        .xAxis(Look.axis(scan.level().axis()).build())
                        .yAxis(Look.axis(scan.measure().quantity()).build())
                        .build(),
                traces.toArray(Trace[]::new));
    }
}
