package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pomona.Equality.feeds;
import static pomona.Equality.relativeError;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import pomona.Equality;
import pomona.Networks;
import pomona.djl.RuntimeSession;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;

/** Recurrent layers, branches, embeddings, convolutions and ranges of rows, each run by ONNX Runtime. */
class DynamicFormsTest {

    private static List<String> ops(Network network) {
        List<String> ops = new ArrayList<>();
        collect(network.graph(), ops);
        return ops;
    }

    private static void collect(Graph graph, List<String> ops) {
        for (Node node : graph.nodes()) {
            ops.add(node.op());
            node.attributes().values().forEach(attribute -> {
                if (attribute instanceof Attribute.Subgraph inner) {
                    collect(inner.value(), ops);
                }
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"forward,true,INT8", "bidirectional,true,INT8", "bidirectional,false,INT8", "reverse,true,UINT8"})
    void lstmBecomesTheRuntimesDynamicOne(String direction, boolean perChannel, ByteType type) {
        Network network = recurrent("LSTM", direction, 4);
        Network small = network.apply(new DynamicQuantization(perChannel, ReducedRange.OFF, "*").withWeights(type));
        assertThat(ops(small)).contains("DynamicQuantizeLSTM").doesNotContain("LSTM");
        assertThat(Onnx.size(small)).isLessThan(Onnx.size(network) * 2 / 5);
        assertThat(small.signature()).isEqualTo(network.signature());
        assertThat(relativeError(network, small, feeds(network))).isLessThan(0.02);
        assertThat(relativeError(network, Onnx.read(Onnx.bytes(small), "again"), feeds(network)))
                .isLessThan(0.02);
    }

    @Test
    void gruStaysFloatAndTheStepSaysWhy() {
        Network network = recurrent("GRU", "forward", 3).toBuilder()
                .weight("head", Networks.random(9, 32, 32, 4))
                .node("MatMul", List.of("y", "head"), "z")
                .output("z", 5, 1, 3, 4)
                .build();
        Network small = network.apply(new DynamicQuantization());
        assertThat(ops(small)).contains("GRU", "MatMulInteger");
        assertThat(small.provenance().get(0).options())
                .containsEntry("leftFloat", "rnn stays float: ONNX Runtime has no dynamic GRU");
        assertThatThrownBy(() -> recurrent("GRU", "forward", 3).apply(new DynamicQuantization()))
                .hasMessage(
                        "Network rnn has nothing to quantize; it would be the constant 32-bit floating-point weights"
                                + " of Gemm, MatMul, LSTM operators. rnn stays float: ONNX Runtime has no dynamic GRU.");
    }

    private static Network recurrent(String op, String direction, int gates) {
        int directions = direction.equals("bidirectional") ? 2 : 1;
        return Network.builder("rnn")
                .input("x", 5, "batch", 24)
                .weight("w", Networks.random(1, 24, directions, gates * 32, 24))
                .weight("r", Networks.random(2, 32, directions, gates * 32, 32))
                .weight("b", Networks.uniform(3, -0.1f, 0.1f, directions, 2 * gates * 32))
                .node(Node.of(op, "rnn", List.of("x", "w", "r", "b"), "y")
                        .with("hidden_size", Attribute.of(32))
                        .with("direction", Attribute.of(direction)))
                .output("y", 5, directions, "batch", 32)
                .build();
    }

    @Test
    void layersInsideBranchesAreQuantizedWhereTheyAre() {
        Network network = branches();
        Network small = network.apply(new DynamicQuantization());
        assertThat(ops(small))
                .contains("DynamicQuantizeLSTM")
                .doesNotContain("MatMul", "Gemm", "LSTM")
                .filteredOn("MatMulInteger"::equals)
                .hasSize(3);
        // The weight that both branches take lies in the graph around them, once.
        assertThat(small.weights()).containsKey("shared.int8").doesNotContainKey("shared");
        assertThat(small.weights().keySet())
                .filteredOn(name -> name.startsWith("shared.int8"))
                .hasSize(1);
        assertThat(Onnx.size(small)).isLessThan(Onnx.size(network) / 3);
        for (long way : new long[] {0, 1}) {
            Map<String, Tensor> feeds = new LinkedHashMap<>();
            feeds.put("x", Networks.uniform(7, -1, 1, 6, 3, 32));
            feeds.put("way", Tensor.ofBytes(ElementType.BOOL, new byte[] {(byte) way}));
            assertThat(relativeError(network, small, feeds)).as("way " + way).isLessThan(0.02);
        }
        assertThatThrownBy(() -> small.apply(new DynamicQuantization()))
                .hasMessageStartingWith("Network branches is quantized already: operator ");
    }

    /** One branch with a weight as a Constant operator and one from outside, the other with an LSTM. */
    private static Network branches() {
        Tensor own = Networks.random(2, 32, 32, 32);
        Node constant = Node.of("Constant", "c", List.of(), "own").with("value", Attribute.of(own));
        Graph then = graph(
                "then",
                Map.of(),
                constant,
                Node.of("MatMul", "t1", List.of("x", "own"), "t_h"),
                Node.of("MatMul", "t2", List.of("t_h", "shared"), "t_y"));
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("lw", Networks.random(3, 32, 1, 128, 32));
        weights.put("lr", Networks.random(4, 32, 1, 128, 32));
        weights.put("axes", Tensor.ofLongs(new long[] {1}, 1));
        Graph otherwise = graph(
                "else",
                weights,
                Node.of("LSTM", "e1", List.of("x", "lw", "lr"), "e_h").with("hidden_size", Attribute.of(32)),
                Node.of("Squeeze", "e2", List.of("e_h", "axes"), "e_s"),
                Node.of("MatMul", "e3", List.of("e_s", "shared"), "e_y"));
        return Network.builder("branches")
                .input(Value.of("way", ElementType.BOOL))
                .input("x", 6, "batch", 32)
                .weight("shared", Networks.random(5, 32, 32, 32))
                .node(Node.of("If", "if", List.of("way"), "y")
                        .with("then_branch", new Attribute.Subgraph(then))
                        .with("else_branch", new Attribute.Subgraph(otherwise)))
                .output("y", 6, "batch", 32)
                .build();
    }

    private static Graph graph(String name, Map<String, Tensor> weights, Node... nodes) {
        List<Value> outputs = List.of(Value.of(nodes[nodes.length - 1].output(), ElementType.FLOAT, 6, "batch", 32));
        return new Graph(name, List.of(), outputs, Arrays.asList(nodes), weights, List.of(), Opaque.NONE);
    }

    @ParameterizedTest
    @CsvSource({"true,0.01", "false,0.02"})
    void embeddingsAreBytesOnRequest(boolean perChannel, double tolerance) {
        Network network = Network.builder("ids")
                .input(Value.of("ids", ElementType.INT64, "batch", 3))
                .weight("table", Networks.random(1, 4, 50, 64))
                .node("Gather", List.of("table", "ids"), "y")
                .output("y", "batch", 3, 64)
                .build();
        Network small =
                network.apply(new DynamicQuantization(perChannel, ReducedRange.OFF, "*").withOperators("gather"));
        assertThat(small.weights()).containsKey("table.int8").doesNotContainKey("table");
        Map<String, Tensor> feeds = Map.of("ids", Tensor.ofLongs(new long[] {0, 7, 49, 3, 3, 20}, 2, 3));
        assertThat(relativeError(network, small, feeds)).isLessThan(tolerance);
    }

    @ParameterizedTest
    @EnumSource(InputRange.class)
    void convolutionsOnRequest(InputRange ranges) {
        Network cnn = Networks.cnn();
        Network small = cnn.apply(
                new DynamicQuantization().withOperators("Conv, Gemm, MatMul").withRanges(ranges));
        assertThat(ops(small)).contains("ConvInteger").doesNotContain("Conv");
        assertThat(relativeError(cnn, small, feeds(cnn))).isLessThan(0.03);
    }

    @Test
    void unsignedWeightsGiveTheSameAsSignedOnes() {
        Network mlp = Networks.mlp(32, 16, 8);
        Network signed = mlp.apply(new DynamicQuantization(true, ReducedRange.OFF, "*"));
        Network unsigned = mlp.apply(new DynamicQuantization(true, ReducedRange.OFF, "*").withWeights(ByteType.UINT8));
        assertThat(unsigned.weight("fc1.weight.uint8").type()).isEqualTo(ElementType.UINT8);
        assertThat(Equality.run(unsigned, feeds(mlp))).containsExactly(Equality.run(signed, feeds(mlp)));
    }

    @ParameterizedTest
    @EnumSource(InputRange.class)
    void matricesInABatch(InputRange ranges) {
        Network network = Network.builder("experts")
                .input("x", 3, "tokens", 32)
                .weight("w", Networks.random(1, 32, 3, 32, 16))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", 3, "tokens", 16)
                .build();
        Network small = network.apply(new DynamicQuantization().withRanges(ranges));
        assertThat(ops(small)).contains("MatMulInteger");
        assertThat(relativeError(network, small, feeds(network))).isLessThan(0.02);
    }

    @Test
    void withRangesOfRowsAResultIsTheSameAloneAndInAnyBatch() {
        for (long opset : new long[] {13, 18}) {
            Network mlp = Networks.mlp(32, 16, 8).toBuilder().opset("", opset).build();
            Network each = mlp.apply(new DynamicQuantization().withRanges(InputRange.SAMPLE));
            assertThat(relativeError(mlp, each, feeds(mlp))).isLessThan(0.02);
            Network whole = mlp.apply(new DynamicQuantization());
            // Two rows, a row of padding and an outlier.
            float[] batch = Networks.uniform(3, -1, 1, 4, 32).toFloatArray();
            Arrays.fill(batch, 64, 96, 0);
            batch[100] = 50;
            assertThat(rowAlone(each, batch)).containsExactly(rowInBatch(each, batch));
            assertThat(rowAlone(whole, batch)).isNotEqualTo(rowInBatch(whole, batch));
        }
    }

    private static float[] rowAlone(Network network, float[] batch) {
        return run(network, Tensor.ofFloats(Arrays.copyOf(batch, 32), 1, 32));
    }

    private static float[] rowInBatch(Network network, float[] batch) {
        return Arrays.copyOf(run(network, Tensor.ofFloats(batch, batch.length / 32, 32)), 8);
    }

    private static float[] run(Network network, Tensor input) {
        try (RuntimeSession session = RuntimeSession.open(network)) {
            return session.run(input).toFloatArray();
        }
    }

    @Test
    void rangesOfRowsLeaveLstmFloat() {
        NetworkBuilder builder = recurrent("LSTM", "forward", 4).toBuilder();
        Network network = builder.weight("head", Networks.random(9, 32, 32, 4))
                .node("MatMul", List.of("y", "head"), "z")
                .output("z", 5, 1, 3, 4)
                .build();
        Network small = network.apply(new DynamicQuantization().withRanges(InputRange.SAMPLE));
        assertThat(small.provenance().get(0).options())
                .containsEntry("leftFloat", "rnn stays float: ONNX Runtime's dynamic LSTM takes ranges over the batch");
    }

    @Test
    void operatorsThatCanNotBeQuantizedAreRefused() {
        assertThatThrownBy(() -> new DynamicQuantization().withOperators("Gem"))
                .hasMessage("Operator Gem can not be quantized dynamically; did you mean Gemm?");
        assertThatThrownBy(() -> new DynamicQuantization().withOperators(" "))
                .hasMessage("Option operators is empty; it is one or more of Gemm, MatMul, LSTM, Conv, Gather.");
    }
}
