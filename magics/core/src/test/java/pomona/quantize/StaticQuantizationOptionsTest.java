package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pomona.Equality.relativeError;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Step;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.report.Report;

class StaticQuantizationOptionsTest {

    private static final List<String> ALL = List.of("Conv", "Gemm", "MatMul");

    private static StaticQuantization with(
            RandomAccessDataset data, ActivationType type, List<String> operators, String keep, String mask) {
        return new StaticQuantization(data, 40, Calibration.MIN_MAX, 99.99, true, ReducedRange.OFF, "*")
                .with(RangeSettings.MIN_MAX.with(type).withMask(mask))
                .with(LayerChoice.ALL.withOperators(operators).with(KeptLayers.parse(keep)));
    }

    private static Map<String, Tensor> feeds() {
        return Map.of("x", Networks.uniform(6, -1, 1, 5, 3, 8, 8));
    }

    @Test
    void whatLiesBetweenLayersStaysInIntegers(@TempDir Path folder) throws Exception {
        Network small = ResidualNetwork.network().apply(new StaticQuantization(RandomRecords.of(40, 3, 8, 8), 40));
        assertThat(relativeError(ResidualNetwork.network(), small, feeds())).isLessThan(0.04);
        assertThat(OperatorsAsRun.of(small, folder))
                .contains("QLinearConv", "QLinearAdd", "QLinearConcat", "QLinearGlobalAveragePool", "QGemm")
                .doesNotContain("Conv", "Add", "Concat", "GlobalAveragePool", "Gemm", "Relu", "Clip");
    }

    @Test
    void activationsOfAllTypesAreRight() {
        RandomAccessDataset data = RandomRecords.of(40, 3, 8, 8);
        for (ActivationType type : ActivationType.values()) {
            Network small = ResidualNetwork.network().apply(with(data, type, ALL, "0", ""));
            boolean wide = type.opset() == 21;
            assertThat(relativeError(ResidualNetwork.network(), small, feeds()))
                    .as("%s", type)
                    .isLessThan(0.04);
            assertThat(small.opset()).isEqualTo(wide ? 21 : 17);
            assertThat(QuantizationProfile.of(ResidualNetwork.network(), small).layers())
                    .extracting(QuantizedLayer::activation)
                    .containsOnly(type.element());
        }
    }

    @Test
    void sixteenBitsAreMoreExactThanEight() {
        Network network = Networks.mlp(32, 16, 8);
        Map<String, Tensor> feeds = Map.of("x", Networks.uniform(6, -1, 1, 20, 32));
        // With weights that bytes hold exactly, what is left is the error of activations.
        Tensor whole = Tensor.ofFloats(wholeNumbers(16 * 32), 16, 32);
        Tensor more = Tensor.ofFloats(wholeNumbers(8 * 16), 8, 16);
        Network exact = network.withWeights(Map.of("fc1.weight", whole, "fc2.weight", more));
        RandomAccessDataset data = RandomRecords.of(40, 32);
        double eight = relativeError(exact, exact.apply(with(data, ActivationType.UINT8, ALL, "0", "")), feeds);
        double sixteen = relativeError(exact, exact.apply(with(data, ActivationType.INT16, ALL, "0", "")), feeds);
        assertThat(sixteen).isLessThan(eight / 50);
    }

