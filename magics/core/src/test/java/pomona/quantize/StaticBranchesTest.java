package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pomona.Equality.relativeError;

import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Equality;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;

/** Layers in branches of If and in bodies of Loop and Scan, each run by ONNX Runtime. */
class StaticBranchesTest {

    private static final long[] BOTH = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};

    private static List<String> ops(Network network) {
        return InnerGraph.of(network).stream()
                .flatMap(graph -> graph.graph().nodes().stream())
                .map(Node::op)
                .toList();
    }

    /** The scale that the integers of a value have in the graph with a path. */
    private static float scale(Network network, String path, String value) {
        InnerGraph graph = InnerGraph.of(network).stream()
                .filter(one -> one.path().equals(path))
                .findFirst()
                .orElseThrow();
        Node quantize = graph.graph().nodes().stream()
                .filter(node -> node.is("QuantizeLinear") && node.input(0).equals(value))
                .findFirst()
                .orElseThrow();
        return graph.network().weight(quantize.input(1)).toFloatArray()[0];
    }

    private static StaticQuantization pass(RandomAccessDataset data) {
        return new StaticQuantization(data, 40, Calibration.MIN_MAX, 99.99, true, ReducedRange.OFF, "*");
    }

    @Test
    void layersOfBothBranchesRunInIntegers(@TempDir Path folder) throws Exception {
        Network network = BranchNetworks.convolutions();
        Network small = network.apply(pass(BranchNetworks.records(1, BOTH)));
        for (long way : new long[] {0, 1}) {
            // 34 dB.
            assertThat(relativeError(network, small, BranchNetworks.feeds(way)))
                    .as("way " + way)
                    .isLessThan(0.02);
        }
        assertThat(small.signature()).isEqualTo(network.signature());
        assertThat(OperatorsAsRun.everywhere(small, folder))
                .contains("QLinearConv", "MatMulIntegerToFloat")
                .doesNotContain("Conv", "MatMul", "Relu");
        assertThat(small.provenance().get(0).options()).doesNotContainKeys("leftFloat", "unrefined");
        Network again = Onnx.read(Onnx.write(small, folder.resolve("small.onnx")));
        assertThat(relativeError(network, again, BranchNetworks.feeds(1))).isLessThan(0.02);
    }

    @Test
    void aWeightThatBranchesShareIsStoredOnceAndOutside() {
        Network small = BranchNetworks.convolutions().apply(pass(BranchNetworks.records(1, BOTH)));
        assertThat(small.weights()).containsKey("shared.int8").doesNotContainKey("shared");
        assertThat(InnerGraph.of(small).stream()
                        .flatMap(graph -> graph.graph().weights().values().stream())
                        .filter(weight -> weight.type() == ElementType.INT8 && weight.size() == 144))
                .hasSize(1);
        assertThat(InnerGraph.of(small).stream()
                        .flatMap(graph -> graph.graph().weights().values().stream())
                        .filter(weight -> weight.type() == ElementType.FLOAT && weight.size() > 8))
                .isEmpty();
    }

    @Test
    void rangesInABranchAreThoseOfTheRecordsThatRunIt() {
        Network small = BranchNetworks.convolutions().apply(pass(BranchNetworks.records(100, BOTH)));
        assertThat(scale(small, "y.then_branch/", "x")).isBetween(1.9f / 255, 2f / 255);
        assertThat(scale(small, "y.else_branch/", "x")).isBetween(190f / 255, 200f / 255);
        assertThat(relativeError(BranchNetworks.convolutions(), small, BranchNetworks.feeds(1)))
                .isLessThan(0.02);
    }

    @Test
    void layersOfABranchThatNoRecordRanStayInFloatAndAreNamed() {
        Network network = BranchNetworks.convolutions();
        Network small = network.apply(pass(BranchNetworks.records(1, 1, 1, 1, 1)));
        assertThat(small.provenance().get(0).options())
                .containsEntry(
                        "leftFloat",
                        "y.else_branch/c1 stays float: no record ran the branch or loop it is in;"
                                + " y.else_branch/c2 stays float: no record ran the branch or loop it is in");
        assertThat(relativeError(network, small, BranchNetworks.feeds(1))).isBetween(1e-4, 0.02);
        assertThat(Equality.run(small, BranchNetworks.feeds(0)))
                .containsExactly(Equality.run(network, BranchNetworks.feeds(0)));
    }

    @Test
    void theProfileShowsLayersInsideBranches() {
        Network network = BranchNetworks.convolutions();
        RandomAccessDataset data = BranchNetworks.records(1, 1, 1, 1, 1);
        QuantizationProfile profile = QuantizationProfile.of(network, network.apply(pass(data)), data, 4);
        // The second convolution of the other branch has the same weight, which is shown once.
        assertThat(profile.layers())
                .extracting(QuantizedLayer::layer)
                .containsExactly("c1", "c2", "m", "y.else_branch/c1");
        assertThat(profile.layers())
                .extracting(QuantizedLayer::weight)
                .containsExactly(ElementType.INT8, ElementType.INT8, ElementType.INT8, ElementType.FLOAT);
        QuantizedLayer first = profile.layers().get(0);
        assertThat(first.activation()).isEqualTo(ElementType.UINT8);
        assertThat(first.min()).isBetween(-1.01f, -0.95f);
        assertThat(first.max()).isBetween(0.95f, 1.01f);
        assertThat(first.bytesBefore()).isEqualTo(4 * (4 * 2 * 9 + 4));
        assertThat(profile.spared())
                .containsExactly(Map.entry("y.else_branch/c1", "no record ran the branch or loop it is in"));
    }

    @Test
    void aNetworkNoneOfWhoseLayersRanIsRefused() {
        Network network = BranchNetworks.convolutions();
        StaticQuantization pass = pass(BranchNetworks.records(1, 0, 0)).with(LayerChoice.of("m"));
        assertThatThrownBy(() -> network.apply(pass))
                .hasMessage("Network branches has no layer to quantize that ran on the data: m stays float: no record"
                        + " ran the branch or loop it is in.");
    }

    @Test
    void aValueInABranchThatIsNotFiniteIsNamedWithItsRecord() {
        float[] values = Networks.uniform(5, -1, 1, 4, 2, 8, 8).toFloatArray();
        Arrays.fill(values, 128, 256, 3e38f);
        RandomAccessDataset data = RandomRecords.of(
                RandomRecords.array(values, 4, 2, 8, 8), RandomRecords.array(new long[] {1, 1, 0, 1}, 4));
        assertThatThrownBy(() -> BranchNetworks.convolutions().apply(pass(data)))
                .hasMessage("Value r.out of network branches is NaN or infinite on record 2 of the calibration data; a"
                        + " network to quantize gives finite values.");
    }

    @Test
    void layersInALoopAndInABranchInsideItAreQuantized(@TempDir Path folder) throws Exception {
        Network network = BranchNetworks.loop();
        Network small = network.apply(pass(RandomRecords.of(40, 16)));
        Map<String, Tensor> feeds = Map.of("x", Networks.uniform(6, -1, 1, 3, 16));
        assertThat(relativeError(network, small, feeds)).isLessThan(0.04);
        assertThat(ops(small)).filteredOn("QuantizeLinear"::equals).hasSize(2);
        assertThat(OperatorsAsRun.everywhere(small, folder)).doesNotContain("MatMul");
        // In the first round h is the input, later what the branches give, which is larger.
        assertThat(scale(small, "y.body/", "h")).isGreaterThan(2.1f / 255);
        // tanh gives values up to 1 in size.
        assertThat(scale(small, "y.body/next.then_branch/", "t")).isBetween(1f / 255, 2f / 255);
    }

    @Test
    void aLayerInAScanIsQuantizedAndOneInABranchInsideItIsNamed(@TempDir Path folder) throws Exception {
        Network network = BranchNetworks.scan();
        Network small = network.apply(pass(RandomRecords.of(40, 5, 16)));
        Map<String, Tensor> feeds = Map.of("x", Networks.uniform(6, -1, 1, 1, 9, 16));
        assertThat(relativeError(network, small, feeds)).isLessThan(0.04);
        assertThat(ops(small)).filteredOn("QuantizeLinear"::equals).hasSize(1);
        assertThat(small.provenance().get(0).options())
                .containsEntry("leftFloat", "second stays float: values inside If inside Scan are not measured");
        assertThat(scale(small, "last.body/", "sum")).isGreaterThan(3f / 255);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "auto"})
    void layersInBranchesCanBeLeftInFloatByMeasurement(String keep) {
        Network network = BranchNetworks.convolutions();
        Network small =
                network.apply(pass(BranchNetworks.records(1, BOTH)).with(LayerChoice.ALL.with(KeptLayers.parse(keep))));
        assertThat(ops(small)).filteredOn("Conv"::equals).hasSize(4);
        assertThat(small.provenance().get(0).options().get("keepFloat")).startsWith(keep);
        assertThat(relativeError(network, small, BranchNetworks.feeds(0))).isLessThan(0.02);
    }

    /** A layer that is named stays float where no record ran it, and the others are quantized. */
    @Test
    void layersOfSixteenBitsThatNoRecordRanStayInFloat() {
        Network network = BranchNetworks.convolutions();
        StaticQuantization pass = pass(BranchNetworks.records(1, 1, 1, 1, 1));
        Network small = network.apply(
                pass.with(LayerChoice.of("c1, y.else_branch/c1").with(SixteenBitLayers.parse("y.else_branch/c1"))));
        assertThat(small.provenance().get(0).options())
                .containsEntry("leftFloat", "y.else_branch/c1 stays float: no record ran the branch or loop it is in");
        assertThat(relativeError(network, small, BranchNetworks.feeds(1))).isBetween(1e-4, 0.02);
        // One layer ran, and that one is asked to stay in float.
        assertThatThrownBy(() -> network.apply(
                        pass.with(LayerChoice.of("c1, y.else_branch/c1").with(new KeptLayers(1)))))
                .hasMessage(
                        "Option keep-float is 1, but network branches has 1 layer to quantize, so that none would be;"
                                + " it is 0.");
    }

    @Test
    void layersInBranchesCanHaveSixteenBits() {
        Network network = BranchNetworks.convolutions();
        Network small = network.apply(pass(BranchNetworks.records(1, BOTH))
                .with(LayerChoice.ALL.with(SixteenBitLayers.parse("c1, y.else_branch/c1"))));
        assertThat(small.opset()).isEqualTo(21);
        assertThat(relativeError(network, small, BranchNetworks.feeds(0))).isLessThan(0.02);
        assertThat(relativeError(network, small, BranchNetworks.feeds(1))).isLessThan(0.02);
        assertThat(InnerGraph.of(small).stream()
                        .flatMap(graph -> graph.graph().weights().values().stream())
                        .filter(weight -> weight.type() == ElementType.UINT16))
                .isNotEmpty();
    }

    @Test
    void whatBranchesTakeFromOutsideIsRightForBoth() {
        Network network = BranchNetworks.outsideAndInside();
        RandomAccessDataset data = RandomRecords.of(
                RandomRecords.array(Networks.uniform(3, -1, 1, 12, 16).toFloatArray(), 12, 16),
                RandomRecords.array(BOTH, 12));
        Network small = network.apply(pass(data).with(new Refinement(false, 0.5, Rounding.ADAPTIVE, true)));
        for (long way : new long[] {0, 1}) {
            Map<String, Tensor> feeds =
                    Map.of("x", Networks.uniform(6, -1, 1, 3, 16), "way", Tensor.ofLongs(new long[] {way}, 1));
            assertThat(relativeError(network, small, feeds)).isLessThan(0.02);
        }
        assertThat(ops(small)).filteredOn("QuantizeLinear"::equals).hasSize(2);
        assertThat(small.provenance().get(0).options()).containsEntry("unrefined", "inside");
    }

    /** ONNX Runtime ends the process where its own pairs come between such an operator and a branch. */
    @Test
    void whatIsMovedAboutInFrontOfABranchIsRight() {
        Tensor shape = Tensor.ofLongs(new long[] {0, 4, 8, 8}, 4);
        Tensor zeros = Tensor.ofLongs(new long[] {0}, 1);
        Tensor ends = Tensor.ofLongs(new long[] {7}, 1);
        Tensor axes = Tensor.ofLongs(new long[] {2}, 1);
        for (Network network : List.of(
                BranchNetworks.moved(Node.of("Reshape", "m", List.of("c.out", "shape"), "m"), shape),
                BranchNetworks.moved(
                        Node.of("Slice", "m", List.of("c.out", "from", "to", "axes"), "m"), zeros, ends, axes),
                BranchNetworks.moved(
                        Node.of("Transpose", "m", List.of("c.out"), "m").with("perm", Attribute.ofInts(0, 1, 3, 2))))) {
            for (SixteenBitLayers wide : List.of(SixteenBitLayers.NONE, SixteenBitLayers.parse("c"))) {
                Network small =
                        network.apply(pass(BranchNetworks.records(1, BOTH)).with(LayerChoice.ALL.with(wide)));
                for (long way : new long[] {0, 1}) {
                    assertThat(relativeError(network, small, BranchNetworks.feeds(way)))
                            .isLessThan(0.02);
                }
            }
        }
    }

    @Test
    void refinementThatDoesNotLookIntoBranchesIsSaid() {
        Network network = BranchNetworks.convolutions();
        Network small = network.apply(
                pass(BranchNetworks.records(1, BOTH)).with(new Refinement(true, 0, Rounding.ADAPTIVE, false)));
        assertThat(small.provenance().get(0).options())
                .containsEntry("unrefined", "c1, c2, m, y.else_branch/c1, y.else_branch/c2");
        assertThat(relativeError(network, small, BranchNetworks.feeds(0))).isLessThan(0.02);
    }
}
