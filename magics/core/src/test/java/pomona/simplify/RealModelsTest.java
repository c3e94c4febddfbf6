package pomona.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Networks;
import pomona.RealModels;
import pomona.djl.RuntimeSession;
import pomona.graph.Attribute;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Published networks give the same outputs after they are simplified. */
class RealModelsTest {

    @Test
    void miniLm() {
        Network network = RealModels.miniLm();
        Network simple = assertSimplified(network, RealModels.tokens(network, 3, 11));
        assertThat(ops(simple)).doesNotContain("Constant", "Identity", "Dropout");
        System.out.println("MiniLM: " + network.nodes().size() + " operators, simplified "
                + simple.nodes().size());
        assertThat(simple.nodes().size()).isLessThan(350);
        assertThat(simple.parameters()).isEqualTo(network.parameters());
    }

    /** With sizes fixed nothing is left of the arithmetic on shapes. */
    @Test
    void miniLmOfFixedSizes() {
        Network network = fixed(RealModels.miniLm(), 2, 16);
        Network simple = assertSimplified(network, RealModels.tokens(network, 2, 16));
        System.out.println("MiniLM of fixed sizes: " + simple.nodes().size() + " operators");
        assertThat(ops(simple))
                .doesNotContain("Shape", "Concat", "ConstantOfShape", "Expand", "Slice")
                .contains("MatMul", "Softmax", "Erf");
    }

    @ParameterizedTest
    @ValueSource(strings = {"squeezenet", "shufflenet", "densenet121", "resnet50"})
    void imageNetworks(String name) {
        Network network = RealModels.light(name);
        Network simple = assertSimplified(network, RealModels.feeds(network));
        System.out.println(name + ": " + network.nodes().size() + " operators, simplified "
                + simple.nodes().size());
        boolean followed = !name.equals("densenet121"); // whose normalizations come before the convolutions
        assertThat(ops(simple).contains("BatchNormalization")).isEqualTo(!followed);
    }

    @Test
    void lenet() {
        Network network = Networks.lenet300();
        assertThat(assertSimplified(network, RealModels.feeds(network))).isEqualTo(network);
    }

    @Test
    void aResidualNetworkOfDepthwiseConvolutions() {
        NetworkBuilder builder = Network.builder("residual").input("x", "batch", 8, 10, 10);
        String value = "x";
        for (int i = 0; i < 3; i++) {
            String name = "block" + i;
            builder.weight(name + ".depthwise", Networks.random(i, 9, 8, 1, 3, 3))
                    .weight(name + ".pointwise", Networks.random(i + 9, 8, 8, 8, 1, 1));
            Networks.batchNorm(builder, name + ".bn1", 8);
            Networks.batchNorm(builder, name + ".bn2", 8);
            builder.node(Networks.conv(name + ".d", value, name + ".depthwise").with("group", Attribute.of(8)))
                    .node(norm(name + ".bn1", name + ".d.out"))
                    .node("Relu", List.of(name + ".bn1.out"), name + ".relu")
                    .node("Conv", List.of(name + ".relu", name + ".pointwise"), name + ".p")
                    .node(norm(name + ".bn2", name + ".p"))
                    .node("Add", List.of(name + ".bn2.out", value), name + ".sum");
            value = name + ".sum";
        }
        Network network = builder.output(value, "batch", 8, 10, 10).build();
        Network simple = assertSimplified(network, RealModels.feeds(network));
        assertThat(ops(simple)).hasSize(12).doesNotContain("BatchNormalization");
    }

    private static Node norm(String name, String input) {
        return Node.of(
                "BatchNormalization",
                name,
                List.of(input, name + ".scale", name + ".shift", name + ".mean", name + ".variance"),
                name + ".out");
    }

    private static Network assertSimplified(Network network, Map<String, Tensor> feeds) {
        Network simple = new AllFolding().transform(network);
        assertThat(new AllFolding().transform(simple).nodes()).isEqualTo(simple.nodes());
        Map<String, Tensor> expected = run(network, feeds);
        Map<String, Tensor> actual = run(simple, feeds);
        expected.forEach((name, tensor) -> {
            float[] wanted = tensor.toFloatArray();
            float largest = 0;
            for (float value : wanted) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertThat(largest).isPositive();
            assertThat(actual.get(name).toFloatArray())
                    .usingComparatorWithPrecision(1e-5f * largest)
                    .containsExactly(wanted);
        });
        return simple;
    }

    private static Map<String, Tensor> run(Network network, Map<String, Tensor> feeds) {
        try (RuntimeSession session = RuntimeSession.open(network)) {
            return session.run(feeds);
        }
    }

    private static List<String> ops(Network network) {
        return network.nodes().stream().map(Node::op).toList();
    }

    private static Network fixed(Network network, long batch, long sequence) {
        Function<Dimension, Dimension> fix =
                dim -> dim.isFixed() ? dim : Dimension.of(dim.symbol().startsWith("batch") ? batch : sequence);
        List<Value> inputs = network.signature().inputs().stream()
                .map(input -> new Value(
                        input.name(),
                        input.type(),
                        input.shape().stream().map(fix).toList(),
                        input.opaque()))
                .toList();
        return network.toBuilder().inputs(inputs).build();
    }
}
