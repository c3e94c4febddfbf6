package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** The gradient of a weight is what the output does when the weight is moved, for operators made of several steps. */
class GradientsTest {

    private static final float STEP = 5e-3f;

    static Stream<Network> networks() {
        Tensor kernel = Networks.uniform(1, -1, 1, 2, 3, 3, 2);
        Node pool = Node.of("AveragePool", "n", List.of("w"), "y")
                .with("kernel_shape", Attribute.ofInts(2, 2))
                .with("pads", Attribute.ofInts(1, 0, 0, 1));
        Node transposed = Node.of("ConvTranspose", "n", List.of("x", "w"), "y")
                .with("strides", Attribute.ofInts(2, 1))
                .with("pads", Attribute.ofInts(1, 0, 0, 1));
        Node padded = Node.of("Conv", "n", List.of("x", "w"), "y").with("pads", Attribute.ofInts(0, 1, 2, 0));
        return Stream.of(
                network(kernel, transposed, new long[] {1, 2, 4, 3}),
                network(kernel, padded, new long[] {1, 3, 4, 3}),
                network(Networks.uniform(1, -1, 1, 1, 2, 4, 3), pool, new long[] {1}),
                network(Networks.uniform(1, 0.1f, 1, 3, 1), Node.of("PRelu", "n", List.of("x", "w"), "y"), 2, 3, 4),
                network(Networks.uniform(1, 0.5f, 1, 4), Node.of("Div", "n", List.of("x", "w"), "y"), 2, 4),
                network(
                        Networks.uniform(1, -1, 1, 5),
                        Node.of("LayerNormalization", "n", List.of("w", "w"), "y"),
                        new long[] {1}),
                network(
                        Networks.uniform(1, -1, 1, 4, 5),
                        Node.of("Slice", "n", List.of("w", "from", "to", "axes", "steps"), "y"),
                        new long[] {1}),
                network(
                        Networks.uniform(1, -1, 1, 4, 5),
                        Node.of("Gather", "n", List.of("w", "axes"), "y"),
                        new long[] {1}),
                network(
                        Networks.uniform(1, -1, 1, 4, 5),
                        Node.of("ReduceL2", "n", List.of("w"), "y").with("axes", Attribute.ofInts(1)),
                        new long[] {1}));
    }

    @ParameterizedTest
    @MethodSource("networks")
    void isTheSlope(Network network) {
        float[] weights = network.weight("w").toFloatArray();
        float[] gradient = gradient(network);
        for (int i = 0; i < weights.length; i += 2) {
            float slope = (value(network, weights, i, STEP) - value(network, weights, i, -STEP)) / (2 * STEP);
            assertThat(gradient[i]).as("element %d", i).isCloseTo(slope, within(0.02f * Math.max(1, Math.abs(slope))));
        }
    }

    private static Network network(Tensor weight, Node node, long... input) {
        Object[] dims = Arrays.stream(input).boxed().toArray();
        NetworkBuilder builder = Network.builder(node.op()).input("x", dims).weight("w", weight);
        if (node.inputs().contains("axes")) {
            builder.weight("axes", Tensor.ofLongs(new long[] {0, 1}, 2))
                    .weight("from", Tensor.ofLongs(new long[] {-1, 1}, 2))
                    .weight("to", Tensor.ofLongs(new long[] {-9, 5}, 2))
                    .weight("steps", Tensor.ofLongs(new long[] {-2, 2}, 2));
        }
        return builder.node(node)
                .output(new Value("y", ElementType.FLOAT, null, Opaque.NONE))
                .build();
    }

    /** A weighted sum of the outputs, with one weight of the network moved. */
    private static float value(Network network, float[] weights, int index, float step) {
        float[] moved = weights.clone();
        moved[index] += step;
        Tensor tensor = Tensor.ofFloats(moved, network.weight("w").shape());
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NetworkBlock block = NetworkBlock.of(network.withWeights(Map.of("w", tensor)));
            return weightedSum(block, manager).getFloat();
        }
    }

    private static float[] gradient(Network network) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NetworkBlock block = NetworkBlock.of(network);
            block.initialize(manager);
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                collector.backward(weightedSum(block, manager));
            }
            return block.parameter("w").getArray().getGradient().toFloatArray();
        }
    }

    private static NDArray weightedSum(NetworkBlock block, NDManager manager) {
        long[] shape = block.network().signature().inputs().get(0).shape().stream()
                .mapToLong(d -> d.size())
                .toArray();
        NDArray x = Tensors.toArray(Networks.uniform(7, -1, 1, shape), manager);
        NDArray y = block.forward(new ParameterStore(manager, false), new NDList(x), false)
                .head();
        NDArray factors =
                Tensors.toArray(Networks.uniform(8, 0.5f, 1.5f, y.getShape().getShape()), manager);
        return y.mul(factors).sum();
    }
}
