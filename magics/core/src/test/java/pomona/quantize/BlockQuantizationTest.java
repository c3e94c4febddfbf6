package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Equality;
import pomona.Networks;
import pomona.RealModels;
import pomona.evaluate.Profile;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;
import pomona.graph.Value;
import pomona.onnx.Onnx;

class BlockQuantizationTest {

    private static BlockFormat format(int bits, int block, boolean symmetric, WeightForm form) {
        return new BlockFormat(bits, block, symmetric, form, true, false);
    }

    private static WeightOnlyQuantization pass(BlockFormat format) {
        return new WeightOnlyQuantization(format, WeightRange.MIN_MAX);
    }

    @ParameterizedTest
    @CsvSource({
        "4, 16, true, KERNEL", "4, 32, false, KERNEL", "4, 16, true, STANDARD", "4, 32, false, STANDARD",
        "8, 16, true, KERNEL", "8, 64, false, KERNEL", "8, 16, true, STANDARD", "8, 128, false, STANDARD"
    })
    void onnxRuntimeComputesWithTheRoundedWeights(int bits, int block, boolean symmetric, WeightForm form) {
        BlockFormat format = format(bits, block, symmetric, form);
        for (Network network : List.of(BlockNetworks.mixed(), Networks.mlp(70, 33, 10), Networks.matMulAdd())) {
            Network quantized = network.apply(pass(format));

            assertThat(quantized.parameters()).isEqualTo(network.parameters());
            Network rounded = BlockNetworks.rounded(network, format);
            Map<String, Tensor> feeds = BlockNetworks.feeds(network);
            assertThat(Equality.relativeError(
                            Equality.run(rounded, feeds), Equality.runUnfused(withFloatProducts(quantized), feeds)))
                    .isLessThan(1e-5);
            // ONNX Runtime's kernels of 8 bits, and those it makes of the standard form, round what they multiply with.
            boolean integerProducts = bits == 8 || form == WeightForm.STANDARD;
            assertThat(Equality.relativeError(rounded, quantized, feeds)).isLessThan(integerProducts ? 0.02 : 1e-5);
            assertThat(ops(quantized).contains("MatMulNBits")).isEqualTo(form == WeightForm.KERNEL);
            assertThat(Onnx.read(Onnx.bytes(quantized), "again").weights()).isEqualTo(quantized.weights());
        }
    }

    /** The same with kernels that multiply with floats. */
    private static Network withFloatProducts(Network quantized) {
        List<Node> nodes = quantized.nodes().stream()
                .map(node -> node.op().equals("MatMulNBits") ? node.with("accuracy_level", Attribute.of(1)) : node)
                .toList();
        return quantized.toBuilder().nodes(nodes).build();
    }

    /** Several tiles, both layouts, rows that do not fill their bytes. */
    @ParameterizedTest
    @CsvSource({"701, 300, true", "701, 300, false", "300, 701, true", "300, 701, false"})
    void tilesGiveWhatTheWholeWeightGives(int rows, int columns, boolean byRows) {
        Tensor tensor = byRows ? Networks.random(5, 4, rows, columns) : Networks.random(5, 4, columns, rows);
        Node node = Node.of("Gemm", "g", List.of("x", "w"), "y").with("transB", Attribute.of(byRows ? 1 : 0));
        WeightMatrix matrix = WeightMatrix.of(new LayerWeight("g", node, "w", tensor, byRows ? 0 : 1));
        float[] values = new float[rows * columns];
        matrix.read(0, rows, values);
        float[] stored = tensor.toFloatArray();
        assertThat(values[columns + 3]).isEqualTo(stored[byRows ? columns + 3 : 3 * rows + 1]);
        for (boolean packed : new boolean[] {true, false}) {
            for (boolean symmetric : new boolean[] {true, false}) {
                BlockFormat format = format(4, 32, symmetric, WeightForm.KERNEL);
                BlockStore whole = new BlockStore(matrix, format, packed, TensorStore.of(1 << 20));
                BlockCodes codes = new BlockCodes(rows, columns, format);
                BlockQuantizer.nearest(BlockGrid.range(format)).round(values, codes);
                whole.put(0, codes);
                BlockStore tiles = new BlockStore(matrix, format, packed, TensorStore.of(1 << 20));
                tiles.fill(BlockQuantizer.nearest(BlockGrid.range(format)));
                assertThat(tiles.values()).isEqualTo(whole.values());
                assertThat(tiles.scales()).isEqualTo(whole.scales());
                assertThat(tiles.zeros()).isEqualTo(whole.zeros());
            }
        }
    }

    @Test
    void storesWhatTheFormAsksFor() {
        Network mixed = BlockNetworks.mixed();
        Network kernel = mixed.apply(new WeightOnlyQuantization(4, 32));
        assertThat(ops(kernel))
                .containsExactly(
                        "GatherBlockQuantized",
                        "MatMulNBits",
                        "Mul",
                        "Mul",
                        "Add",
                        "MatMulNBits",
                        "Transpose",
                        "Transpose",
                        "MatMulNBits",
                        "Mul",
                        "MatMulNBits");
        assertThat(kernel.opset()).isEqualTo(21);
        assertThat(kernel.weight("table.int4").type()).isEqualTo(ElementType.INT4);
        assertThat(kernel.weight("w1.int4").shape()).containsExactly(30, 2, 16);
        assertThat(kernel.nonZeros()).isBetween(3000L, kernel.parameters());
        assertThat(Profile.of(kernel).layers().get(0).parameters()).isEqualTo(440);

        Network standard = mixed.apply(pass(format(4, 32, false, WeightForm.STANDARD)));
        assertThat(ops(standard)).filteredOn("DequantizeLinear"::equals).hasSize(5);
        assertThat(standard.weight("w4.uint4").shape()).containsExactly(19, 8);
        assertThat(standard.weight("w4.zero").type()).isEqualTo(ElementType.UINT4);
        assertThat(standard.weight("w1.scale").shape()).containsExactly(30, 2);
    }