    private static float[] wholeNumbers(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i % 16 == 0 ? 127 : (i * 37) % 255 - 127;
        }
        return values;
    }

    @Test
    void onlyTheNamedOperatorsAreQuantized() {
        Network small = ResidualNetwork.network()
                .apply(with(RandomRecords.of(40, 3, 8, 8), ActivationType.UINT8, List.of("Gemm"), "0", ""));
        assertThat(QuantizationProfile.of(ResidualNetwork.network(), small).layers())
                .extracting(QuantizedLayer::weight)
                .containsExactly(ElementType.FLOAT, ElementType.FLOAT, ElementType.FLOAT, ElementType.INT8);
        assertThatThrownBy(() -> with(RandomRecords.of(1, 2), ActivationType.UINT8, List.of("Softmax"), "0", ""))
                .hasMessage("Option operators has Softmax, but static quantization takes Conv, Gemm and MatMul.");
        assertThatThrownBy(() -> with(RandomRecords.of(1, 2), ActivationType.UINT8, List.of(), "0", ""))
                .hasMessage("Option operators is empty; it is one or more of Conv, Gemm and MatMul.");
        assertThatThrownBy(() -> ResidualNetwork.network()
                        .apply(with(RandomRecords.of(4, 3, 8, 8), ActivationType.UINT8, List.of("MatMul"), "0", "")))
                .hasMessage("Network residual has nothing to quantize; it would be the constant 32-bit floating-point"
                        + " weights of MatMul operators.");
    }

    /** Two linear layers, of which the first alone is to be quantized, with a function between. */
    private static Network two(boolean matMul, String function) {
        NetworkBuilder builder = Network.builder("two")
                .input("x", "batch", 32)
                .weight("w1", Networks.random(1, 32, 32, 64))
                .weight("b1", Networks.uniform(2, -1, 1, 64))
                .weight("w2", Networks.random(3, 64, 64, 8))
                .weight("zero", Tensor.scalar(0f))
                .weight("six", Tensor.scalar(6f));
        if (matMul) {
            builder.node(Node.of("MatMul", "first", List.of("x", "w1"), "h"));
        } else {
            builder.node(Node.of("Gemm", "first", List.of("x", "w1", "b1"), "h"));
        }
        return builder.node(function, function.equals("Clip") ? List.of("h", "zero", "six") : List.of("h"), "a")
                .node(Node.of("MatMul", "second", List.of("a", "w2"), "y"))
                .output("y", "batch", 8)
                .build();
    }

    @Test
    void aLayerInFrontOfOneInFloatRunsInIntegers(@TempDir Path folder) throws Exception {
        RandomAccessDataset data = RandomRecords.of(40, 32);
        Map<String, Tensor> feeds = Map.of("x", Networks.uniform(6, -1, 1, 20, 32));
        for (boolean matMul : new boolean[] {false, true}) {
            for (String function : List.of("Relu", "Clip", "LeakyRelu", "Tanh", "Gelu")) {
                Network network = function.equals("Gelu")
                        ? two(matMul, function).toBuilder().opset("", 20).build()
                        : two(matMul, function);
                Network small = network.apply(new StaticQuantization(data, 40).with(LayerChoice.of("first")));
                assertThat(relativeError(network, small, feeds))
                        .as("%s %s", matMul, function)
                        .isLessThan(0.02);
                assertThat(OperatorsAsRun.of(small, folder))
                        .as("%s %s", matMul, function)
                        .containsAnyOf("QGemm", "MatMulIntegerToFloat")
                        .containsOnlyOnce("MatMul")
                        .doesNotContain("FusedGemm", "Gemm");
            }
        }
    }

    @Test
    void theLayerThatLosesMostIsLeftInFloat() {
        Network network = BadLayer.network();
        RandomAccessDataset data = RandomRecords.of(40, 32);
        Map<String, Tensor> feeds = Map.of("x", Networks.uniform(6, -1, 1, 20, 32));
        assertThat(relativeError(network, network.apply(with(data, ActivationType.UINT8, ALL, "0", "")), feeds))
                .isGreaterThan(0.1);
        for (String keep : List.of("auto", "1")) {
            Network small = network.apply(with(data, ActivationType.UINT8, ALL, keep, ""));
            assertThat(relativeError(network, small, feeds)).isLessThan(0.1);
            assertThat(QuantizationProfile.of(network, small).layers())
                    .extracting(QuantizedLayer::weight)
                    .containsExactly(ElementType.INT8, ElementType.FLOAT, ElementType.INT8);
            assertThat(small.provenance().get(0).options()).containsEntry("keepFloat", keep + " (fc2)");
            assertThat(QuantizationProfile.of(network, small).spared()).isEqualTo(Map.of("fc2", "sensitive"));
            assertThat(Report.quantization(QuantizationProfile.of(network, small))
                            .stringColumn("spared because")
                            .asList())
                    .containsExactly("", "sensitive", "", "", "");
        }
    }

    @Test
    void noLayerIsLeftInFloatWithoutNeed() {
        Network network = Networks.mlp(32, 16, 8);
        Network small = network.apply(with(RandomRecords.of(40, 32), ActivationType.UINT8, ALL, "auto", ""));
        assertThat(QuantizationProfile.of(network, small).layers())
                .extracting(QuantizedLayer::weight)
                .containsOnly(ElementType.INT8);
        assertThat(small.provenance().get(0).options()).containsEntry("keepFloat", "auto");
    }

    @Test
    void layersThatAreSlowerAsIntegersAreLeftInFloatAndNamed() {
        Network network = ResidualNetwork.network();
        Network small = network.apply(with(RandomRecords.of(8, 3, 8, 8), ActivationType.UINT8, ALL, "slower", ""));
        List<String> inFloat = QuantizationProfile.of(network, small).layers().stream()
                .filter(layer -> !layer.isQuantized())
                .map(QuantizedLayer::layer)
                .toList();
        assertThat(QuantizationProfile.of(network, small).spared())
                .isEqualTo(inFloat.stream().collect(Collectors.toMap(name -> name, name -> "slower as integers")));
        assertThat(small.provenance().get(0).options())
                .containsEntry(
                        "keepFloat", inFloat.isEmpty() ? "slower" : "slower (" + String.join(", ", inFloat) + ")");
    }

    @Test
    void layersThatLoseMostAreLeftInFloatBeforeThoseThatAreSlower() {
        Network network = BadLayer.network();
        for (String keep : List.of("auto", "1")) {
            Network small =
                    network.apply(with(RandomRecords.of(40, 32), ActivationType.UINT8, ALL, keep + ",slower", ""));
            QuantizationProfile profile = QuantizationProfile.of(network, small);
            List<String> slower = profile.layers().stream()
                    .filter(layer -> !layer.isQuantized() && !layer.layer().equals("fc2"))
                    .map(QuantizedLayer::layer)
                    .toList();
            Map<String, String> reasons =
                    slower.stream().collect(Collectors.toMap(name -> name, name -> "slower as integers"));
            reasons.put("fc2", "sensitive");
            assertThat(profile.spared()).isEqualTo(reasons);
            assertThat(small.provenance().get(0).options())
                    .containsEntry(
                            "keepFloat",
                            keep + " (fc2), slower" + (slower.isEmpty() ? "" : " (" + String.join(", ", slower) + ")"));
        }
    }

    @Test
    void provenanceTellsWhyEachLayerWasSpared() {
        SparedLayers both = new SparedLayers(List.of("conv1", "conv2"), List.of("fc(1)"));
        Network network = Networks.mlp(4, 2)
                .withStep(new Step("StaticQuantization", Map.of("keepFloat", both.text("auto,slower"))));
        assertThat(both.text("auto,slower")).isEqualTo("auto (conv1, conv2), slower (fc(1))");
        assertThat(SparedLayers.reasons(network))
                .isEqualTo(Map.of("conv1", "sensitive", "conv2", "sensitive", "fc(1)", "slower as integers"));
        assertThat(SparedLayers.NONE.text("2,slower")).isEqualTo("2,slower");
        assertThat(SparedLayers.NONE.text("slower")).isEqualTo("slower");
        assertThat(new SparedLayers(List.of(), List.of("fc1")).text("auto,slower"))
                .isEqualTo("auto, slower (fc1)");
    }

    @Test
    void aLayerThatIsMuchFasterAsIntegersIsQuantized() {
        Network network = Networks.mlp(1024, 1024, 8);
        Network small = network.apply(with(RandomRecords.of(4, 1024), ActivationType.UINT8, ALL, "slower", ""));
        assertThat(QuantizationProfile.of(network, small).layers().get(0).weight())
                .isEqualTo(ElementType.INT8);
    }

    @Test
    void keptLayersAreANumberOrAuto() {
        assertThat(KeptLayers.parse(" auto ")).isEqualTo(KeptLayers.AUTO).hasToString("auto");
        assertThat(KeptLayers.parse("slower")).isEqualTo(KeptLayers.SLOWER).hasToString("slower");
        assertThat(KeptLayers.parse("8")).isEqualTo(new KeptLayers(8)).hasToString("8");
        assertThat(KeptLayers.parse("auto, slower"))
                .isEqualTo(new KeptLayers(-1, true))
                .hasToString("auto,slower");
        assertThat(KeptLayers.parse("3,slower"))
                .isEqualTo(new KeptLayers(3, true))
                .hasToString("3,slower");
        assertThat(KeptLayers.parse("0,slower")).isEqualTo(KeptLayers.SLOWER).hasToString("slower");
        for (String wrong : List.of("-1", "conv1", "1.5", "slower,auto", "auto,2", "auto,auto,slower", "auto,", "")) {
            assertThatThrownBy(() -> KeptLayers.parse(wrong))
                    .hasMessage("Option keep-float is " + wrong
                            + ", but it is auto, slower or a number of layers, 0 or more, or such as auto,slower; layers"
                            + " with names are left in float by option layers, such as *, !conv1.");
        }
    }

    private static Network sequence() {
        return Network.builder("sequence")
                .input("x", "batch", "length", 4)
                .input(Value.of("attention_mask", ElementType.INT64, "batch", "length"))
                .weight("w", Networks.random(1, 4, 4, 3))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", "length", 3)
                .build();
    }

    @Test
    void rangesLeaveOutPadding() {
        float[] values = Networks.uniform(3, -1, 1, 6, 5, 4).toFloatArray();
        long[] mask = new long[30];
        for (int record = 0; record < 6; record++) {
            for (int position = 0; position < 5; position++) {
                mask[record * 5 + position] = position < 3 ? 1 : 0;
                values[(record * 5 + position) * 4] *= position < 3 ? 1 : 1000;
            }
        }
        RandomAccessDataset data =
                RandomRecords.of(RandomRecords.array(values, 6, 5, 4), RandomRecords.array(mask, 6, 5));
        QuantizedLayer blind = QuantizationProfile.of(
                        sequence(), sequence().apply(with(data, ActivationType.UINT8, ALL, "0", "")))
                .layers()
                .get(0);
        QuantizedLayer seeing = QuantizationProfile.of(
                        sequence(), sequence().apply(with(data, ActivationType.UINT8, ALL, "0", "attention_mask")))
                .layers()
                .get(0);
        assertThat(blind.max()).isGreaterThan(100);
        assertThat(seeing.max()).isBetween(0.5f, 1.01f);
        assertThat(seeing.min()).isBetween(-1.01f, -0.5f);
        assertThatThrownBy(() -> sequence().apply(with(data, ActivationType.UINT8, ALL, "0", "mask")))
                .hasMessage("Network sequence has no input mask to take as mask; it takes x float[batch,length,4] and"
                        + " attention_mask int64[batch,length].");
    }

    @Test
    void recordsOfDifferentLengthsAreMeasured() {
        Network network = sequence().toBuilder()
                .inputs(List.of(Value.of("x", ElementType.FLOAT, "batch", "length", 4)))
                .build();
        Network small = network.apply(new StaticQuantization(new VaryingRecords(), 9));
        QuantizedLayer layer = QuantizationProfile.of(network, small).layers().get(0);
        assertThat(layer.max()).isCloseTo(9, org.assertj.core.api.Assertions.within(0.05f));
        assertThat(layer.min()).isEqualTo(0);
    }

    /** Record i has i + 1 positions, and i + 1 as its largest value. */
    private static final class VaryingRecords extends RandomAccessDataset {

        VaryingRecords() {
            super(new ArrayDataset.Builder().setSampling(4, false));
        }

        @Override
        public ai.djl.training.dataset.Record get(NDManager owner, long index) {
            NDArray positions = owner.full(new Shape(index + 1, 4), index + 1f);
            return new ai.djl.training.dataset.Record(
                    new ai.djl.ndarray.NDList(positions), new ai.djl.ndarray.NDList());
        }

        @Override
        protected long availableSize() {
            return 12;
        }

        @Override
        public void prepare(ai.djl.util.Progress progress) {
            // Records are made when they are asked for.
        }
    }

    @Test
    void aWeightOfTwoLayersIsStoredOnce() {
        Network network = Network.builder("tied")
                .input("x", "batch", 16)
                .weight("w", Networks.random(1, 16, 16, 16))
                .weight("b", Networks.uniform(2, -1, 1, 16))
                .node(Node.of("Gemm", "a", List.of("x", "w", "b"), "h"))
                .node("Relu", List.of("h"), "r")
                .node(Node.of("Gemm", "c", List.of("r", "w", "b"), "y"))
                .output("y", "batch", 16)
                .build();
        Network small = network.apply(new StaticQuantization(RandomRecords.of(40, 16), 40));
        assertThat(small.weights().values().stream()
                        .filter(tensor -> tensor.type() == ElementType.INT8 && tensor.size() == 256))
                .hasSize(1);
        // The bias is laid over the products' steps, which differ.
        assertThat(small.weights().values().stream().filter(tensor -> tensor.type() == ElementType.INT32))
                .hasSize(2);
        assertThat(relativeError(network, small, Map.of("x", Networks.uniform(6, -1, 1, 9, 16))))
                .isLessThan(0.03);
    }

    @Test
    void aWeightInAConstantNodeIsQuantized() {
        Network network = Network.builder("constant")
                .input("x", "batch", 16)
                .node(Node.of("Constant", "w", List.of(), "w")
                        .with("value", Attribute.of(Networks.random(1, 16, 16, 8))))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", 8)
                .build();
        Network small = network.apply(new StaticQuantization(RandomRecords.of(40, 16), 40));
        assertThat(small.weights().values())
                .anyMatch(tensor -> tensor.type() == ElementType.INT8 && tensor.size() == 128);
        assertThat(relativeError(network, small, Map.of("x", Networks.uniform(6, -1, 1, 9, 16))))
                .isLessThan(0.03);
    }

    @Test
    void refusesDataThatDoesNotFit() {
        Network network = Networks.mlp(4, 2);
        assertThatThrownBy(() -> network.apply(new StaticQuantization(RandomRecords.of(3, 5))))
                .hasMessage("Input x of network mlp is float[batch,4], but it was fed float[3,5].");
        assertThatThrownBy(() -> sequence().apply(new StaticQuantization(RandomRecords.of(1, 5, 4))))
                .hasMessage("Network sequence takes 2 inputs (x float[batch,length,4], attention_mask"
                        + " int64[batch,length]), but a batch of the data set has 1 part (float[1,5,4]); there must be"
                        + " one for each.");
    }

    /** One input is a thousand times as large as the others, and says nothing. */
    @Test
    void outputsThatAreMostlyNoiseAreToldWithWhatToTry() {
        float[] weight = Networks.random(3, 8, 8, 4).toFloatArray();
        float[] values = Networks.uniform(4, -1, 1, 40, 8).toFloatArray();
        for (int i = 0; i < 40; i++) {
            values[8 * i] *= 1000;
        }
        Arrays.fill(weight, 0, 4, 0);
        Network network = Network.builder("loud")
                .input("x", "batch", 8)
                .weight("w", Tensor.ofFloats(weight, 8, 4))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", 4)
                .build();
        StaticQuantization pass = new StaticQuantization(RandomRecords.of(values, 40, 8), 40);
        assertThat(caution(network, pass))
                .isEqualTo("the outputs' signal-to-noise ratio is only 0.0 dB on the first records; try another"
                        + " --calibration, --smooth 0.5 or --keep-float auto");
        assertThat(caution(network, pass.with(LayerChoice.ALL.with(KeptLayers.AUTO))))
                .isNull();
        assertThat(caution(network, pass.with(Refinement.smooth(0.01))))
                .endsWith("try another --calibration or" + " --keep-float auto");
        assertThat(caution(Networks.mlp(8, 4), new StaticQuantization(RandomRecords.of(40, 8), 40)))
                .isNull();
        assertThat(caution(Networks.mlp(8, 4), new StaticQuantization(RandomRecords.of(new float[320], 40, 8), 40)))
                .isEqualTo("input x is the same number everywhere in the calibration data, so that ranges fit no other;"
                        + " give records like those the network will see");
    }

    private static String caution(Network network, StaticQuantization pass) {
        return network.apply(pass).provenance().get(0).options().get("caution");
    }

    @Test
    void saysWhichRecordIsNotFinite() {
        float[] values = Networks.uniform(1, -1, 1, 100, 4).toFloatArray();
        values[4 * 70 + 2] = Float.POSITIVE_INFINITY;
        Network network = Networks.mlp(4, 2);
        Network same = Networks.mlp(4, 2);
        assertThatThrownBy(() -> network.apply(new StaticQuantization(RandomRecords.of(values, 100, 4))))
                .hasMessage(
                        "Input x of network mlp is NaN or infinite on record 71 of the calibration data; a network to"
                                + " quantize is fed finite values.");
        assertThat(network).isEqualTo(same);
    }

    @Test
    void refusesAPatternThatMatchesNothing() {
        assertThatThrownBy(() -> Networks.mlp(4, 2)
                        .apply(new StaticQuantization(
                                RandomRecords.of(3, 4),
                                3,
                                Calibration.ENTROPY,
                                99.99,
                                true,
                                ReducedRange.OFF,
                                "conv*")))
                .hasMessageStartingWith("No layer of network mlp is named conv*");
    }
}
