package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.RuntimeSession;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.pass.Pass;
import pomona.prune.MagnitudePruning;
import pomona.prune.Scope;
import pomona.report.Report;
import pomona.train.Training;
import tech.tablesaw.api.Table;

/** What the table of layers says of each scheme: types, ranges, ratios, bytes and parameters, against what they are. */
class SchemeProfileTest {

    private static final int RECORDS = 48;

    private static final Tensor VALUES = Networks.uniform(5, -1, 1, RECORDS, 144);

    private static NDManager manager;
    private static RandomAccessDataset data;

    private final Network dense = Networks.mlp(144, 96, 48, 10);

    @BeforeAll
    static void open() {
        manager = NDManager.newBaseManager();
        long[] labels = new long[RECORDS];
        for (int i = 0; i < RECORDS; i++) {
            labels[i] = i % 10;
        }
        data = new ArrayDataset.Builder()
                .setData(manager.create(VALUES.toFloatArray(), new Shape(RECORDS, 144)))
                .optLabels(manager.create(labels))
                .setSampling(RECORDS, false)
                .build();
    }

    @AfterAll
    static void close() {
        manager.close();
    }

    @Test
    void dynamic() {
        check(dense, new DynamicQuantization(), "dynamic", "int8", "uint8, at run time");
        check(dense, new DynamicQuantization().withRanges(InputRange.SAMPLE), "dynamic", "int8", "uint8, at run time");
        check(
                dense,
                new DynamicQuantization(true, ReducedRange.ON, "*"),
                "dynamic",
                "int8, 7 bits",
                "uint8, at run time");
        check(dense, new DynamicQuantization().withWeights(ByteType.UINT8), "dynamic", "uint8", "uint8, at run time");
    }

    @Test
    void theBytesOfConvolutionsAreNamedWhereTheyAreOthers() {
        Network cnn = Networks.cnn();
        Network small = cnn.apply(
                new DynamicQuantization(true, ByteType.INT8, ReducedRange.OFF, InputRange.BATCH, "Conv,Gemm", "*"));
        assertThat(QuantizationProfile.of(cnn, small).layers())
                .extracting(layer -> layer.layer() + " " + layer.weight())
                .containsExactly("conv1 UINT8", "conv2 UINT8", "fc INT8");
        assertThat(small.provenance().get(0).options())
                .containsEntry("weights", "int8")
                .containsEntry("weightsOfConv", "uint8");
        assertThat(dense.apply(new DynamicQuantization()).provenance().get(0).options())
                .doesNotContainKey("weightsOfConv");
    }

    @Test
    void ofStaticTheRangesAreThoseOfTheRecords() {
        List<QuantizedLayer> layers = check(dense, new StaticQuantization(data, RECORDS), "static", "int8", "uint8")
                .layers();
        assertThat(layers.get(0).min()).isCloseTo(-1, within(0.01f));
        assertThat(layers.get(0).max()).isCloseTo(1, within(0.01f));
        assertThat(layers.get(1).min()).isZero();
        assertThat(layers.get(1).max()).isCloseTo(largest("relu1.out"), within(0.05f));
    }

    @Test
    void weightsInBlocks() {
        check(dense, new WeightOnlyQuantization(), "weight-only", "int8", "float");
        check(dense, new WeightOnlyQuantization(4, 32), "weight-only", "uint4, blocks of 32", "float");
        BlockFormat standard = new BlockFormat(4, 16, true, WeightForm.STANDARD, true, false);
        check(dense, new HqqQuantization(standard), "weight-only", "int4, blocks of 16", "float");
        BlockFormat rounding = new BlockFormat(4, 32, false, WeightForm.KERNEL, true, true);
        check(dense, new HqqQuantization(rounding), "dynamic", "uint4, blocks of 32", "int8, at run time");
        check(dense, new GptqQuantization(BlockFormat.INT4, data), "weight-only", "uint4, blocks of 32", "float");
    }

    @Test
    void sixteenBitFloats() {
        check(dense, new Float16Quantization(), "weight-only", "float16", "float");
        check(dense, new Bfloat16Quantization(), "weight-only", "bfloat16", "float");
        Pass whole = new Float16Quantization(true, Float16Quantization.SENSITIVE, false);
        QuantizationProfile profile = check(dense, whole, "float16", "float16", "float16");
        assertThat(profile.layers())
                .allSatisfy(layer -> assertThat(layer.bytesAfter() * 2).isEqualTo(layer.bytesBefore()));
        // Without names of operators, layers are found by what they give.
        Network nameless = dense.toBuilder()
                .nodes(dense.nodes().stream().map(node -> node.named("")).toList())
                .build();
        assertThat(check(nameless, whole, "float16", "float16", "float16").layers())
                .extracting(QuantizedLayer::bytesAfter)
                .isEqualTo(profile.layers().stream()
                        .map(QuantizedLayer::bytesAfter)
                        .toList());
    }

