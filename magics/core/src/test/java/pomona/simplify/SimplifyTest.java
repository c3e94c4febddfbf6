package pomona.simplify;

import static org.assertj.core.api.Assertions.assertThat;
import static pomona.Equality.assertSameOutputs;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

class SimplifyTest {

    private static Node norm(String input, String output) {
        return Node.of(
                        "BatchNormalization",
                        "bn",
                        List.of(input, "bn.scale", "bn.shift", "bn.mean", "bn.variance"),
                        output)
                .with("epsilon", Attribute.of(0.01f));
    }

    private static List<String> ops(Network network) {
        return network.nodes().stream().map(Node::op).toList();
    }

    @Test
    void foldsANormalizationIntoTheConvolutionBeforeIt() {
        Network network = Networks.cnn();
        Network folded = network.apply(new BatchNormFolding());
        assertThat(ops(folded))
                .containsExactly("Conv", "Relu", "MaxPool", "Conv", "Relu", "AveragePool", "Flatten", "Gemm");
        assertThat(folded.weights().keySet()).noneMatch(name -> name.startsWith("bn"));
        assertSameOutputs(network, folded, 1e-5);
    }

    @Test
    void foldsIntoATransposedConvolutionWithoutBias() {
        NetworkBuilder builder = Network.builder("t")
                .input("x", "batch", 2, 4, 4)
                .weight("w", Networks.random(1, 18, 2, 3, 3, 3))
                .node("ConvTranspose", List.of("x", "w"), "h")
                .node(norm("h", "y"))
                .output("y", "batch", 3, 6, 6);
        Networks.batchNorm(builder, "bn", 3);
        Network network = builder.build();
        Network folded = network.apply(new BatchNormFolding());
        assertThat(ops(folded)).containsExactly("ConvTranspose");
        assertSameOutputs(network, folded, 1e-5);
    }

    @Test
    void foldsIntoEveryFormOfGemm() {
        for (long transposed = 0; transposed < 2; transposed++) {
            for (boolean biased : new boolean[] {false, true}) {
                NetworkBuilder builder = Network.builder("t")
                        .input("x", "batch", 5)
                        .weight("w", transposed == 1 ? Networks.random(1, 5, 4, 5) : Networks.random(1, 5, 5, 4))
                        .weight("b", Networks.uniform(2, -1, 1, 1, 4))
                        .node(Node.of("Gemm", "fc", biased ? List.of("x", "w", "b") : List.of("x", "w"), "h")
                                .with("transB", Attribute.of(transposed))
                                .with("alpha", Attribute.of(0.5f))
                                .with("beta", Attribute.of(2f)))
                        .node(norm("h", "y"))
                        .output("y", "batch", 4);
                Networks.batchNorm(builder, "bn", 4);
                Network network = builder.build();
                Network folded = network.apply(new BatchNormFolding());
                assertThat(ops(folded)).containsExactly("Gemm");
                assertSameOutputs(network, folded, 1e-5);
            }
        }
    }

    @Test
    void foldsIntoMatMulWithAndWithoutAdd() {
        for (boolean biased : new boolean[] {false, true}) {
            NetworkBuilder builder = Network.builder("t")
                    .input("x", "batch", 5)
                    .weight("w", Networks.random(1, 5, 5, 4))
                    .weight("b", Networks.uniform(2, -1, 1, 4))
                    .node("MatMul", List.of("x", "w"), "p")
                    .node(norm(biased ? "h" : "p", "y"))
                    .output("y", "batch", 4);
            if (biased) {
                builder.node("Add", List.of("p", "b"), "h");
            }
            Networks.batchNorm(builder, "bn", 4);
            Network network = builder.build();
            Network folded = network.apply(new BatchNormFolding());
            assertThat(ops(folded)).containsExactly("MatMul", "Add");
            assertSameOutputs(network, folded, 1e-5);
        }
    }

    @Test
    void aSharedWeightIsNotChangedForTheOtherLayer() {
        NetworkBuilder builder = Network.builder("t")
                .input("x", "batch", 4)
                .weight("w", Networks.random(1, 4, 4, 4))
                .node("MatMul", List.of("x", "w"), "h")
                .node(norm("h", "n"))
                .node("MatMul", List.of("n", "w"), "y")
                .output("y", "batch", 4);
        Networks.batchNorm(builder, "bn", 4);
        Network network = builder.build();
        Network folded = network.apply(new BatchNormFolding());
        assertThat(folded.weight("w")).isEqualTo(network.weight("w"));
        assertThat(ops(folded)).containsExactly("MatMul", "Add", "MatMul");
        assertSameOutputs(network, folded, 1e-5);
    }

    @Test
    void aNormalizationThatCanNotBeFoldedStays() {
        NetworkBuilder builder = Network.builder("t")
                .input("x", "batch", 4)
                .weight("w", Networks.random(1, 4, 4, 4))
                .node("MatMul", List.of("x", "w"), "h")
                .node(norm("h", "n"))
                .node("Add", List.of("h", "n"), "y")
                .output("y", "batch", 4);
        Networks.batchNorm(builder, "bn", 4);
        Network network = builder.build();
        assertThat(network.apply(new BatchNormFolding()).nodes()).isEqualTo(network.nodes());
    }

