package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Networks;
import pomona.Records;
import pomona.djl.RuntimeSession;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Parameters;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.PassBinding;
import pomona.train.Training;

/** Weights of few bits in bytes, packed, and as INT4: the same levels, and what they weigh. */
class WeightStorageTest {

    private static final int RECORDS = 64;
    private static final Tensor IMAGES = Networks.uniform(3, -1, 1, RECORDS, 3, 9, 9);
    private static final Training SHORT = Training.epochs(1).withBatchSize(16);
    private static final List<String> WEIGHTS = List.of("depthwise", "pointwise", "hidden", "last");

    private static RandomAccessDataset images() {
        return Records.labelled(IMAGES, 5);
    }

    /** Convolutions with and without groups, Gemm and MatMul; all but one have an odd number of weights. */
    private static Network layers() {
        return Network.builder("layers")
                .input("x", "batch", 3, 9, 9)
                .weight("depthwise", Networks.random(1, 9, 3, 1, 3, 3))
                .weight("pointwise", Networks.random(2, 3, 7, 3, 1, 1))
                .weight("pointwise.bias", Networks.uniform(3, -0.1f, 0.1f, 7))
                .weight("hidden", Networks.random(4, 343, 41, 343))
                .weight("last", Networks.random(5, 41, 41, 5))
                .node(Node.of("Conv", "conv1", List.of("x", "depthwise"), "a").with("group", Attribute.of(3)))
                .node("Relu", List.of("a"), "b")
                .node(Node.of("Conv", "conv2", List.of("b", "pointwise", "pointwise.bias"), "c"))
                .node("Relu", List.of("c"), "d")
                .node("Flatten", List.of("d"), "e")
                .node(Node.of("Gemm", "fc1", List.of("e", "hidden"), "f").with("transB", Attribute.of(1)))
                .node("Relu", List.of("f"), "g")
                .node("MatMul", List.of("g", "last"), "y")
                .output("y", "batch", 5)
                .build();
    }

    private static Network stored(int bits, int activationBits, boolean perChannel, WeightStorage storage) {
        return new QuantizationAwareTraining(
                        bits, activationBits, perChannel, storage, "*", images(), RECORDS, SHORT, true)
                .untrained(layers());
    }

    private static float[] run(Network network) {
        try (RuntimeSession session = RuntimeSession.open(Onnx.read(Onnx.bytes(network), "read"))) {
            return session.run(IMAGES).toFloatArray();
        }
    }

    @ParameterizedTest
    @CsvSource({"4, 8, true", "4, 8, false", "4, 4, true", "3, 8, true", "2, 8, true", "2, 2, false"})
    void packedWeightsGiveTheOutputsOfBytesBitForBit(int bits, int activationBits, boolean perChannel) {
        Network bytes = stored(bits, activationBits, perChannel, WeightStorage.BYTES);
        Network packed = stored(bits, activationBits, perChannel, WeightStorage.PACKED);
        assertThat(packed.opset()).isEqualTo(bytes.opset());
        assertThat(run(packed)).isEqualTo(run(bytes)).doesNotContain(Float.NaN);
    }

    @ParameterizedTest
    @CsvSource({"4, true", "4, false", "3, true", "2, true"})
    void int4GivesTheOutputsOfBytesButForWhatIntegersRoundOtherwise(int bits, boolean perChannel) {
        Network bytes = stored(bits, 8, perChannel, WeightStorage.BYTES);
        Network int4 = stored(bits, 8, perChannel, WeightStorage.INT4);
        assertThat(int4.opset()).isEqualTo(21);
        for (String weight : WEIGHTS) {
            Tensor levels = int4.weight(weight + ".int4");
            assertThat(levels.type()).isEqualTo(ElementType.INT4);
            assertThat(levels.shape()).isEqualTo(layers().weight(weight).shape());
            assertThat(levels.toLongArray())
                    .isEqualTo(bytes.weight(weight + ".int8").toLongArray());
            assertThat(int4.weight(weight + ".scale").toFloatArray())
                    .isEqualTo(bytes.weight(weight + ".scale").toFloatArray());
        }
        float[] wanted = run(bytes);
        float[] given = run(int4);
        int near = 0;
        for (int i = 0; i < wanted.length; i++) {
            // A sum halfway between two levels of a hidden activation may fall to either, and moves the output a
            // little.
            assertThat(given[i]).isCloseTo(wanted[i], within(0.02f));
            near += Math.abs(given[i] - wanted[i]) < 1e-5f ? 1 : 0;
        }
        assertThat(near).isGreaterThan(9 * wanted.length / 10);
    }

