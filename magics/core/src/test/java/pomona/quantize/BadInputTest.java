package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import pomona.Equality;
import pomona.Networks;
import pomona.Records;
import pomona.evaluate.Sensitivity;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.Pass;
import pomona.quantize.MixedPrecisionQuantization.Goal;
import pomona.quantize.MixedPrecisionQuantization.Order;
import pomona.train.Training;

/** What every scheme says of networks, data and names that it can not take; the network is as it was. */
class BadInputTest {

    /** Makes a pass of data and the names of layers. */
    private interface Scheme extends BiFunction<RandomAccessDataset, String, Pass> {}

    private static final BlockFormat INT4 = BlockFormat.INT4;

    private static final Map<String, Scheme> WITH_DATA = new LinkedHashMap<>();
    private static final Map<String, Scheme> WITHOUT_DATA = new LinkedHashMap<>();

    static {
        WITH_DATA.put("quantize", (data, layers) -> new StaticQuantization(data).with(LayerChoice.of(layers)));
        WITH_DATA.put("smooth", (data, layers) -> new SmoothQuant(data, 8, 0.5, true, layers));
        WITH_DATA.put("scale", (data, layers) -> new AwqQuantization(INT4, data, 8, 20, true, true, layers));
        WITH_DATA.put("measure", (data, layers) -> new GptqQuantization(INT4, data, 8, 0.01, true, true, layers));
        WITH_DATA.put("measure to round", (data, layers) -> new AdaptiveRounding(data, 8, 4, true, 10, layers));
        WITH_DATA.put(
                "quantize and train",
                (data, layers) -> new QuantizationAwareTraining(
                        8, 8, true, WeightStorage.AUTO, layers, data, 8, Training.epochs(1), true));
        for (LayerScheme layer : List.of(LayerScheme.STATIC, LayerScheme.DYNAMIC, LayerScheme.WEIGHT_ONLY)) {
            WITH_DATA.put("quantize some " + layer, (data, layers) -> mixed(layer, data, layers));
            WITH_DATA.put("quantize each " + layer, (data, layers) -> new Scan(layer, false, data, layers));
            WITH_DATA.put("quantize each for noise " + layer, (data, layers) -> new Scan(layer, true, data, layers));
        }
        WITHOUT_DATA.put("dynamic", (data, layers) -> new DynamicQuantization(true, ReducedRange.OFF, layers));
        WITHOUT_DATA.put("weight-only", (data, layers) -> new WeightOnlyQuantization(true, layers));
        WITHOUT_DATA.put("hqq", (data, layers) -> new HqqQuantization(INT4, 2, 20, layers));
        WITHOUT_DATA.put("ternary", (data, layers) -> new TernaryQuantization(0.7, IndexLayout.PACKED, layers));
        WITHOUT_DATA.put("binary", (data, layers) -> new BinaryQuantization(true, layers));
        WITHOUT_DATA.put("clamp", (data, layers) -> new ClampQuantization(0, 127, layers));
        WITHOUT_DATA.put("sharing", (data, layers) -> new WeightSharingQuantization(LayerBits.parse(layers + "=4")));
        WITHOUT_DATA.put("equalization", (data, layers) -> new CrossLayerEqualization(layers));
    }

    private static Pass mixed(LayerScheme scheme, RandomAccessDataset data, String layers) {
        return new MixedPrecisionQuantization(0.01, data, null, Goal.SMALLEST, Order.MEASURED, List.of(scheme), layers);
    }

    /** Measures what layers cost, and leaves the network. */
    private record Scan(LayerScheme scheme, boolean noise, RandomAccessDataset data, String layers) implements Pass {

        @Override
        public Network transform(Network network) {
            List<Double> bits = List.of((double) scheme.bits());
            Sensitivity scan = noise
                    ? QuantizationSensitivity.bySignalToNoise(network, scheme, bits, layers, data)
                    : QuantizationSensitivity.measured(network, scheme, bits, layers, data);
            assertThat(scan.run().isComplete()).isTrue();
            return network;
        }
    }

