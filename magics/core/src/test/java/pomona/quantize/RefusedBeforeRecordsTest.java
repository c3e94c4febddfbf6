package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.Pass;
import pomona.quantize.MixedPrecisionQuantization.Goal;
import pomona.quantize.MixedPrecisionQuantization.Order;

/** What can not be done is said before a record is read: it would be found after long work, whose result would be lost. */
class RefusedBeforeRecordsTest {

    private static final Network NETWORK = Networks.mlp(32, 16, 8);

    private final CountedRecords records = CountedRecords.labelled(Networks.uniform(1, -1, 1, 64, 32), 8);

    private void refused(Network network, Pass pass, String message) {
        byte[] before = Onnx.bytes(network);
        assertThatThrownBy(() -> network.apply(pass))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThat(records.reads()).isZero();
        assertThat(Onnx.bytes(network)).isEqualTo(before);
    }

    private MixedPrecisionQuantization mixed(RandomAccessDataset test) {
        return new MixedPrecisionQuantization(0.01, records, test);
    }

    private MixedPrecisionQuantization mixed(List<LayerScheme> schemes, String layers, String mask) {
        return new MixedPrecisionQuantization(
                0.01, records, null, Goal.SMALLEST, Order.MEASURED, schemes, layers, mask);
    }

    private StaticQuantization quantization(Rounding rounding) {
        return new StaticQuantization(records, 64).with(new Refinement(false, 0, rounding, true));
    }

    @Test
    void testDataThatDoesNotFit() {
        refused(
                NETWORK,
                mixed(CountedRecords.labelled(Networks.uniform(2, -1, 1, 16, 33), 8)),
                "Input x of network mlp is float[batch,32], but it was fed float[1,33].");
        refused(
                NETWORK,
                mixed(new CountedRecords(Networks.uniform(2, -1, 1, 16, 32))),
                "The data set has no labels; errors are counted against labels.");
        refused(
                NETWORK,
                mixed(new CountedRecords(Tensor.ofFloats(new float[0], 0, 32))),
                "The data set is empty; network mlp needs at least one record.");
    }