    @Test
    void fourBitsHalveTheFileAndTwoBitsQuarterIt() {
        long weights = 27 + 21 + 343 * 41 + 41 * 5;
        // The table of the integers in a byte, the operators that look them up, and the weights too small for that.
        int more = 2000;
        int bytes = Onnx.bytes(stored(4, 8, true, WeightStorage.BYTES)).length;
        assertThat(Onnx.bytes(stored(4, 8, true, WeightStorage.INT4)).length).isLessThan((int) (bytes - weights / 2));
        assertThat(Onnx.bytes(stored(4, 8, true, WeightStorage.PACKED)).length)
                .isBetween((int) (bytes - weights / 2), (int) (bytes - weights / 2) + more);
        assertThat(Onnx.bytes(stored(3, 8, true, WeightStorage.PACKED)).length)
                .isBetween((int) (bytes - weights / 2), (int) (bytes - weights / 2) + more);
        assertThat(Onnx.bytes(stored(2, 8, true, WeightStorage.PACKED)).length)
                .isBetween((int) (bytes - 3 * weights / 4), (int) (bytes - 3 * weights / 4) + more);
    }

    @Test
    void parametersAreCountedWhateverTheStorage() {
        for (int bits : List.of(2, 4)) {
            Network bytes = stored(bits, 8, true, WeightStorage.BYTES);
            for (WeightStorage storage : List.of(WeightStorage.INT4, WeightStorage.PACKED)) {
                Network other = stored(bits, 8, true, storage);
                assertThat(other.parameters()).isEqualTo(bytes.parameters());
                assertThat(other.nonZeros()).isEqualTo(bytes.nonZeros());
                ElementType few = bits == 4 ? ElementType.UINT4 : ElementType.UINT2;
                List<ElementType> types = storage == WeightStorage.INT4
                        ? List.of(ElementType.INT4, ElementType.INT4, ElementType.INT4, ElementType.INT4)
                        : List.of(ElementType.INT8, ElementType.INT8, few, ElementType.INT8);
                assertThat(QuantizationProfile.of(layers(), other).layers())
                        .extracting(QuantizedLayer::weight)
                        .isEqualTo(types);
            }
        }
        assertThat(Parameters.of(stored(4, 8, true, WeightStorage.PACKED)).keySet())
                .contains("hidden.packed")
                .doesNotContain("codebooks.integers.of.4.bits");
    }

    @Test
    void autoPacksFourBitsOrFewerAndTheProvenanceSaysSo() {
        assertThat(Map.of(
                        2, WeightStorage.AUTO.of(2),
                        4, WeightStorage.AUTO.of(4),
                        5, WeightStorage.AUTO.of(5),
                        8, WeightStorage.AUTO.of(8)))
                .isEqualTo(Map.of(
                        2, WeightStorage.PACKED,
                        4, WeightStorage.PACKED,
                        5, WeightStorage.BYTES,
                        8, WeightStorage.BYTES));
        Network trained = layers().apply(new QuantizationAwareTraining(4, images(), SHORT));
        assertThat(trained.provenance().get(0).options()).containsEntry("storage", "packed");
        assertThat(trained.weights()).containsKey("hidden.packed");
        assertThat(new QuantizationAwareTraining(8, images(), SHORT).step().options())
                .containsEntry("storage", "bytes");
    }

    @Test
    void isAnOptionOfTheMagicAndOfYamlAndSaysWhatDoesNotFit() {
        RandomAccessDataset data = images();
        assertThat(PassBinding.of("quantize")
                        .bind(
                                "quantization-aware-training",
                                Map.of("data", data, "bits", 4, "activation-bits", 4, "epochs", 2, "storage", "int4"),
                                name -> null))
                .isEqualTo(new QuantizationAwareTraining(4, data, Training.epochs(2)).with(WeightStorage.INT4));
        QuantizationAwareTraining five = new QuantizationAwareTraining(5, data, SHORT);
        assertThatThrownBy(() -> five.with(WeightStorage.INT4))
                .hasMessage("Option storage is int4, but weights have 5 bits; it is for weights of 4 bits or fewer.");
        assertThatThrownBy(() -> five.with(WeightStorage.PACKED))
                .hasMessage("Option storage is packed, but weights have 5 bits; it is for weights of 4 bits or fewer.");
        assertThatThrownBy(() -> five.with((WeightStorage) null))
                .hasMessage("Option storage was not given; it is auto, bytes, packed or int4.");
    }
}