    @Test
    void constantsAndIdleOperatorsAreFoldedAway() {
        Tensor weight = Networks.random(1, 4, 3, 4);
        Network network = Network.builder("t")
                .input("x", "batch", 4)
                .weight("shape", Tensor.ofLongs(new long[] {0, -1}, 2))
                .weight("bias", Networks.uniform(2, -1, 1, 1, 3, 1))
                .weight("axes", Tensor.ofLongs(new long[] {0, -1}, 2))
                .node(Node.of("Constant", "c", List.of(), "w").with("value", Attribute.of(weight)))
                .node("Transpose", List.of("w"), "wt")
                .node("Reshape", List.of("wt", "shape"), "wr")
                .node("Squeeze", List.of("bias", "axes"), "b")
                .node("Identity", List.of("x"), "xi")
                .node("Dropout", List.of("xi"), "xd")
                .node("MatMul", List.of("xd", "wr"), "p")
                .node("Add", List.of("p", "b"), "s")
                .node("Identity", List.of("s"), "y")
                .output("y", "batch", 3)
                .build();
        Network folded = network.apply(new ConstantFolding()).apply(new IdentityFolding());
        assertThat(ops(folded)).containsExactly("MatMul", "Add");
        assertThat(folded.weights().keySet()).containsExactlyInAnyOrder("wr", "b");
        assertSameOutputs(network, folded, 0);
    }

    @Test
    void unsqueezedConstantsAreFolded() {
        Network network = Network.builder("t")
                .input("x", "batch", 3, 2)
                .weight("b", Networks.uniform(2, -1, 1, 3))
                .weight("axes", Tensor.ofLongs(new long[] {-1, 0}, 2))
                .node("Unsqueeze", List.of("b", "axes"), "column")
                .node("Add", List.of("x", "column"), "y")
                .output("y", "batch", 3, 2)
                .build();
        Network folded = network.apply(new ConstantFolding());
        assertThat(ops(folded)).containsExactly("Add");
        assertSameOutputs(network, folded, 0);
    }

    @Test
    void transposesOfAnyRankAreFolded() {
        Network network = Network.builder("t")
                .input("x", "batch", 4, 2, 3)
                .weight("w", Networks.random(1, 1, 2, 3, 4))
                .node(Node.of("Transpose", "t", List.of("w"), "wt").with("perm", Attribute.ofInts(2, 0, 1)))
                .node("Mul", List.of("x", "wt"), "y")
                .output("y", "batch", 4, 2, 3)
                .build();
        Network folded = network.apply(new ConstantFolding());
        assertThat(ops(folded)).containsExactly("Mul");
        assertSameOutputs(network, folded, 0);
    }

    @Test
    void allOfItAtOnce() {
        Network network = Networks.cnn().toBuilder()
                .node("Identity", List.of("flat"), "spare")
                .build();
        Network folded = network.apply(new AllFolding());
        AllFolding.Folded told = new AllFolding().fold(network);
        assertThat(told.network().nodes()).isEqualTo(folded.nodes());
        assertThat(told.removed()).isEqualTo(Map.of("BatchNormFolding", 1, "IdentityFolding", 1));
        assertThat(new AllFolding().fold(folded).removed()).isEmpty();
        assertThat(folded.nodes()).hasSize(8);
        assertThat(folded.provenance()).hasSize(1);
        assertSameOutputs(network, folded, 1e-5);
    }

    @Test
    void whatReachesNoOutputIsRemoved() {
        Network network = Networks.mlp(4, 3, 2).toBuilder()
                .weight("spare", Networks.random(1, 4, 4, 4))
                .node("MatMul", List.of("x", "spare"), "unused")
                .node("Relu", List.of("unused"), "unused2")
                .build();
        Network alive = network.apply(new DeadNodeElimination());
        assertThat(ops(alive)).containsExactly("Gemm", "Relu", "Gemm");
        assertThat(alive.weights()).doesNotContainKey("spare");
        assertSameOutputs(network, alive, 0);
        assertThat(alive.provenance().get(0)).hasToString("DeadNodeElimination()");
    }

    @Test
    void aTransposedWeightThatOthersTakeAsItIsStaysShared() {
        Network network = Network.builder("tied")
                .input("x", "batch", 60)
                .weight("w", Networks.random(1, 60, 40, 60))
                .weight("alone", Networks.random(2, 60, 40, 60))
                .node(Node.of("Transpose", "t", List.of("w"), "wt"))
                .node("MatMul", List.of("x", "wt"), "h")
                .node("MatMul", List.of("h", "w"), "g")
                .node(Node.of("Transpose", "u", List.of("alone"), "at"))
                .node("MatMul", List.of("g", "at"), "y")
                .output("y", "batch", 40)
                .build();
        for (Network folded : List.of(network.apply(new ConstantFolding()), network.apply(new AllFolding()))) {
            assertThat(ops(folded)).containsExactly("Transpose", "MatMul", "MatMul", "MatMul");
            assertThat(folded.weights()).containsOnlyKeys("w", "at");
            assertSameOutputs(network, folded, 1e-6);
        }
    }
}