    @Test
    void codebooks() {
        Network pruned = dense.apply(new MagnitudePruning(0.9, Scope.LAYER));
        check(dense, new WeightSharingQuantization(3), "weight-sharing", "codebook of 8", "float");
        for (IndexLayout layout : List.of(IndexLayout.BYTES, IndexLayout.PACKED, IndexLayout.GAPS)) {
            Pass sharing =
                    new WeightSharingQuantization(LayerBits.parse("3"), CentroidStart.LINEAR, false, layout, "*", 0);
            QuantizationProfile profile = check(pruned, sharing, "weight-sharing", null, "float");
            // Zero is one of the values where it has an index.
            int zero = layout == IndexLayout.GAPS ? 0 : 1;
            Network shared = pruned.apply(sharing);
            profile.layers().forEach(layer -> assertThat(layer.code().codebook())
                    .isEqualTo(shared.weight(layer.layer() + ".weight.codebook").size() + zero)
                    .isBetween(5, 8));
            assertThat(profile.layers()).hasSize(3);
            assertThat(pruned.apply(sharing).nonZeros()).isEqualTo(pruned.nonZeros());
        }
        check(dense, new BinaryQuantization(), "weight-sharing", "codebook of 2", "float");
        check(dense, new TernaryQuantization(), "weight-sharing", "codebook of 3", "float");
        assertThat(dense.apply(new BinaryQuantization()).nonZeros()).isEqualTo(dense.nonZeros());
    }

    @Test
    void theNonZerosOfTernaryWeightsAreThoseBeyondTheThreshold() {
        long expected = 96 + 48 + 10;
        for (String name : List.of("fc1.weight", "fc2.weight", "fc3.weight")) {
            float[] values = dense.weight(name).toFloatArray();
            double mean = 0;
            for (float value : values) {
                mean += Math.abs(value) / values.length;
            }
            for (float value : values) {
                expected += Math.abs(value) > 0.7 * mean ? 1 : 0;
            }
        }
        for (IndexLayout layout : List.of(IndexLayout.BYTES, IndexLayout.PACKED, IndexLayout.GAPS)) {
            assertThat(dense.apply(new TernaryQuantization(0.7, layout, "*")).nonZeros())
                    .isEqualTo(expected);
        }
    }

    @Test
    void clamping() {
        check(dense, new ClampQuantization(0, 127), "weight-only", "int8", "float");
        check(dense, new ClampQuantization(0, 7), "weight-only", "int8, 4 bits", "float");
    }

    @Test
    void trainedIntegersHaveTheBitsAndRangesThatTheyWereTrainedWith() {
        QuantizationAwareTraining training = new QuantizationAwareTraining(4, data, Training.epochs(1));
        Network small = training.with(WeightStorage.BYTES).untrained(dense);
        QuantizationProfile profile = QuantizationProfile.of(dense, small, data, RECORDS);
        assertThat(profile.layers())
                .extracting(layer -> layer.code().bits() + " " + layer.activationBits())
                .containsOnly("4 4");
        QuantizedLayer first = profile.layers().get(0);
        assertThat(first.max() - first.min()).isCloseTo(15 * first.scale(), within(1e-4f));
        assertThat(first.max()).isBetween(0.5f, 1.3f);
        ActivationHistogram histogram = ActivationHistogram.of(dense, small, "fc1", data, RECORDS);
        assertThat(histogram.rangeMax()).isEqualTo(first.max());
        Table table = Report.quantization(profile);
        assertThat(table.stringColumn("weight").get(0)).isEqualTo("int8, 4 bits");
        assertThat(table.stringColumn("input").get(0)).isEqualTo("uint8, 4 bits");
        Network packed = training.untrained(dense);
        assertThat(Report.quantization(QuantizationProfile.of(dense, packed))
                        .stringColumn("weight")
                        .get(0))
                .isEqualTo("uint4");
        assertThat(packed.parameters()).isEqualTo(dense.parameters());
    }

