package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Equality;
import pomona.Networks;
import pomona.Records;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.pass.Pass;

/** Recurrent layers and those in branches, which passes that store weights leave, by name and with the reason. */
class UntouchedLayersTest {

    private static final String INSIDE = "t1 stays float: weights inside If are not stored in fewer bits;"
            + " e1 stays float: weights inside If are not stored in fewer bits";

    /** A product of a shared weight, then a branch with a product of its own, or one with an LSTM. */
    private static Network branches() {
        Graph then = graph(
                "then",
                Map.of("own", Networks.random(2, 32, 32, 32)),
                Node.of("MatMul", "t1", List.of("h", "own"), "t.h"),
                Node.of("MatMul", "t2", List.of("t.h", "shared"), "t.y"));
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("lw", Networks.random(3, 32, 1, 128, 32));
        weights.put("lr", Networks.random(4, 32, 1, 128, 32));
        weights.put("axes", Tensor.ofLongs(new long[] {1}, 1));
        Graph otherwise = graph(
                "else",
                weights,
                Node.of("LSTM", "e1", List.of("h", "lw", "lr"), "e.h").with("hidden_size", Attribute.of(32)),
                Node.of("Squeeze", "e2", List.of("e.h", "axes"), "e.y"));
        return Network.builder("branches")
                .input(Value.of("way", ElementType.BOOL))
                .input("x", 6, "batch", 32)
                .weight("shared", Networks.random(5, 32, 32, 32))
                .node(Node.of("MatMul", "first", List.of("x", "shared"), "h"))
                .node(Node.of("If", "if", List.of("way"), "y")
                        .with("then_branch", new Attribute.Subgraph(then))
                        .with("else_branch", new Attribute.Subgraph(otherwise)))
                .output("y", 6, "batch", 32)
                .build();
    }

    private static Graph graph(String name, Map<String, Tensor> weights, Node... nodes) {
        List<Value> outputs = List.of(Value.of(nodes[nodes.length - 1].output(), ElementType.FLOAT, 6, "batch", 32));
        return new Graph(name, List.of(), outputs, List.of(nodes), weights, List.of(), Opaque.NONE);
    }

    private static Network recurrent(String op, int gates) {
        return Network.builder("rnn")
                .input("x", 5, "batch", 24)
                .weight("w", Networks.random(1, 24, 1, gates * 32, 24))
                .weight("r", Networks.random(2, 32, 1, gates * 32, 32))
                .weight("head", Networks.random(3, 32, 32, 4))
                .node(Node.of(op, "rnn", List.of("x", "w", "r"), "h").with("hidden_size", Attribute.of(32)))
                .node(Node.of("MatMul", "fc", List.of("h", "head"), "y"))
                .output("y", 5, 1, "batch", 4)
                .build();
    }

    private static List<Pass> withoutData() {
        return List.of(
                new WeightOnlyQuantization(),
                new WeightOnlyQuantization(4, 32),
                new HqqQuantization(BlockFormat.INT4),
                new WeightSharingQuantization(4),
                new TernaryQuantization(),
                new BinaryQuantization(),
                new ClampQuantization(0, 127, "*"));
    }

    private static String leftFloat(Network network) {
        return network.provenance().get(0).options().get("leftFloat");
    }

    @Test
    void layersInBranchesAreNamed() {
        Network network = branches();
        List<Pass> passes = new ArrayList<>(withoutData());
        passes.add(new Float16Quantization());
        passes.add(new Float16Quantization(true, Float16Quantization.SENSITIVE, false));
        passes.add(new Bfloat16Quantization());
        for (Pass pass : passes) {
            Network small = network.apply(pass);
            // The shared weight is stored outside, so that t2 takes what is made of it.
            assertThat(leftFloat(small)).as("%s", pass).isEqualTo(INSIDE);
            assertThat(small.weights().values())
                    .as("%s", pass)
                    .noneMatch(weight -> weight.size() == 1024 && weight.type() == ElementType.FLOAT);
            assertThat(Onnx.size(small)).isLessThan(Onnx.size(network));
        }
    }

    @Test
    void layersInBranchesGiveWhatTheyGave() {
        Network network = branches();
        Network small = network.apply(new WeightOnlyQuantization());
        for (byte way : new byte[] {0, 1}) {
            Map<String, Tensor> feeds = Map.of(
                    "x", Networks.uniform(7, -1, 1, 6, 3, 32), "way", Tensor.ofBytes(ElementType.BOOL, new byte[] {way
                    }));
            assertThat(Equality.relativeError(network, small, feeds)).isBetween(1e-4, 0.02);
        }
    }