    /** Quantizes weights, and corrects biases on data. */
    private record Corrected(RandomAccessDataset data) implements Pass {

        @Override
        public Network transform(Network network) {
            return network.apply(new WeightOnlyQuantization()).apply(new BiasCorrection(network, data, 8));
        }
    }

    /** What reads data, with bias correction, which has no layers to choose and takes a quantized network. */
    private static Map<String, Scheme> onData() {
        Map<String, Scheme> all = new LinkedHashMap<>(WITH_DATA);
        all.put("correct", (data, layers) -> new Corrected(data));
        return all;
    }

    private static Map<String, Scheme> all() {
        Map<String, Scheme> all = new LinkedHashMap<>(WITH_DATA);
        all.putAll(WITHOUT_DATA);
        return all;
    }

    private static Network network() {
        return Networks.mlp(32, 16, 8);
    }

    private static RandomAccessDataset data() {
        return data(8, 32);
    }

    private static RandomAccessDataset data(long... shape) {
        return Records.labelled(Networks.uniform(5, -1, 1, shape), 8);
    }

    private static RandomAccessDataset data(NDArray... parts) {
        return new ArrayDataset.Builder()
                .setData(parts)
                .optLabels(RandomRecords.array(new long[2], 2))
                .setSampling(2, false)
                .build();
    }

    @Test
    void whatIsRefusedHereIsDoneOtherwise() {
        onData().forEach((name, scheme) ->
                assertThat(network().apply(scheme.apply(data(), "*"))).as(name).isNotNull());
    }

    /** Asserts the message, and that no byte of the network changed. */
    private static void refused(String scheme, Network network, Pass pass, String message) {
        byte[] before = Onnx.bytes(network);
        assertThatThrownBy(() -> network.apply(pass))
                .as(scheme)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThat(Onnx.bytes(network)).as(scheme).isEqualTo(before);
    }

    @Test
    void aNetworkThatIsQuantizedAlready() {
        Network small = network().apply(new DynamicQuantization());
        all().forEach((name, scheme) -> refused(
                name,
                small,
                scheme.apply(data(), "*"),
                "Network mlp is quantized already: operator x.uint8 is DynamicQuantizeLinear; quantize the network of"
                        + " floats that it was made from."));
        for (Pass half : List.of(new Float16Quantization(), new Bfloat16Quantization())) {
            refused(
                    half.toString(),
                    small,
                    half,
                    "Network mlp is quantized already: operator x.uint8 is DynamicQuantizeLinear; quantize the network"
                            + " of floats that it was made from.");
        }
    }

