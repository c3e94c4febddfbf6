package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Networks;
import pomona.Records;
import pomona.djl.IdxDataset;
import pomona.djl.RuntimeSession;
import pomona.djl.StraightThrough;
import pomona.evaluate.Evaluation;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.PassBinding;
import pomona.train.CrossEntropy;
import pomona.train.FineTuning;
import pomona.train.Training;
import pomona.train.TrainingLoop;

class QuantizationAwareTrainingTest {

    private static final int RECORDS = 96;
    private static final Tensor IMAGES = Networks.uniform(3, -1, 1, RECORDS, 1, 12, 12);
    private static final IdxDataset DIGITS =
            IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(2000);
    private static final Training SHORT = Training.epochs(2).withBatchSize(16).withLearningRate(0.002);

    private static RandomAccessDataset images() {
        return Records.labelled(IMAGES, 10);
    }

    /** A convolutional network whose output is that of a convolution, and so a whole number of steps. */
    private static Network convolutions() {
        return Network.builder("convolutions")
                .input("x", "batch", 1, 12, 12)
                .weight("conv1.weight", Networks.random(1, 9, 4, 1, 3, 3))
                .weight("conv1.bias", Networks.uniform(2, -0.1f, 0.1f, 4))
                .weight("conv2.weight", Networks.random(3, 36, 10, 4, 12, 12))
                .weight("conv2.bias", Networks.uniform(4, -0.1f, 0.1f, 10))
                .node(Networks.conv("conv1", "x", "conv1.weight", "conv1.bias"))
                .node("Relu", List.of("conv1.out"), "relu.out")
                .node(Node.of("Conv", "conv2", List.of("relu.out", "conv2.weight", "conv2.bias"), "y"))
                .output("y", "batch", 10, 1, 1)
                .build();
    }

    private static float[] onOnnxRuntime(Network network) {
        try (RuntimeSession session = RuntimeSession.open(Onnx.read(Onnx.bytes(network), "read"))) {
            return session.run(IMAGES).toFloatArray();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "8, 8, true, BYTES",
        "4, 4, true, BYTES",
        "4, 4, true, INT4",
        "4, 4, true, PACKED",
        "4, 8, false, BYTES",
        "4, 8, false, INT4",
        "3, 8, true, INT4",
        "3, 8, true, PACKED",
        "2, 3, true, BYTES",
        "2, 3, true, INT4",
        "2, 3, false, PACKED"
    })
    void integersGiveTheNumbersThatWereTrained(
            int bits, int activationBits, boolean perChannel, WeightStorage storage) {
        QuantizationAwareTraining training = new QuantizationAwareTraining(
                bits, activationBits, perChannel, storage, "*", images(), RECORDS, SHORT, true);
        Network lattices = new TrainingLoop("test", SHORT, true)
                .run(training.lattices(convolutions()), images(), (out, data, labels) -> CrossEntropy.of(convolutions())
                        .loss(new NDList(out.head().reshape(-1, 10)), data, labels))
                .network();
        float step = Math.abs(lattices.weight("y.step").toFloatArray()[0]);
        float[] trained = TrainedNumbers.onTrainingEngine(lattices, IMAGES);
        float[] integers = onOnnxRuntime(training.integers(lattices));
        int same = 0;
        for (int i = 0; i < trained.length; i++) {
            assertThat(Math.abs(integers[i] - trained[i])).isLessThanOrEqualTo(1.001f * step);
            same += integers[i] == trained[i] ? 1 : 0;
            assertThat(Math.abs(integers[i] / step - Math.rint(integers[i] / step)))
                    .isLessThan(1e-4);
        }
        // Sums of few levels are often halfway between two of the output, where a last bit decides.
        assertThat(same).isGreaterThan(4 * trained.length / 5);
    }

    @Test
    void layersOfFewBitsRunInIntegers(@TempDir Path folder) throws Exception {
        Network network = Networks.cnn();
        QuantizationAwareTraining training =
                new QuantizationAwareTraining(4, 4, true, WeightStorage.BYTES, "*", images(), RECORDS, SHORT, true);
        assertThat(OperatorsAsRun.of(network.apply(training), folder))
                .contains("QLinearConv", "QGemm", "Clip")
                .doesNotContain("Conv", "FusedConv", "Gemm", "FusedGemm", "Relu");
    }

    @Test
    void takesNormalizationsPoolingAndLinearLayers() {
        Network network = Networks.cnn();
        QuantizationAwareTraining training =
                new QuantizationAwareTraining(4, images(), SHORT).with(WeightStorage.BYTES);
        Network integers = network.apply(training);
        assertThat(integers.nodes().stream().map(Node::op).filter("BatchNormalization"::equals))
                .isEmpty();
        assertThat(integers.nodes()).noneMatch(StraightThrough::isQuantize);
        for (String weight : List.of("conv1.weight.int8", "conv2.weight.int8", "fc.weight.int8")) {
            Tensor levels = integers.weight(weight);
            assertThat(levels.type()).isEqualTo(ElementType.INT8);
            for (long level : levels.toLongArray()) {
                assertThat(level).isBetween(-8L, 7L);
            }
        }
        assertThat(integers.weight("fc.bias.int32").type()).isEqualTo(ElementType.INT32);
        assertThat(integers.provenance().get(0).name()).isEqualTo("QuantizationAwareTraining");
        assertThat(onOnnxRuntime(integers)).hasSize(RECORDS * 10).doesNotContain(Float.NaN);
        float[] start = onOnnxRuntime(new QuantizationAwareTraining(8, images(), SHORT).untrained(network));
        float[] floats = onOnnxRuntime(network);
        for (int i = 0; i < floats.length; i++) {
            assertThat(Math.abs(start[i] - floats[i])).isLessThan(0.05f);
        }
    }