    @Test
    void recurrentLayersAreNamed() {
        for (String op : List.of("LSTM", "GRU")) {
            Network network = recurrent(op, op.equals("LSTM") ? 4 : 3);
            for (Pass pass : withoutData()) {
                assertThat(leftFloat(network.apply(pass)))
                        .as("%s", pass)
                        .isEqualTo("rnn stays float: weights of " + op + " are not stored in fewer bits");
            }
            // Floats of 16 bits are stored of every weight.
            assertThat(leftFloat(network.apply(new Float16Quantization()))).isNull();
            assertThat(leftFloat(network.apply(new Bfloat16Quantization()))).isNull();
        }
    }

    /** The same for the passes that measure, on sequences with the batch first. */
    @Test
    void passesWithDataNameThemToo() {
        Network inner = recurrent("LSTM", 4);
        List<Node> nodes = new ArrayList<>();
        nodes.add(Node.of("Transpose", "turn", List.of("x"), "xt").with("perm", Attribute.ofInts(1, 0, 2)));
        nodes.add(inner.nodes().get(0).withInputs(List.of("xt", "w", "r")));
        nodes.add(inner.nodes().get(1));
        Network network = inner.toBuilder()
                .inputs(List.of(Value.of("x", ElementType.FLOAT, "batch", 5, 24)))
                .nodes(nodes)
                .build();
        RandomAccessDataset data = Records.of(Networks.uniform(4, -1, 1, 16, 5, 24));
        for (Pass pass :
                List.of(new GptqQuantization(BlockFormat.INT4, data), new AwqQuantization(BlockFormat.INT4, data))) {
            assertThat(leftFloat(network.apply(pass)))
                    .as("%s", pass)
                    .isEqualTo("rnn stays float: weights of LSTM are not stored in fewer bits");
        }
    }

    @Test
    void blocksNameWhatIsNoMatrix() {
        Network cnn = Networks.cnn();
        String left = "conv1 stays float: blocks are for matrices; conv2 stays float: blocks are for matrices";
        assertThat(leftFloat(cnn.apply(new WeightOnlyQuantization(4, 32)))).isEqualTo(left);
        assertThat(leftFloat(cnn.apply(new HqqQuantization(BlockFormat.INT4)))).isEqualTo(left);
        assertThat(leftFloat(cnn.apply(new WeightOnlyQuantization()))).isNull();
    }

    @Test
    void onlyWhatIsAskedForIsNamed() {
        Network network = recurrent("LSTM", 4);
        assertThat(leftFloat(network.apply(new WeightOnlyQuantization(true, "fc"))))
                .isNull();
        assertThat(leftFloat(network.apply(new TernaryQuantization(0.7, IndexLayout.PACKED, "f*"))))
                .isNull();
        assertThat(leftFloat(network.apply(new TernaryQuantization(0.7, IndexLayout.PACKED, "head, *"))))
                .isEqualTo("rnn stays float: weights of LSTM are not stored in fewer bits");
        assertThat(SparedLayers.reasons(network.apply(new WeightOnlyQuantization())))
                .containsExactly(Map.entry("rnn", "weights of LSTM are not stored in fewer bits"));
    }

    @Test
    void aNetworkOfNothingElseIsRefusedWithTheReason() {
        Network inner = recurrent("LSTM", 4);
        Network network = inner.toBuilder()
                .nodes(inner.nodes().subList(0, 1))
                .removeWeight("head")
                .outputs(List.of(Value.of("h", ElementType.FLOAT, 5, 1, "batch", 32)))
                .build();
        String left = " rnn stays float: weights of LSTM are not stored in fewer bits.";
        assertThatThrownBy(() -> network.apply(new WeightSharingQuantization(4)))
                .hasMessage(
                        "Network rnn has nothing to quantize; it would be the constant 32-bit floating-point weights"
                                + " of Gemm, MatMul or Conv operators." + left);
        assertThatThrownBy(() -> network.apply(new WeightOnlyQuantization()))
                .hasMessage(
                        "Network rnn has nothing to quantize; it would be the constant 32-bit floating-point weights"
                                + " of Gemm, MatMul or Conv operators, or the tables of Gather." + left);
        assertThatThrownBy(() -> network.apply(new HqqQuantization(BlockFormat.INT4)))
                .hasMessage("Network rnn has nothing to quantize in blocks; it would be the constant 32-bit"
                        + " floating-point matrices of MatMul and Gemm, and the tables of Gather." + left);
    }
}
