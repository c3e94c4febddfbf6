package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static pomona.Equality.relativeError;

import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Networks;
import pomona.Records;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.train.Training;

/** Weights that several layers take, some of them transposed: ONNX Runtime's kernels take scales as those of outputs. */
class StaticSharedWeightsTest {

    private static final int WIDTH = 32;
    private static final int RECORDS = 128;
    private static final Tensor ROWS = Networks.uniform(5, -1, 1, RECORDS, WIDTH);
    private static final Map<String, Tensor> FEEDS = Map.of("x", Networks.uniform(9, -1, 1, 16, WIDTH));
    private static final Training SHORT = Training.epochs(3).withBatchSize(16).withLearningRate(0.002);

    private static RandomAccessDataset records() {
        return Records.labelled(ROWS, WIDTH);
    }

    private static StaticQuantization quantization() {
        return new StaticQuantization(records(), RECORDS);
    }

    /**
     * A layer of so many units, and one with its weight transposed, as in an autoencoder of tied weights.
     *
     * @param second the name of the second layer's weight
     */
    private static Network autoencoder(int units, String second, boolean biases) {
        NetworkBuilder builder = Network.builder("autoencoder")
                .input("x", "batch", WIDTH)
                .weight("w", Networks.random(1, WIDTH, WIDTH, units))
                .weight(second, Networks.random(1, WIDTH, WIDTH, units))
                .weight("b1", Networks.uniform(2, -1, 1, units))
                .weight("b2", Networks.uniform(3, -1, 1, WIDTH));
        return builder.node(Node.of("Gemm", "in", biases ? List.of("x", "w", "b1") : List.of("x", "w"), "h"))
                .node("Relu", List.of("h"), "r")
                .node(Node.of("Gemm", "out", biases ? List.of("r", second, "b2") : List.of("r", second), "y")
                        .with("transB", Attribute.of(1)))
                .output("y", "batch", WIDTH)
                .build();
    }

    private static List<Tensor> bytes(Network network) {
        return network.weights().values().stream()
                .filter(weight -> weight.type() == ElementType.INT8 && weight.rank() == 2)
                .toList();
    }

    /** Whether the axis that a layer's weight has scales along is that of its outputs; true when there is one scale. */
    private static boolean hasScalesOfOutputs(Node layer, Network network) {
        Node maker = network.graph().producers().get(layer.input(1));
        int outputs = layer.integer("transB", 0) == 0 ? 1 : 0;
        return network.weight(maker.input(1)).rank() == 0 || maker.integer("axis", 1) == outputs;
    }

    @ParameterizedTest
    @CsvSource({"32, false", "32, true", "16, false", "16, true"})
    void straightAndTransposedItHasOneScale(int units, boolean biases, @TempDir Path folder) throws Exception {
        Network floats = autoencoder(units, "w", biases);
        Network apart = autoencoder(units, "v", biases);
        Network small = floats.apply(quantization());
        Network copies = apart.apply(quantization());
        assertThat(bytes(small)).hasSize(1);
        assertThat(bytes(copies)).hasSize(2);
        assertThat(small.weight("w.scale").rank()).isZero();
        assertThat(copies.weight("w.scale").shape()).containsExactly(units);
        assertThat(copies.weight("v.scale").shape()).containsExactly(WIDTH);
        for (Network network : List.of(small, copies)) {
            assertThat(network.nodes())
                    .filteredOn(node -> node.is("Gemm"))
                    .hasSize(2)
                    .allMatch(layer -> hasScalesOfOutputs(layer, network));
            assertThat(OperatorsAsRun.of(network, folder)).contains("QGemm").doesNotContain("Gemm");
        }
        double lost = relativeError(apart, copies, FEEDS);
        assertThat(lost).isBetween(1e-4, 0.03);
        assertThat(relativeError(floats, small, FEEDS)).isLessThan(2 * lost);
    }

