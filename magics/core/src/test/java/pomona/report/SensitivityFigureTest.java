package pomona.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.evaluate.Sensitivity;
import pomona.evaluate.Sensitivity.Level;
import pomona.evaluate.Sensitivity.Measure;
import pomona.graph.Network;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.traces.Trace;

class SensitivityFigureTest {

    private static final Network NETWORK = Networks.mlp(10, 8, 4);
    private static final List<String> LAYERS = List.of("fc1.weight", "fc2.weight");

    /** The network as it is has 1.5, and each layer what its place and the level say. */
    private static Sensitivity scan(Level level, Measure measure, double... levels) {
        return new Sensitivity(
                        NETWORK,
                        LAYERS,
                        IntStream.range(0, levels.length)
                                .mapToObj(i -> levels[i])
                                .toList(),
                        (layer, at) -> NETWORK.named(layer + at),
                        network -> network == NETWORK
                                ? measure.moreIsBetter() ? Double.POSITIVE_INFINITY : 1.5
                                : network.name().startsWith("fc1") ? 1.75 : 4,
                        level,
                        measure)
                .run();
    }

    private static String drawn(Trace trace) {
        return trace.asJavascript(0).replaceAll("\\s+", " ");
    }

    @Test
    void atOneLevelEachLayerHasABarFromTheBaseline() {
        Figure figure = Report.sensitivityFigure(scan(Level.BITS, Measure.ERROR, 8));
        assertThat(figure.getTraces()).hasSize(2);
        assertThat(drawn(figure.getTraces()[0]))
                .contains("x: [2.5, 0.25]", "y: [\"fc2\",\"fc1\"]", "orientation: 'h'", "type: 'bar'")
                .contains("name: 'one layer at 8 bits'");
        assertThat(drawn(figure.getTraces()[1]))
                .contains("x: [\"0.0\",\"0.0\"]", "y: [\"fc2\",\"fc1\"]", "name: 'as it is: error 1.50 %'");
        assertThat(figure.getLayout().asJavascript())
                .contains(
                        "title: 'mlp: one layer alone at 8 bits'",
                        "title: 'rise of the error in percentage points'",
                        "title: 'layer'");
    }

    @Test
    void signalToNoiseRatiosHaveNoBaseline() {
        Figure figure = Report.sensitivityFigure(scan(Level.BITS, Measure.SIGNAL_TO_NOISE, 4));
        assertThat(figure.getTraces()).hasSize(1);
        assertThat(drawn(figure.getTraces()[0])).contains("x: [4.0, 1.75]", "y: [\"fc2\",\"fc1\"]");
        assertThat(figure.getLayout().asJavascript())
                .contains("title: 'signal-to-noise ratio of the outputs in dB; shorter is more sensitive'");
    }

    @Test
    void overSeveralLevelsEachLayerHasACurve() {
        Figure figure = Report.sensitivityFigure(scan(Level.SPARSITY, Measure.ERROR, 0.5, 0.9));
        assertThat(figure.getTraces()).hasSize(3);
        assertThat(drawn(figure.getTraces()[0])).contains("x: [\"0.5\",\"0.9\"]", "name: 'fc1'");
        assertThat(drawn(figure.getTraces()[2])).contains("y: [\"1.5\",\"1.5\"]", "name: 'as it is'");
        assertThat(figure.getLayout().asJavascript())
                .contains("title: 'mlp: one layer at a time'", "title: 'sparsity'", "title: 'error %'");
    }

    @Test
    void theTableNamesLayersLevelsAndWhatWasMeasured() {
        Table errors = Report.sensitivity(scan(Level.BITS, Measure.ERROR, 4, 8));
        assertThat(errors.columnNames())
                .containsExactly("layer", "error % as it is", "error % at 4 bits", "error % at 8 bits");
        assertThat(errors.columns().stream().map(column -> column.getString(1)))
                .containsExactly("fc2", "1.50", "4.00", "4.00");
        Table ratios = Report.sensitivity(scan(Level.BITS, Measure.SIGNAL_TO_NOISE, 8));
        assertThat(ratios.columnNames()).containsExactly("layer", "signal-to-noise dB at 8 bits");
        assertThat(ratios.columns().stream().map(column -> column.getString(0))).containsExactly("fc1", "1.8");
        Table pruned = Report.sensitivity(scan(Level.SPARSITY, Measure.ERROR, 0.5));
        assertThat(pruned.columnNames()).containsExactly("layer", "error % as it is", "error % at sparsity 0.5");
    }
}