    @ParameterizedTest
    @CsvSource({"8, ON, -64, 63, on", "8, OFF, -128, 127, off", "4, ON, -8, 7, off"})
    void reducedRangeLeavesOutABitOfEight(int bits, ReducedRange range, long low, long high, String named) {
        QuantizationAwareTraining technique = new QuantizationAwareTraining(
                        bits, 8, true, WeightStorage.BYTES, "*", images(), RECORDS, SHORT, true)
                .with(range);
        assertThat(technique.step().options()).containsEntry("reducedRange", named);
        TrainedNumbers numbers = TrainedNumbers.of(technique, Networks.cnn(), images(), SHORT);
        assertThat(numbers.lattices().nodes())
                .filteredOn(node -> StraightThrough.isQuantize(node) && node.integer("records", 0) == 0)
                .hasSize(3)
                .allMatch(node -> node.integer("low", 0) == low && node.integer("high", 0) == high);
        long least = 0;
        long most = 0;
        for (String weight : List.of("conv1.weight.int8", "conv2.weight.int8", "fc.weight.int8")) {
            for (long level : numbers.integers().weight(weight).toLongArray()) {
                assertThat(level).isBetween(low, high);
                least = Math.min(least, level);
                most = Math.max(most, level);
            }
        }
        assertThat(least).isLessThan(low * 3 / 4);
        assertThat(most).isGreaterThan(high * 3 / 4);
        assertThat(numbers.error(IMAGES)).isLessThan(0.01);
    }

    @Test
    void onThisProcessorAutoIsOnOrOff() {
        QuantizationAwareTraining technique = new QuantizationAwareTraining(8, images(), SHORT);
        ReducedRange here = ReducedRange.AUTO.resolve();
        assertThat(technique.reducedRange()).isEqualTo(ReducedRange.AUTO);
        assertThat(technique.lattices(convolutions()))
                .isEqualTo(technique.with(here).lattices(convolutions()));
        assertThat(technique.step().options())
                .containsEntry("reducedRange", here.name().toLowerCase(Locale.ROOT));
    }

    @Test
    void learnsFromScratchAndFromFloats() {
        Training training = Training.epochs(3).withBatchSize(50).withLearningRate(0.002);
        QuantizationAwareTraining three = new QuantizationAwareTraining(3, DIGITS, training);
        Network scratch = Networks.mlp(784, 20, 10);
        assertThat(Evaluation.errorPercent(scratch.apply(three), DIGITS)).isLessThan(20);
        Network floats = scratch.apply(new FineTuning(DIGITS, training, false));
        Network two = floats.apply(new QuantizationAwareTraining(2, DIGITS, training).with(WeightStorage.BYTES));
        double untrained =
                Evaluation.errorPercent(new QuantizationAwareTraining(2, DIGITS, training).untrained(floats), DIGITS);
        assertThat(Evaluation.errorPercent(two, DIGITS)).isLessThan(untrained - 2);
        assertThat(two.weight("fc1.weight.int8").toLongArray()).containsOnly(-2, -1, 0, 1);
    }

    @Test
    void isAMethodOfQuantizeAndSaysWhatDoesNotFit() {
        RandomAccessDataset data = images();
        assertThat(PassBinding.of("quantize")
                        .bind(
                                "quantization-aware-training",
                                Map.of("data", data, "bits", 4, "activation-bits", 4, "epochs", 2),
                                name -> null))
                .isEqualTo(new QuantizationAwareTraining(4, data, Training.epochs(2)));
        assertThatThrownBy(() -> new QuantizationAwareTraining(9, data, SHORT))
                .hasMessage("Option bits is 9, but it is from 2 to 8.");
        assertThatThrownBy(
                        () -> new QuantizationAwareTraining(8, 1, true, WeightStorage.AUTO, "*", data, 10, SHORT, true))
                .hasMessage("Option activation-bits is 1, but it is from 2 to 8.");
        assertThatThrownBy(
                        () -> new QuantizationAwareTraining(8, 8, true, WeightStorage.AUTO, "*", data, 0, SHORT, true))
                .hasMessage("Option samples is 0, but it must be 1 or more.");
        assertThatThrownBy(() -> new QuantizationAwareTraining(8, null, SHORT))
                .hasMessage("Quantization-aware training needs data to train on; none was given (option data).");
        assertThatThrownBy(() -> new QuantizationAwareTraining(8, data, null))
                .hasMessage("Quantization-aware training needs training settings; none were given.");
        assertThatThrownBy(() -> new QuantizationAwareTraining(8, data, SHORT).with((ReducedRange) null))
                .hasMessage("Option reduced-range was not given; it is auto, on or off.");
        assertThat(PassBinding.of("quantize")
                        .bind(
                                "quantization-aware-training",
                                Map.of("data", data, "bits", 8, "reduced-range", "on", "mask", " real ", "epochs", 2),
                                name -> null))
                .isEqualTo(new QuantizationAwareTraining(8, data, Training.epochs(2))
                        .with(ReducedRange.ON)
                        .withMask("real"));
        QuantizationAwareTraining training = new QuantizationAwareTraining(8, data, SHORT);
        Network once = training.untrained(Networks.cnn());
        assertThatThrownBy(() -> once.apply(training))
                .hasMessageStartingWith("Network cnn is quantized already: operator ");
        Network broken =
                convolutions().withWeights(Map.of("conv1.bias", Tensor.ofFloats(new float[] {0, Float.NaN, 0, 0}, 4)));
        assertThatThrownBy(() -> broken.apply(training))
                .hasMessage(
                        "Value relu.out of network convolutions is NaN or infinite on record 1 of the calibration data;"
                                + " a network to quantize gives finite values.");
    }
}