    @Test
    void alikeItKeepsAScaleForEachOutput() {
        Network network = Network.builder("alike")
                .input("x", "batch", WIDTH)
                .weight("w", Networks.random(1, WIDTH, WIDTH, WIDTH))
                .node(Node.of("Gemm", "a", List.of("x", "w"), "h").with("transB", Attribute.of(1)))
                .node("Relu", List.of("h"), "r")
                .node(Node.of("Gemm", "b", List.of("r", "w"), "y").with("transB", Attribute.of(1)))
                .output("y", "batch", WIDTH)
                .build();
        Network small = network.apply(quantization());
        assertThat(bytes(small)).hasSize(1);
        assertThat(small.weight("w.scale").shape()).containsExactly(WIDTH);
        assertThat(relativeError(network, small, FEEDS)).isLessThan(0.03);
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 16})
    void refinementsFindTheSameScale(int units) {
        Network floats = autoencoder(units, "w", true);
        double nearest = relativeError(floats, floats.apply(quantization()), FEEDS);
        Network rounded = new AdaptiveRounding(records(), RECORDS, 8, true, 500, "*").apply(floats);
        float[] weights = rounded.weight("w").toFloatArray();
        float step = QuantizedWeight.scales(weights, new long[] {WIDTH, units}, -1, 127)[0];
        for (float weight : weights) {
            assertThat(Math.abs(weight / step - Math.rint(weight / step))).isLessThan(1e-3);
        }
        Network refined = floats.apply(quantization().with(new Refinement(false, 0, Rounding.ADAPTIVE, true)));
        assertThat(relativeError(floats, refined, FEEDS)).isLessThan(1.1 * nearest);
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 16})
    void searchesByLayerAreRightToo(int units) {
        Network floats = autoencoder(units, "w", true);
        double decibels = QuantizationSensitivity.bySignalToNoise(
                        floats, LayerScheme.STATIC, List.of(8.0), "*", records())
                .run()
                .error("w", 8);
        assertThat(decibels).isBetween(30.0, 60.0);
        Network mixed = floats.apply(new MixedPrecisionQuantization(
                1,
                records(),
                null,
                MixedPrecisionQuantization.Goal.SMALLEST,
                MixedPrecisionQuantization.Order.MEASURED,
                List.of(LayerScheme.STATIC),
                "*"));
        assertThat(bytes(mixed)).hasSize(1);
        assertThat(relativeError(floats, mixed, FEEDS)).isLessThan(0.03);
    }

    @Test
    void aBranchThatTurnsAWeightFromOutsideHasItsOwnScales() {
        Node turned = Node.of("Gemm", "inside", List.of("r", "w"), "then.out").with("transB", Attribute.of(1));
        Network network = Network.builder("turned")
                .inputs(List.of(
                        Value.of("x", ElementType.FLOAT, "batch", WIDTH), Value.of("way", ElementType.INT64, "one")))
                .weight("w", Networks.random(1, WIDTH, WIDTH, WIDTH))
                .node(Node.of("Cast", "cast", List.of("way"), "yes").with("to", Attribute.of(9)))
                .node(Node.of("Gemm", "outside", List.of("x", "w"), "h"))
                .node("Relu", List.of("h"), "r")
                .node(Node.of("If", "if", List.of("yes"), "y")
                        .with("then_branch", branch("then", turned))
                        .with("else_branch", branch("else", Node.of("Neg", "neg", List.of("r"), "else.out"))))
                .output("y", "batch", WIDTH)
                .build();
        long[] ways = new long[RECORDS];
        Arrays.fill(ways, 1);
        RandomAccessDataset data = RandomRecords.of(
                RandomRecords.array(ROWS.toFloatArray(), RECORDS, WIDTH), RandomRecords.array(ways, RECORDS));
        Network small = network.apply(new StaticQuantization(data, RECORDS));
        Map<String, Tensor> feeds = Map.of("x", FEEDS.get("x"), "way", Tensor.ofLongs(new long[] {1}, 1));
        assertThat(relativeError(network, small, feeds)).isBetween(1e-4, 0.03);
    }

    private static Attribute branch(String name, Node node) {
        return new Attribute.Subgraph(
                BranchNetworks.graph(name, List.of(), List.of(BranchNetworks.value(node.output())), Map.of(), node));
    }

    @ParameterizedTest
    @CsvSource({"32, 8, BYTES", "16, 8, BYTES", "32, 4, PACKED", "16, 4, PACKED", "16, 4, INT4"})
    void trainingGivesWhatTheFileGives(int units, int bits, WeightStorage storage, @TempDir Path folder)
            throws Exception {
        QuantizationAwareTraining technique =
                new QuantizationAwareTraining(bits, 8, true, storage, "*", records(), RECORDS, SHORT, true);
        Network floats = autoencoder(units, "w", true);
        Network apart = autoencoder(units, "v", true);
        double lost = relativeError(apart, technique.untrained(apart), FEEDS);
        assertThat(relativeError(floats, technique.untrained(floats), FEEDS)).isLessThan(2 * lost);
        TrainedNumbers numbers = TrainedNumbers.of(technique, floats, records(), SHORT);
        assertThat(numbers.lattices().weight("w.step").size()).isEqualTo(1);
        assertThat(relativeError(technique.untrained(floats), numbers.integers(), FEEDS))
                .isGreaterThan(0.05);
        assertThat(numbers.error(FEEDS.get("x"))).isLessThan(0.01);
        if (storage != WeightStorage.INT4) {
            assertThat(OperatorsAsRun.of(numbers.integers(), folder))
                    .contains("QGemm")
                    .doesNotContain("Gemm");
        }
    }
}
