package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pomona.Equality.feeds;
import static pomona.Equality.relativeError;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Networks;
import pomona.evaluate.Profile;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.prune.MagnitudePruning;

class DynamicQuantizationTest {

    private static List<String> ops(Network network) {
        return network.nodes().stream().map(Node::op).toList();
    }

    @Test
    void lenetIsAQuarterOfItsSizeAndAnswersNearlyTheSame() {
        Network lenet = Networks.lenet300();
        Network small = lenet.apply(new DynamicQuantization());
        assertThat(Onnx.size(small)).isLessThan(Onnx.size(lenet) * 27 / 100);
        assertThat(small.parameters()).isEqualTo(lenet.parameters());
        assertThat(small.signature()).isEqualTo(lenet.signature());
        assertThat(relativeError(lenet, small, feeds(lenet))).isLessThan(0.02);
        assertThat(Profile.of(small).layers().stream().map(Profile.Layer::name))
                .containsExactly("fc1", "relu1", "fc2", "relu2", "fc3");
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,1", "1,0", "1,1"})
    void everyFormOfGemm(long transA, long transB) {
        for (String bias : List.of("", "row", "matrix", "scalar")) {
            Network network = gemm(transA, transB, bias);
            for (boolean perChannel : new boolean[] {true, false}) {
                Network small = network.apply(new DynamicQuantization(perChannel, ReducedRange.OFF, "*"));
                assertThat(ops(small)).contains("MatMulInteger").doesNotContain("Gemm");
                assertThat(relativeError(network, small, feeds(network)))
                        .as(bias + " " + perChannel)
                        .isLessThan(0.02);
            }
        }
    }

    private static Network gemm(long transA, long transB, String bias) {
        NetworkBuilder builder = Network.builder("gemm");
        builder.input("x", transA == 0 ? new Object[] {3, 32} : new Object[] {32, 3});
        builder.weight("w", transB == 0 ? Networks.random(1, 32, 32, 5) : Networks.random(1, 32, 5, 32));
        List<String> inputs = new ArrayList<>(List.of("x", "w"));
        if (!bias.isEmpty()) {
            inputs.add("b");
            builder.weight(
                    "b",
                    switch (bias) {
                        case "row" -> Networks.uniform(2, -1, 1, 5);
                        case "matrix" -> Networks.uniform(2, -1, 1, 3, 5);
                        default -> Tensor.scalar(0.5f);
                    });
        }
        return builder.node(Node.of("Gemm", "fc", inputs, "y")
                        .with("transA", Attribute.of(transA))
                        .with("transB", Attribute.of(transB))
                        .with("alpha", Attribute.of(0.5f))
                        .with("beta", Attribute.of(-2f)))
                .output("y", 3, 5)
                .build();
    }

    @Test
    void matMulOfSequencesWithAndWithoutBias() {
        Network network = Networks.matMulAdd();
        Network small = network.apply(new DynamicQuantization());
        assertThat(ops(small)).filteredOn("MatMulInteger"::equals).hasSize(2);
        assertThat(relativeError(network, small, feeds(network))).isLessThan(0.02);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aBiasOnEitherSideIsRunTogetherWithItsProduct(boolean first, @TempDir Path folder) throws Exception {
        Network network = biased(first, Networks.random(2, 1, 5));
        Network small = network.apply(new DynamicQuantization());
        assertThat(OperatorsAsRun.of(small, folder)).containsExactly("DynamicQuantizeMatMul");
        assertThat(relativeError(network, small, feeds(network))).isLessThan(0.02);
    }

    @Test
    void whatIsAddedToAProductAndIsNoBiasStaysWhereItIs() {
        Network network = biased(true, Networks.random(2, 1, 3, 5));
        Network small = network.apply(new DynamicQuantization());
        assertThat(small.nodes().get(small.nodes().size() - 1).inputs()).containsExactly("bias", "product");
        assertThat(relativeError(network, small, feeds(network))).isLessThan(0.02);
    }

    private static Network biased(boolean first, Tensor bias) {
        return Network.builder("biased")
                .input("x", 2, 3, 16)
                .weight("w", Networks.random(1, 16, 16, 5))
                .weight("bias", bias)
                .node("MatMul", List.of("x", "w"), "product")
                .node("Add", first ? List.of("bias", "product") : List.of("product", "bias"), "y")
                .output("y", 2, 3, 5)
                .build();
    }

    @Test
    void layersThatShareAnInputQuantizeItOnce() {
        Network network = Network.builder("qkv")
                .input("x", "batch", 8)
                .weight("q", Networks.random(1, 8, 8, 8))
                .weight("k", Networks.random(2, 8, 8, 8))
                .node("MatMul", List.of("x", "q"), "xq")
                .node("MatMul", List.of("x", "k"), "xk")
                .node("Add", List.of("xq", "xk"), "y")
                .output("y", "batch", 8)
                .build();
        Network small = network.apply(new DynamicQuantization());
        assertThat(ops(small)).filteredOn("DynamicQuantizeLinear"::equals).hasSize(1);
        assertThat(relativeError(network, small, feeds(network))).isLessThan(0.03);
    }

    @Test
    void convolutionsAndEmbeddingsStayFloat() {
        Network cnn = Networks.cnn();
        Network small = cnn.apply(new DynamicQuantization());
        assertThat(ops(small)).filteredOn("Conv"::equals).hasSize(2);
        assertThat(small.weight("conv1.weight")).isEqualTo(cnn.weight("conv1.weight"));
        assertThat(relativeError(cnn, small, feeds(cnn))).isLessThan(0.02);
    }

    @Test
    void aWeightBehindATransposeIsQuantized() {
        Network network = Network.builder("t")
                .input("x", "batch", 16)
                .weight("w", Networks.random(1, 16, 4, 16))
                .node("Transpose", List.of("w"), "wt")
                .node("MatMul", List.of("x", "wt"), "y")
                .output("y", "batch", 4)
                .build();
        Network small = network.apply(new DynamicQuantization());
        assertThat(ops(small)).doesNotContain("Transpose", "MatMul");
        assertThat(relativeError(network, small, feeds(network))).isLessThan(0.02);
    }

    @Test
    void aScaleForEachOutputIsMoreExact() {
        // Two outputs of very different size: one scale for both loses the small one.
        float[] values = new float[64];
        for (int i = 0; i < 32; i++) {
            values[2 * i] = (float) Math.sin(i);
            values[2 * i + 1] = (float) Math.cos(i) / 500;
        }
        Network network = Network.builder("t")
                .input("x", "batch", 32)
                .weight("w", Tensor.ofFloats(values, 32, 2))
                .weight("c", Tensor.ofFloats(new float[] {0, 1}, 2))
                .node("MatMul", List.of("x", "w"), "h")
                .node("Mul", List.of("h", "c"), "y")
                .output("y", "batch", 2)
                .build();
        double each = relativeError(
                network, network.apply(new DynamicQuantization(true, ReducedRange.OFF, "*")), feeds(network));
        double one = relativeError(
                network, network.apply(new DynamicQuantization(false, ReducedRange.OFF, "*")), feeds(network));
        assertThat(each).isLessThan(0.02);
        assertThat(one).isGreaterThan(0.2);
    }

    @Test
    void prunedWeightsStayZeroAndSevenBitsAreSevenBits() {
        Network pruned = Networks.mlp(32, 16, 8).apply(new MagnitudePruning(0.75));
        Network small = pruned.apply(new DynamicQuantization(true, ReducedRange.ON, "*"));
        Tensor weight = small.weight("fc1.weight.int8");
        assertThat(weight.type()).isEqualTo(ElementType.INT8);
        assertThat(weight.countNonZeros())
                .isLessThanOrEqualTo(pruned.weight("fc1.weight").countNonZeros());
        for (long value : weight.toLongArray()) {
            assertThat(value).isBetween(-63L, 63L);
        }
        assertThat(small.provenance().get(1))
                .hasToString("DynamicQuantization(perChannel=true, weights=int8, reducedRange=on, ranges=batch,"
                        + " operators=Gemm,MatMul,LSTM, layers=*)");
    }

    @Test
    void onlyChosenLayersAreQuantized() {
        Network small = Networks.mlp(8, 6, 4).apply(new DynamicQuantization(true, ReducedRange.AUTO, "fc2"));
        assertThat(ops(small)).contains("Gemm", "MatMulInteger");
    }

    @Test
    void aQuantizedNetworkIsRefused() {
        Network small = Networks.mlp(8, 4).apply(new DynamicQuantization());
        assertThatThrownBy(() -> small.apply(new DynamicQuantization()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Network mlp is quantized already: operator x.uint8 is DynamicQuantizeLinear; quantize the"
                        + " network of floats that it was made from.");
    }

    @Test
    void anOldOperatorSetIsRefused() {
        Network old = Networks.mlp(8, 4).toBuilder().opset("", 6).build();
        assertThatThrownBy(() -> old.apply(new DynamicQuantization()))
                .hasMessage("Network mlp is written in operator set 6, but dynamic quantization takes 7 or newer;"
                        + " export it again in a newer one.");
    }

    @Test
    void aNetworkWithoutLinearLayersIsRefused() {
        Network network = Network.builder("ids")
                .input(Value.of("ids", ElementType.INT64, "batch"))
                .weight("table", Networks.random(1, 4, 10, 4))
                .node("Gather", List.of("table", "ids"), "y")
                .output("y", "batch", 4)
                .build();
        assertThatThrownBy(() -> network.apply(new DynamicQuantization()))
                .hasMessage(
                        "Network ids has nothing to quantize; it would be the constant 32-bit floating-point weights"
                                + " of Gemm, MatMul, LSTM operators.");
    }

    @Test
    void weightsThatAreNotFiniteAreRefused() {
        Network network = Networks.mlp(2, 2).toBuilder()
                .weight("fc1.weight", Tensor.ofFloats(new float[] {1, 2, Float.NaN, 3}, 2, 2))
                .build();
        assertThatThrownBy(() -> network.apply(new DynamicQuantization()))
                .hasMessage("Weight fc1.weight of layer fc1 holds values that are NaN or infinite; weights to quantize"
                        + " are finite.");
    }
}