    @Test
    void tablesOfEightBitsHaveTheirBlocks() {
        Network words = Network.builder("words")
                .input(Value.of("ids", ElementType.INT64, "batch", "length"))
                .weight("table", Networks.uniform(1, -1, 1, 20, 32))
                .node(Node.of("Gather", "embedding", List.of("table", "ids"), "y"))
                .output("y", "batch", "length", 32)
                .build();
        for (boolean symmetric : List.of(true, false)) {
            BlockFormat format = new BlockFormat(8, 16, symmetric, WeightForm.KERNEL, true, false);
            Network small = words.apply(new WeightOnlyQuantization(format, WeightRange.MSE));
            QuantizedLayer table = QuantizationProfile.of(words, small).layers().get(0);
            assertThat(table.code().block()).isEqualTo(16);
            // A byte for each number; a scale, and a zero point where there is one, for each of two blocks of a row.
            assertThat(table.bytesAfter()).isEqualTo(20 * 32 + 20 * 2 * (symmetric ? 4 : 5));
            assertThat(Report.quantization(QuantizationProfile.of(words, small))
                            .stringColumn("weight")
                            .get(0))
                    .isEqualTo(symmetric ? "int8, blocks of 16" : "uint8, blocks of 16");
        }
    }

    @Test
    void rescaledChannelsAreComparedAtTheScaleOfTheFloats() {
        Network uneven = uneven();
        Network equal = uneven.apply(new CrossLayerEqualization());
        assertThat(ratio(uneven, equal, "fc1.out")).isLessThan(10);
        assertThat(QuantizationProfile.of(uneven, equal, data, RECORDS).layers())
                .allSatisfy(layer -> assertThat(layer.sqnr()).isGreaterThan(100));
        assertThat(QuantizationProfile.of(uneven, uneven.apply(new SmoothQuant(data, RECORDS, 0.5)), data, RECORDS)
                        .layers())
                .allSatisfy(layer -> assertThat(layer.sqnr()).isGreaterThan(100));

        Pass equalized = new StaticQuantization(data, RECORDS).with(new Refinement(true, 0, Rounding.NEAREST, false));
        Network small = uneven.apply(equalized);
        QuantizationProfile profile = QuantizationProfile.of(uneven, small, data, RECORDS);
        float[] factors = factors(uneven, equal);
        for (String layer : List.of("fc1", "fc2", "fc3")) {
            QuantizedLayer shown = profile.layers().stream()
                    .filter(one -> one.layer().equals(layer))
                    .findFirst()
                    .orElseThrow();
            assertThat(shown.sqnr()).isGreaterThan(25);
            if (layer.equals("fc1")) {
                assertThat(shown.sqnr()).isCloseTo(ratio(uneven, small, "fc1.out", factors), within(0.5));
            }
        }
        // Its inputs are drawn as they are quantized, at the scale of the range.
        ActivationHistogram histogram = ActivationHistogram.of(uneven, small, "fc2", data, RECORDS);
        assertThat(histogram.observedMax()).isCloseTo(histogram.rangeMax(), within(0.05 * histogram.rangeMax()));
    }

    @Test
    void rescaledWeightsInBlocksToo() {
        Network uneven = uneven();
        Network small = uneven.apply(new AwqQuantization(BlockFormat.INT4, data));
        assertThat(QuantizationProfile.of(uneven, small, data, RECORDS).layers())
                .allSatisfy(layer -> assertThat(layer.sqnr()).isBetween(15.0, 45.0));
    }

    @Test
    void tablesOfEmbeddingsAndRecurrentLayersHaveRows() {
        Network words = Network.builder("words")
                .input(Value.of("ids", ElementType.INT64, "batch", "length"))
                .weight("table", Networks.uniform(1, -1, 1, 20, 16))
                .weight("fc.weight", Networks.uniform(2, -1, 1, 16, 4))
                .node(Node.of("Gather", "embedding", List.of("table", "ids"), "rows"))
                .node(Node.of("MatMul", "fc", List.of("rows", "fc.weight"), "y"))
                .output("y", "batch", "length", 4)
                .build();
        Network small = words.apply(
                new DynamicQuantization(true, ByteType.INT8, ReducedRange.OFF, InputRange.BATCH, "MatMul,Gather", "*"));
        QuantizationProfile profile = QuantizationProfile.of(words, small);
        assertThat(profile.layers())
                .extracting(layer -> layer.layer() + " " + layer.scheme() + " " + layer.weight())
                .containsExactly("embedding weight-only INT8", "fc dynamic INT8");
        assertThat(profile.layers().get(0).bytesAfter()).isEqualTo(20 * 16 + 16 * 4);
        // With a scale for each row those of the scales are looked up too.
        QuantizationProfile rows = QuantizationProfile.of(words, words.apply(new WeightOnlyQuantization()));
        assertThat(rows.layers())
                .extracting(layer -> layer.layer() + " " + layer.scheme() + " " + layer.weight())
                .containsExactly("embedding weight-only INT8", "fc weight-only INT8");

        Network lstm = Network.builder("lstm")
                .input("x", 5, "batch", 16)
                .weight("w", Networks.uniform(1, -1, 1, 1, 32, 16))
                .weight("r", Networks.uniform(2, -1, 1, 1, 32, 8))
                .node(Node.of("LSTM", "lstm", List.of("x", "w", "r"), "y").with("hidden_size", Attribute.of(8)))
                .output("y", 5, 1, "batch", 8)
                .build();
        QuantizedLayer recurrent = QuantizationProfile.of(lstm, lstm.apply(new DynamicQuantization()))
                .layers()
                .get(0);
        assertThat(recurrent.scheme()).isEqualTo("dynamic");
        assertThat(recurrent.bytesBefore()).isEqualTo(4 * 32 * 24);
        assertThat(recurrent.bytesAfter()).isBetween(32L * 24, 32L * 24 + 32 * 2 * 5);
    }