    @Test
    void noData() {
        Map<String, String> texts = Map.of(
                "scale", "AWQ measures what layers take on data; none was given (option data).",
                "measure", "GPTQ measures what layers take on data; none was given (option data).",
                "quantize and train",
                        "Quantization-aware training needs data to train on; none was given (option data).",
                "quantize some",
                        "The mix of precisions is searched for on validation data; none was given (option data).",
                "quantize each", "What quantized layers cost is measured on data; none was given (option data).");
        onData().forEach((name, scheme) -> {
            String kind =
                    texts.keySet().stream().filter(name::startsWith).findFirst().orElse(name);
            boolean own = texts.containsKey(kind) && !name.equals("measure to round");
            assertThatThrownBy(() -> network().apply(scheme.apply(null, "*")))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            own
                                    ? texts.get(kind)
                                    : "Option data was not given; it is a data set to measure activations on.");
        });
        assertThatThrownBy(() -> QuantizationSensitivity.byHessian(network(), List.of(8.0), "*", null, 1, 0))
                .hasMessage(texts.get("quantize each"));
    }

    @Test
    void dataWithoutRecords() {
        onData().forEach((name, scheme) -> refused(
                name,
                network(),
                scheme.apply(new NoRecords(), "*"),
                "The data set is empty; network mlp needs at least one record."));
    }

    @Test
    void dataOfAnotherShape() {
        onData().forEach((name, scheme) -> refused(
                name,
                network(),
                scheme.apply(data(8, 33), "*"),
                "Input x of network mlp is float[batch,32], but it was fed float[" + (name.contains("noise") ? 1 : 8)
                        + ",33]."));
    }

    @Test
    void dataWithAnotherNumberOfParts() {
        RandomAccessDataset two = data(RandomRecords.array(new float[64], 2, 32), RandomRecords.array(new long[2], 2));
        onData().forEach((name, scheme) -> refused(
                name,
                network(),
                scheme.apply(two, "*"),
                "Network mlp takes 1 input (x float[batch,32]), but a batch of the data set has 2 parts ("
                        + (name.contains("noise") ? "float[1,32], int64[1]" : "float[2,32], int64[2]")
                        + "); there must be one for each."));
    }

    @Test
    void activationsThatAreNotFinite() {
        for (float wrong : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
            float[] values = Networks.uniform(1, -1, 1, 8, 32).toFloatArray();
            values[32 * 5 + 7] = wrong;
            RandomAccessDataset data = Records.labelled(Tensor.ofFloats(values, 8, 32), 8);
            onData().forEach((name, scheme) -> refused(
                    name,
                    network(),
                    scheme.apply(data, "*"),
                    (name.equals("correct") ? "Value fc1.out" : "Input x")
                            + " of network mlp is NaN or infinite on record 6 of the "
                            + (name.startsWith("quantize some")
                                    ? "validation data"
                                    : name.startsWith("quantize each") ? "data" : "calibration data")
                            + "; a network to " + name.split(" ")[0]
                            + (name.equals("correct") ? " gives" : " is fed") + " finite values."));
        }
    }

    @Test
    void aNetworkThatCanNotBeWrittenInANewerOperatorSet() {
        Network old = Network.builder("old")
                .opset("", 10)
                .input("x", "batch", 32)
                .input("s", 2)
                .weight("w", Networks.random(1, 32, 32, 16))
                .node("MatMul", List.of("x", "w"), "h")
                .node("Resize", List.of("h", "s"), "y")
                .output("y", "batch", 32)
                .build();
        Set<String> asItIs = Set.of("smooth", "measure to round", "equalization");
        RandomAccessDataset data =
                data(RandomRecords.array(new float[64], 2, 32), RandomRecords.array(new float[4], 2, 2));
        all().forEach((name, scheme) -> {
            if (!asItIs.contains(name)) {
                boolean blocks = name.equals("scale") || name.equals("measure") || name.equals("hqq");
                refused(
                        name,
                        old,
                        scheme.apply(data, "*"),
                        "Operator y (Resize) of network old can not be rewritten from operator set 10 to "
                                + (blocks ? 21 : 13)
                                + ": its scales are not constant, so that it can not be said how it rounds; export the"
                                + " network again in a newer one.");
            }
        });
    }

    @Test
    void aPatternThatMatchesNothing() {
        all().forEach((name, scheme) -> refused(
                name,
                network(),
                scheme.apply(data(), "fc3"),
                "No layer of network mlp is named fc3; did you mean fc1 or fc2?"));
    }

    @Test
    void bitsOutOfRange() {
        for (int bits : new int[] {-1, 0, 3, 16}) {
            assertThatThrownBy(() -> new WeightOnlyQuantization(bits, 32))
                    .hasMessage("Option bits is " + bits + ", but weights take 4 or 8.");
        }
        for (int bits : new int[] {0, 9}) {
            assertThatThrownBy(() -> new WeightSharingQuantization(bits))
                    .hasMessage("Option bits is " + bits + ", but it is from 1 to 8.");
        }
        for (int bits : new int[] {1, 9}) {
            assertThatThrownBy(() -> new AdaptiveRounding(data(), 8, bits))
                    .hasMessage("Option bits is " + bits + ", but it must be from 2 to 8.");
            assertThatThrownBy(() -> new QuantizationAwareTraining(bits, data(), Training.epochs(1)))
                    .hasMessage("Option bits is " + bits + ", but it is from 2 to 8.");
        }
    }

    /** The weight that is not finite is named, whatever the scheme. */
    @Test
    void weightsThatAreNotFinite() {
        float[] values = network().weight("fc2.weight").toFloatArray();
        values[3] = Float.NaN;
        Network broken = network().withWeights(Map.of("fc2.weight", Tensor.ofFloats(values, 8, 16)));
        assertThat(broken.weight("fc2.weight").type()).isEqualTo(ElementType.FLOAT);
        all().forEach((name, scheme) -> refused(
                name,
                broken,
                scheme.apply(data(), "*"),
                "Weight fc2.weight of layer fc2 holds values that are NaN or infinite; weights to quantize are"
                        + " finite."));
        assertThat(broken.nodes()).extracting(Node::op).contains("Gemm");
        values[3] = Float.NEGATIVE_INFINITY;
        Network infinite = network().withWeights(Map.of("fc2.weight", Tensor.ofFloats(values, 8, 16)));
        for (Pass half : List.of(
                new Float16Quantization(),
                new Float16Quantization(false, List.of(), true),
                new Float16Quantization(true, List.of(), false),
                new Bfloat16Quantization())) {
            for (Network wrong : List.of(broken, infinite)) {
                refused(
                        half.toString(),
                        wrong,
                        half,
                        "Weight fc2.weight of layer fc2 holds values that are NaN or infinite; weights to quantize are"
                                + " finite.");
            }
            float[] bias = new float[8];
            bias[7] = Float.NaN;
            refused(
                    half.toString(),
                    network().withWeights(Map.of("fc2.bias", Tensor.ofFloats(bias, 8))),
                    half,
                    "Weight fc2.bias of layer fc2 holds values that are NaN or infinite; weights to quantize are finite.");
        }
    }

    /** What an attention mask adds is no weight: its infinity is stored as such, or as the largest float16. */
    @Test
    void masksMayBeInfinite() {
        float[] mask = new float[256];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = i % 16 > i / 16 ? Float.NEGATIVE_INFINITY : 0;
        }
        Network network = Network.builder("masked")
                .input("x", 16, 16)
                .weight("w", Networks.random(1, 16, 16, 16))
                .weight("mask", Tensor.ofFloats(mask, 16, 16))
                .node("MatMul", List.of("x", "w"), "h")
                .node("Add", List.of("h", "mask"), "m")
                .node("Softmax", List.of("m"), "y")
                .output("y", 16, 16)
                .build();
        for (Pass half : List.of(
                new Float16Quantization(),
                new Float16Quantization(true, Float16Quantization.SENSITIVE, false),
                new Bfloat16Quantization())) {
            assertThat(Equality.relativeError(network, network.apply(half), Equality.feeds(network)))
                    .isBetween(1e-7, 0.01);
        }
        mask[5] = Float.NaN;
        refused(
                "float16",
                network.withWeights(Map.of("mask", Tensor.ofFloats(mask, 16, 16))),
                new Float16Quantization(),
                "Weight mask of layer m holds values that are NaN or infinite; weights to quantize are finite.");
    }

    /** A data set that has nothing. */
    private static final class NoRecords extends RandomAccessDataset {

        NoRecords() {
            super(new ArrayDataset.Builder().setSampling(4, false));
        }

        @Override
        public ai.djl.training.dataset.Record get(ai.djl.ndarray.NDManager manager, long index) {
            throw new IllegalStateException("There is no record " + index + ".");
        }

        @Override
        protected long availableSize() {
            return 0;
        }

        @Override
        public void prepare(ai.djl.util.Progress progress) {
            // There is nothing to prepare.
        }
    }
}
