package pomona.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.evaluate.Evaluation;
import pomona.evaluate.Latency;
import pomona.graph.Network;
import pomona.prune.BlockImportance;
import pomona.prune.ChannelPruning;
import pomona.prune.DepthPruning;
import pomona.prune.MagnitudePruning;
import pomona.prune.Scope;
import pomona.quantize.LayerScheme;
import pomona.quantize.MixedPrecision;
import pomona.quantize.MixedPrecision.LayerCost;
import pomona.quantize.MixedPrecision.Trial;
import pomona.quantize.MixedPrecisionQuantization.Order;
import pomona.structure.Topologies;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

class ReportTest {

    private static final Evaluation DENSE = new Evaluation(
            "dense",
            10_000,
            Map.of(Evaluation.ERROR, 1.64, Evaluation.ACCURACY, 98.36),
            266_610,
            266_610,
            266_200,
            1_067_123,
            985_432,
            new Latency(31.25, 40, 500));

    private static final Evaluation PRUNED = new Evaluation(
            "pruned",
            10_000,
            Map.of(Evaluation.ERROR, 1.5),
            266_610,
            27_030,
            -1,
            1_067_200,
            150_000,
            Latency.NOT_MEASURED);

    @Test
    void comparesNetworksInReadableColumns() {
        Table table = Report.compare(DENSE, PRUNED);
        assertThat(table.columnNames())
                .containsExactly(
                        "network",
                        "error %",
                        "parameters",
                        "non-zeros",
                        "MACs",
                        "file KB",
                        ".xz KB",
                        "latency \u00b5s",
                        "p90 \u00b5s");
        assertThat(row(table, 0))
                .containsExactly("dense", "1.64", "266,610", "266,610", "266,200", "1,067.1", "985.4", "31.2", "40.0");
        assertThat(row(table, 1))
                .containsExactly("pruned", "1.50", "266,610", "27,030", "", "1,067.2", "150.0", "", "");
    }

    @Test
    void profilesLayersWithTheirSum() {
        Table table = Report.profile(Networks.mlp(8, 6, 4));
        assertThat(table.name()).isEqualTo("profile of mlp at batch 1 by default");
        assertThat(row(table, 0)).containsExactly("fc1", "Gemm", "[batch, 6]", "54", "54", "0.0", "48", "216", "24");
        assertThat(row(table, 3)).containsExactly("total", "", "", "82", "82", "0.0", "72", "328", "64");
    }

    @Test
    void listsTheStepsThatMadeANetwork() {
        Network network = Networks.mlp(8, 6, 4).apply(new MagnitudePruning(0.5)).apply(new MagnitudePruning(0.8));
        Table table = Report.provenance(network);
        assertThat(row(table, 1))
                .containsExactly(
                        "2",
                        "MagnitudePruning",
                        "sparsity=0.8, scope=global, norm=l1, layers=*, granularity=weight, targets=none, minimumKept=0.0");
    }

    @Test
    void drawsLossCurves() {
        Map<String, double[]> series = new LinkedHashMap<>();
        series.put("train", new double[] {0.5, 0.25, 0.125});
        series.put("test", new double[] {0.75, 0.5, 0.375});
        Figure figure = Report.lossCurve(series);
        assertThat(figure.getTraces()).hasSize(2);
        assertThat(figure.getTraces()[0].asJavascript(0))
                .contains("[\"1.0\",\"2.0\",\"3.0\"]", "[\"0.5\",\"0.25\",\"0.125\"]", "name: 'train'");
        assertThat(figure.getLayout().asJavascript()).contains("title: 'epoch'", "title: 'loss'");
    }

    @Test
    void labelsEachNetworkInErrorAgainstSize() {
        Figure figure = Report.errorAgainstSize(List.of(DENSE, PRUNED));
        assertThat(figure.getTraces()[1].asJavascript(1))
                .contains("x: [\"150.0\"]", "y: [\"1.5\"]", "text: [\"pruned\"]");
        assertThat(figure.getLayout().asJavascript())
                .contains("title: 'compressed file (.onnx.xz) in KB'", "title: 'error in %'", "type: 'log'");
    }

    @Test
    void showsHowWeightsAreDistributed() {
        Network pruned = Networks.mlp(20, 10, 5).apply(new MagnitudePruning(0.5));
        Figure figure = Report.weights(pruned);
        assertThat(figure.getTraces()).hasSize(2);
        long zeros = 200 - pruned.weight("fc1.weight").countNonZeros();
        assertThat(figure.getTraces()[0].asJavascript(0))
                .contains("name: 'fc1.weight, " + zeros / 2 + "." + zeros % 2 * 5 + " % zero'");
    }

    @Test
    void aNetworkWithoutWeightsHasNothingToShow() {
        Network network = Network.builder("empty")
                .input("x", 1)
                .node("Relu", List.of("x"), "y")
                .output("y", 1)
                .build();
        assertThatThrownBy(() -> Report.weights(network))
                .hasMessage("Network empty has no weights to show; shown are floating-point weights of Gemm, MatMul and"
                        + " Conv operators.");
    }

    private static List<String> row(Table table, int row) {
        return table.columns().stream().map(column -> column.getString(row)).toList();
    }