    /**
     * Applies a scheme and checks what the table shows of it.
     *
     * @return the profile, with ratios
     */
    private static QuantizationProfile check(Network before, Pass pass, String scheme, String weight, String input) {
        Network after = before.apply(pass);
        QuantizationProfile profile = QuantizationProfile.of(before, after, data, RECORDS);
        Table table = Report.quantization(profile);
        List<QuantizedLayer> layers = profile.layers();
        for (int i = 0; i < layers.size(); i++) {
            assertThat(table.stringColumn("scheme").get(i)).isEqualTo(scheme);
            if (weight != null) {
                assertThat(table.stringColumn("weight").get(i)).isEqualTo(weight);
            }
            assertThat(table.stringColumn("input").get(i)).isEqualTo(input);
            String output = "fc" + (i + 1) + ".out";
            String there = after.graph().producers().containsKey(output) ? output : output + ".float16";
            assertThat(layers.get(i).sqnr()).isCloseTo(ratio(before, after, output, there), within(0.2));
        }
        long file = Onnx.size(after);
        long sum = layers.stream().mapToLong(QuantizedLayer::bytesAfter).sum();
        assertThat(profile.bytesAfter())
                .isEqualTo(after.weights().values().stream()
                        .mapToLong(Tensor::bytes)
                        .sum())
                .isLessThan(file)
                .isBetween(sum, sum + 64);
        assertThat(table.longColumn("bytes after").get(table.rowCount() - 1)).isEqualTo(profile.bytesAfter());
        assertThat(profile.bytesBefore()).isEqualTo(4 * before.parameters());
        assertThat(after.parameters()).isEqualTo(before.parameters());
        return profile;
    }

    private static double ratio(Network before, Network after, String value) {
        return ratio(before, after, value, value);
    }

    private static double ratio(Network before, Network after, String value, String there) {
        float[] right = run(before, value);
        return SignalToNoise.decibels(SignalToNoise.power(right), SignalToNoise.difference(right, run(after, there)));
    }

    /** The ratio with the channels of the second network multiplied with factors. */
    private static double ratio(Network before, Network after, String value, float[] factors) {
        float[] right = run(before, value);
        float[] near = run(after, value);
        for (int i = 0; i < near.length; i++) {
            near[i] *= factors[i % factors.length];
        }
        return SignalToNoise.decibels(SignalToNoise.power(right), SignalToNoise.difference(right, near));
    }

    private static float[] run(Network network, String value) {
        Network watched = network.toBuilder()
                .outputs(List.of(ShapeInference.of(network).get(value)))
                .build();
        try (RuntimeSession session = RuntimeSession.open(watched)) {
            return session.run(Map.of("x", VALUES)).get(value).toFloatArray();
        }
    }

    private float largest(String value) {
        float largest = 0;
        for (float one : run(dense, value)) {
            largest = Math.max(largest, one);
        }
        return largest;
    }

    /** By what the first layer's outputs were divided: its biases were too. */
    private static float[] factors(Network before, Network after) {
        float[] was = before.weight("fc1.bias").toFloatArray();
        float[] is = after.weight("fc1.bias").toFloatArray();
        float[] factors = new float[was.length];
        for (int i = 0; i < was.length; i++) {
            factors[i] = was[i] / is[i];
        }
        return factors;
    }

    /** Three layers, of which each channel of the first gives something of another size. */
    private Network uneven() {
        float[] weights = dense.weight("fc1.weight").toFloatArray();
        float[] biases = dense.weight("fc1.bias").toFloatArray();
        for (int unit = 0; unit < 96; unit++) {
            float factor = (float) Math.pow(1.05, unit - 48);
            biases[unit] *= factor;
            for (int i = 0; i < 144; i++) {
                weights[144 * unit + i] *= factor;
            }
        }
        return dense.withWeights(
                Map.of("fc1.weight", Tensor.ofFloats(weights, 96, 144), "fc1.bias", Tensor.ofFloats(biases, 96)));
    }
}