    private static List<String> ops(Network network) {
        return network.nodes().stream().map(Node::op).toList();
    }

    /** The table is read by a product too, and by the network's end: it can not be packed. */
    @Test
    void aWeightThatIsReadInOtherWaysBecomesAFloatWeightAgain() {
        Network tied = Network.builder("tied")
                .input(Value.of("ids", ElementType.INT64, "batch"))
                .weight("table", Networks.random(1, 1, 20, 32))
                .node("Gather", List.of("table", "ids"), "rows")
                .node(Node.of("Transpose", "turn", List.of("table"), "table.t").with("perm", Attribute.ofInts(1, 0)))
                .node("MatMul", List.of("rows", "table.t"), "y")
                .output("y", "batch", 20)
                .build();
        Network quantized = tied.apply(pass(BlockFormat.INT4));
        assertThat(ops(quantized)).contains("DequantizeLinear", "Gather", "MatMul");
        Map<String, Tensor> feeds = Map.of("ids", Tensor.ofLongs(new long[] {3, 19, 0}, 3));
        BlockFormat format = format(4, 32, true, WeightForm.KERNEL);
        assertThat(Equality.relativeError(BlockNetworks.rounded(tied, format), quantized, feeds))
                .isLessThan(0.015);
    }

    @Test
    void tablesWithoutBlocksAreLookedUpAsBytes() {
        Network mixed = BlockNetworks.mixed();
        for (boolean perChannel : new boolean[] {true, false}) {
            Network quantized = mixed.apply(new WeightOnlyQuantization(perChannel, "*"));
            assertThat(quantized.weight("table.int8").type()).isEqualTo(ElementType.INT8);
            assertThat(quantized.weights()).doesNotContainKey("table");
            assertThat(quantized.parameters()).isEqualTo(mixed.parameters());
            Map<String, Tensor> feeds = BlockNetworks.feeds(mixed);
            assertThat(Equality.relativeError(Equality.run(mixed, feeds), Equality.runUnfused(quantized, feeds)))
                    .isBetween(1e-4, 0.03);
            // ONNX Runtime's kernels round what these four products in a row multiply with.
            assertThat(Equality.relativeError(mixed, quantized, feeds)).isBetween(1e-4, 0.05);
        }
    }

    @Test
    void aSentenceEncoderOfOperatorSet11Loads() {
        Network miniLm = RealModels.miniLm();
        Network quantized = miniLm.apply(new WeightOnlyQuantization(4, 32));
        assertThat(Onnx.size(quantized)).isLessThan(15_000_000);
        assertThat(quantized.parameters()).isEqualTo(miniLm.parameters());
        assertThat(Equality.relativeError(miniLm, quantized, RealModels.tokens(miniLm, 2, 12)))
                .isBetween(0.01, 0.5);
    }

    @Test
    void optionsAreChecked() {
        refused("Option bits is 5, but weights take 4 or 8.", () -> new WeightOnlyQuantization(5, 32));
        refused("Option block is 24, but it must be 16, 32, 64, 128 or 256.", () -> new WeightOnlyQuantization(4, 24));
        refused(
                "Option bits 4 is for blocks; give a block of 16, 32, 64, 128 or 256.",
                () -> new WeightOnlyQuantization(4, 0));
        refused(
                "Option per-channel=false is for weights without blocks; block is 32.",
                () -> new WeightOnlyQuantization(
                        4, 32, true, WeightForm.KERNEL, WeightRange.MSE, false, true, false, "*", "-"));
        refused(
                "Option symmetric=false is for blocks; give a block of 16, 32, 64, 128 or 256.",
                () -> new WeightOnlyQuantization(
                        8, 0, false, WeightForm.KERNEL, WeightRange.MSE, true, true, false, "*", "-"));
        refused(
                "Option form was not given; it is kernel or standard.",
                () -> new BlockFormat(4, 32, true, null, true, false));
        refused(
                "Option integer-products is for the kernel form; the form is standard.",
                () -> new BlockFormat(4, 32, true, WeightForm.STANDARD, true, true));
        Network cnn = Network.builder("convolution")
                .input("x", 1, 2, 5, 5)
                .weight("w", Networks.random(1, 4, 3, 2, 3, 3))
                .node("Conv", List.of("x", "w"), "y")
                .output("y", 1, 3, 3, 3)
                .build();
        refused(
                "Network convolution has nothing to quantize in blocks; it would be the constant 32-bit floating-point"
                        + " matrices of MatMul and Gemm, and the tables of Gather.",
                () -> cnn.apply(new WeightOnlyQuantization(4, 32)));
    }

    @Test
    void weightsThatAreNotFiniteAreRefused() {
        Network mlp = Networks.mlp(40, 8);
        String name = LayerWeight.of(mlp).get(0).name();
        float[] values = mlp.weight(name).toFloatArray();
        values[33] = Float.NaN;
        Network odd = mlp.withWeights(
                Map.of(name, Tensor.ofFloats(values, mlp.weight(name).shape())));
        refused(
                "Weight " + name + " of layer " + LayerWeight.of(mlp).get(0).layer()
                        + " holds values that are NaN or infinite; weights to quantize are finite.",
                () -> odd.apply(new WeightOnlyQuantization(4, 32)));
    }

    private static void refused(String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }
}