    @Test
    void pruningLayerByLayer() {
        Network network = Topologies.chain();
        Table table = Report.pruning(network, network.apply(new ChannelPruning(0.5)));
        assertThat(table.name()).isEqualTo("pruning of chain");
        assertThat(table.stringColumn("layer").asList()).containsExactly("c1", "bn1", "c2", "r2", "fc", "total");
        assertThat(table.stringColumn("weight before").asList())
                .containsExactly("[8, 3, 3, 3]", "", "[12, 8, 3, 3]", "", "[5, 12]", "");
        assertThat(table.stringColumn("weight after").asList())
                .containsExactly("[4, 3, 3, 3]", "", "[6, 4, 3, 3]", "", "[5, 6]", "");
        assertThat(table.longColumn("parameters before").asList()).containsExactly(224L, 16L, 876L, 12L, 65L, 1193L);
        assertThat(table.longColumn("parameters after").asList()).containsExactly(112L, 8L, 222L, 6L, 35L, 383L);
        assertThat(table.longColumn("MACs after").asList()).containsExactly(6912L, 0L, 13824L, 0L, 30L, 20766L);
        assertThat(table.longColumn("bytes after").asList()).containsExactly(448L, 64L, 888L, 24L, 140L, 1564L);
    }

    @Test
    void pruningShowsZerosAndBlocksThatAreGone() {
        Network network = Topologies.residual();
        Table table = Report.pruning(network, network.apply(new DepthPruning(0.9, BlockImportance.L2)));
        assertThat(table.stringColumn("weight after").asList())
                .containsExactly("[8, 3, 3, 3]", "", "removed", "removed", "removed", "removed", "[5, 8]", "");
        Table sparse = Report.pruning(network, network.apply(new MagnitudePruning(0.5, Scope.LAYER)));
        assertThat(sparse.doubleColumn("sparsity %").get(0)).isCloseTo(100.0 * 108 / 224, within(1e-9));
    }

    @Test
    void drawsErrorsAgainstDensities() {
        Map<Double, Double> errors = new java.util.LinkedHashMap<>();
        errors.put(100.0, 1.64);
        errors.put(8.0, 1.59);
        String drawing = Report.errorAgainstDensity(Map.of("lenet", errors)).asJavascript("target");
        assertThat(drawing)
                .contains("Error against density", "weights left in %", "\"100.0\",\"8.0\"", "\"1.64\",\"1.59\"");
    }

    @Test
    void showsWhatASearchForPrecisionsTried() {
        Network network = Networks.mlp(8, 6, 4).named("small");
        Map<String, LayerScheme> bytes = Map.of("fc1.weight", LayerScheme.STATIC, "fc2.weight", LayerScheme.STATIC);
        Map<String, LayerScheme> bits = new LinkedHashMap<>();
        bits.put("fc1.weight", LayerScheme.INT4);
        bits.put("fc2.weight", LayerScheme.FLOAT16);
        Trial floats = new Trial(Map.of(), 1.5, 4000, Double.NaN, Double.NaN, true);
        Trial wrong = new Trial(bytes, 9.25, 1000, Double.NaN, Double.NaN, false);
        Trial right = new Trial(bits, 1.75, 900, 130, 120, true);
        Trial again = new Trial(bits, 1.75, 900, 140, 100, true);
        List<LayerCost> costs = List.of(
                new LayerCost("fc1.weight", LayerScheme.STATIC, 7.5, 0.1, 1500),
                new LayerCost("fc2.weight", LayerScheme.STATIC, 0, 0.001, 1400),
                new LayerCost("fc1.weight", LayerScheme.INT4, 0.25, 0, 1600));
        MixedPrecision found = new MixedPrecision(
                network,
                floats,
                again,
                List.of(floats, wrong, right),
                costs,
                Order.MEASURED,
                List.of(),
                Double.NaN,
                Double.NaN);
        assertThat(found.summary()).isEqualTo("2 of 2 layers (1 int4, 1 float16), 1.40x slower, 900 bytes of 4,000");
        Table trials = Report.precisionTrials(found);
        assertThat(trials.name()).isEqualTo("networks tried for small");
        assertThat(trials.columnNames())
                .containsExactly(
                        "layers are",
                        "quantized",
                        "error %",
                        "file KB",
                        "\u00b5s",
                        "\u00b5s of floats in turns",
                        "beside floats",
                        "verdict");
        assertThat(row(trials, 0)).containsExactly("floats", "0", "1.50", "4.0", "", "", "", "");
        assertThat(row(trials, 1)).containsExactly("static", "2", "9.25", "1.0", "", "", "", "error too high");
        assertThat(row(trials, 2))
                .containsExactly("1 int4, 1 float16", "2", "1.75", "0.9", "140.0", "100.0", "1.40x slower", "chosen");
        Table layers = Report.precisionLayers(found, network);
        assertThat(layers.columnNames())
                .containsExactly(
                        "layer",
                        "became",
                        "static: error +",
                        "static: dB",
                        "static: KB saved",
                        "int4: error +",
                        "int4: dB",
                        "int4: KB saved");
        assertThat(row(layers, 0)).containsExactly("fc1", "int4", "7.50", "10.0", "1.5", "0.25", "", "1.6");
        assertThat(row(layers, 1)).containsExactly("fc2", "float16", "0.00", "30.0", "1.4", "", "", "");
    }
}