    /** The last record of the test data is as bad as the first, though nothing before it tells. */
    @Test
    void testDataOfWhichOneRecordIsWrong() {
        float[] rows = Networks.uniform(2, -1, 1, 3, 32).toFloatArray();
        Tensor right = Tensor.ofFloats(rows.clone(), 3, 32);
        rows[2 * 32 + 5] = Float.POSITIVE_INFINITY;
        Tensor wrong = Tensor.ofFloats(rows, 3, 32);
        for (Case one : List.of(
                new Case(
                        new CountedRecords(right, 0, 7, 8),
                        "The data has the label 8, but network mlp has the classes 0 to 7."),
                new Case(
                        new CountedRecords(wrong, 0, 7, 1),
                        "Input x of network mlp is NaN or infinite on record 3 of the test data; a network to quantize"
                                + " is fed finite values."))) {
            CountedRecords own = CountedRecords.labelled(Networks.uniform(1, -1, 1, 64, 32), 8);
            assertThatThrownBy(() -> NETWORK.apply(new MixedPrecisionQuantization(0.01, own, one.test())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(one.message());
            // The first record tells whether the validation data fits, which is asked before the test data is read.
            assertThat(own.reads()).isEqualTo(1);
        }
    }

    private record Case(RandomAccessDataset test, String message) {}

    @Test
    void aSearchForPrecisionsThatNothingCanBeDoneIn() {
        float[] values = NETWORK.weight("fc2.weight").toFloatArray();
        values[3] = Float.NaN;
        Network broken = NETWORK.withWeights(Map.of("fc2.weight", Tensor.ofFloats(values, 8, 16)));
        String infinite =
                "Weight fc2.weight of layer fc2 holds values that are NaN or infinite; weights to quantize are"
                        + " finite.";
        for (LayerScheme scheme : List.of(
                LayerScheme.STATIC,
                LayerScheme.DYNAMIC,
                LayerScheme.WEIGHT_ONLY,
                LayerScheme.INT4,
                LayerScheme.FLOAT16)) {
            refused(broken, mixed(List.of(scheme), "*", ""), infinite);
        }
        refused(broken, mixed(null), infinite);
        refused(
                NETWORK,
                mixed(List.of(LayerScheme.DYNAMIC), "fc3", ""),
                "No layer of network mlp is named fc3; did you mean fc1 or fc2?");
        refused(
                NETWORK,
                mixed(List.of(LayerScheme.DYNAMIC), "*", "mask"),
                "Network mlp has no input mask to take as mask; it takes x float[batch,32].");
        refused(
                NETWORK.apply(new DynamicQuantization()),
                mixed(null),
                "Network mlp is quantized already: operator x.uint8 is DynamicQuantizeLinear; quantize the network of"
                        + " floats that it was made from.");
        refused(
                NETWORK.apply(new Float16Quantization()),
                mixed(null),
                "Network mlp is stored in 16 bits already: weight fc1.weight.float16 is float16[16,32]; quantize the"
                        + " network of 32-bit floats that it was made from.");
    }

    @Test
    void anOperatorSetThatCanNotBeRaised() {
        Network old = Network.builder("old")
                .opset("", 10)
                .input("x", "batch", 32)
                .input("s", 2)
                .weight("w", Networks.random(1, 32, 32, 32))
                .node("MatMul", List.of("x", "w"), "h")
                .node("Resize", List.of("h", "s"), "y")
                .output("y", "batch", 32)
                .build();
        Map<LayerScheme, Integer> sets = Map.of(
                LayerScheme.STATIC,
                13,
                LayerScheme.DYNAMIC,
                13,
                LayerScheme.WEIGHT_ONLY,
                13,
                LayerScheme.INT4,
                21,
                LayerScheme.FLOAT16,
                13);
        sets.forEach((scheme, set) -> refused(
                old,
                mixed(List.of(scheme), "*", ""),
                "Operator y (Resize) of network old can not be rewritten from operator set 10 to " + set
                        + ": its scales are not constant, so that it can not be said how it rounds; export the network"
                        + " again in a newer one."));
    }

    @Test
    void biasCorrectionWithoutALayerForIt() {
        Network bare = Network.builder("bare")
                .input("x", "batch", 32)
                .weight("w", Networks.random(1, 32, 32, 32))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", 32)
                .build();
        for (Rounding rounding : Rounding.values()) {
            refused(
                    bare,
                    quantization(rounding),
                    "Network bare has no layer for bias correction; it would be a quantized Conv or Gemm, or a quantized"
                            + " MatMul with an Add of a constant vector behind it, whose output has the same name in the"
                            + " network of floats.");
        }
    }

    /** An Add of a vector behind a product is a bias that can be moved, and one of a matrix is none. */
    @Test
    void biasCorrectionTakesAProductWithAnAdd() {
        Network sum = Networks.matMulAdd();
        CountedRecords rows = new CountedRecords(Networks.uniform(1, -1, 1, 16, 5, 8));
        StaticQuantization pass =
                new StaticQuantization(rows, 16).with(new Refinement(false, 0, Rounding.NEAREST, true));
        Network corrected = sum.apply(pass);
        Network plain = sum.apply(pass.with(Refinement.NONE));
        assertThat(corrected.weight("a.bias")).isNotEqualTo(plain.weight("a.bias"));
        int read = rows.reads();
        Network matrix = sum.toBuilder()
                .weight("a.bias", Networks.uniform(2, -1, 1, 5, 6))
                .build();
        assertThatThrownBy(() -> matrix.apply(pass))
                .hasMessageStartingWith("Network matmul-add has no layer for bias correction; it would be");
        assertThat(rows.reads()).isEqualTo(read);
    }

    @Test
    void aReferenceOfOtherWidths() {
        Network small = NETWORK.apply(new WeightOnlyQuantization());
        refused(
                small,
                new BiasCorrection(Networks.mlp(32, 20, 8), records, 8),
                "Reference mlp has fc1.out float[batch,20], but network mlp has fc1.out float[batch,16]; the reference is"
                        + " the network of floats that the quantized one was made from.");
        refused(
                small,
                new BiasCorrection(Networks.mlp(32, 16, 12).named("wide"), records, 8),
                "Reference wide has fc2.out float[batch,12], but network mlp has fc2.out float[batch,8]; the reference is"
                        + " the network of floats that the quantized one was made from.");
    }

    @Test
    void layersOfSixteenBitsThatThereAreNot() {
        refused(
                NETWORK,
                new StaticQuantization(records, 64)
                        .with(new Refinement(false, 0, Rounding.ADAPTIVE, true))
                        .with(LayerChoice.ALL.with(SixteenBitLayers.parse("conv9"))),
                "No layer of network mlp is named conv9; there is fc1, fc2.");
        refused(
                NETWORK,
                new StaticQuantization(records, 64).with(LayerChoice.of("fc1").with(SixteenBitLayers.parse("fc2"))),
                "No layer of network mlp is named fc2; did you mean fc1?");
    }

    @Test
    void moreLayersInFloatThanThereAre() {
        for (int count : new int[] {2, 99}) {
            refused(
                    NETWORK,
                    new StaticQuantization(records, 64).with(LayerChoice.ALL.with(new KeptLayers(count))),
                    "Option keep-float is " + count
                            + ", but network mlp has 2 layers to quantize, so that none would be;"
                            + " it is at most 1, or auto.");
        }
        refused(
                NETWORK,
                new StaticQuantization(records, 64).with(LayerChoice.of("fc1").with(KeptLayers.parse("1,slower"))),
                "Option keep-float is 1, but network mlp has 1 layer to quantize, so that none would be; it is 0.");
    }
}
