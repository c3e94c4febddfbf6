package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.Equality;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.structure.Topologies;

class ConstantChannelPruningTest {

    /** The network with whole output rows of a weight at zero. */
    private static Network withZeroRows(Network network, String weight, int... rows) {
        Tensor tensor = network.weight(weight);
        float[] values = tensor.toFloatArray();
        int row = (int) (tensor.size() / tensor.dim(0));
        for (int r : rows) {
            Arrays.fill(values, r * row, (r + 1) * row, 0);
        }
        return network.withWeights(Map.of(weight, Tensor.ofFloats(values, tensor.shape())));
    }

    /** The same with columns, which are the outputs of a MatMul. */
    private static Network withZeroColumns(Network network, String weight, int... columns) {
        Tensor tensor = network.weight(weight);
        float[] values = tensor.toFloatArray();
        int width = (int) tensor.dim(1);
        for (int column : columns) {
            for (int i = column; i < values.length; i += width) {
                values[i] = 0;
            }
        }
        return network.withWeights(Map.of(weight, Tensor.ofFloats(values, tensor.shape())));
    }

    private static Network pointwise(String... activations) {
        NetworkBuilder builder = Network.builder("pointwise").input("x", "batch", 3, 5, 5);
        Networks.batchNorm(builder, "bn", 6);
        builder.weight("c1.w", Networks.random(1, 3, 6, 3, 3, 3)).weight("c1.b", Networks.uniform(2, -1, 1, 6));
        builder.weight("c2.w", Networks.random(3, 6, 4, 6, 1, 1));
        builder.node(Networks.conv("c1", "x", "c1.w", "c1.b"))
                .node("BatchNormalization", List.of("c1.out", "bn.scale", "bn.shift", "bn.mean", "bn.variance"), "n");
        String value = "n";
        for (String activation : activations) {
            builder.node(activation, List.of(value), value + "." + activation);
            value += "." + activation;
        }
        return builder.node("Conv", List.of(value, "c2.w"), "y")
                .output("y", "batch", 4, 5, 5)
                .build();
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(
            strings = {
                "Relu",
                "LeakyRelu",
                "Elu",
                "Sigmoid",
                "HardSigmoid",
                "HardSwish",
                "Tanh",
                "Softplus",
                "Softsign",
                "Abs",
                "Neg"
            })
    void aBiasIsFollowedThroughNormalizationAndActivation(String activation) {
        Network zeros = withZeroRows(pointwise(activation), "c1.w", 1, 4);
        Network pruned = zeros.apply(new ConstantChannelPruning());
        assertThat(pruned.weight("c1.w").dim(0)).isEqualTo(4);
        assertThat(pruned.weight("c2.w").shape()).containsExactly(4, 4, 1, 1);
        assertThat(pruned.weight("c2.w.bias").shape()).containsExactly(4);
        Equality.assertSameOutputs(zeros, pruned, 1e-5);
    }

    @Test
    void aScaleOfZeroLeavesTheShift() {
        Network network = pointwise("Relu");
        float[] scale = network.weight("bn.scale").toFloatArray();
        scale[0] = scale[2] = 0;
        Network zeros = network.withWeights(Map.of("bn.scale", Tensor.ofFloats(scale, 6)));
        Network pruned = zeros.apply(new ConstantChannelPruning());
        assertThat(pruned.weight("c1.w").dim(0)).isEqualTo(4);
        Equality.assertSameOutputs(zeros, pruned, 1e-5);
    }

    @Test
    void whatMeetsPaddingStaysUnlessItIsZero() {
        Network padded = withZeroRows(Topologies.chain(), "c1.w", 0, 1);
        float[] shift = padded.weight("bn1.shift").toFloatArray();
        float[] bias = padded.weight("c1.b").toFloatArray();
        float[] mean = padded.weight("bn1.mean").toFloatArray();
        bias[0] = mean[0];
        bias[1] = mean[1];
        shift[0] = 0.5f;
        shift[1] = -0.5f;
        Network network =
                padded.withWeights(Map.of("c1.b", Tensor.ofFloats(bias, 8), "bn1.shift", Tensor.ofFloats(shift, 8)));
        // The second channel is -0.5 before the Relu and 0 after it; the first is 0.5, and less at the border.
        Network pruned = network.apply(new ConstantChannelPruning());
        assertThat(pruned.weight("c1.w").dim(0)).isEqualTo(7);
        assertThat(pruned.weight("c1.b").toFloatArray()[0]).isEqualTo(bias[0]);
        Equality.assertSameOutputs(network, pruned, 1e-5);
    }

    @Test
    void whatNothingReadsGoes() {
        Network network = Networks.mlp(6, 8, 4);
        float[] second = network.weight("fc2.weight").toFloatArray();
        for (int o = 0; o < 4; o++) {
            second[o * 8 + 3] = 0;
        }
        Network unread = network.withWeights(Map.of("fc2.weight", Tensor.ofFloats(second, 4, 8)));
        Network pruned = unread.apply(new ConstantChannelPruning());
        assertThat(pruned.weight("fc1.weight").shape()).containsExactly(7, 6);
        Equality.assertSameOutputs(unread, pruned, 1e-5);
    }

    @Test
    void aProductWithoutABiasGetsOne() {
        Network network = Networks.matMulAdd();
        float[] first = network.weight("a.weight").toFloatArray();
        float[] bias = network.weight("a.bias").toFloatArray();
        for (int i = 0; i < 8; i++) {
            first[i * 6 + 2] = 0;
        }
        bias[2] = 0.7f;
        Network zeros = network.withWeights(
                Map.of("a.weight", Tensor.ofFloats(first, 8, 6), "a.bias", Tensor.ofFloats(bias, 6)));
        Network pruned = zeros.apply(new ConstantChannelPruning());
        assertThat(pruned.weight("a.weight").shape()).containsExactly(8, 5);
        assertThat(pruned.nodes()).last().satisfies(node -> assertThat(node.op())
                .isEqualTo("Add"));
        Equality.assertSameOutputs(zeros, pruned, 1e-5);
    }

    @Test
    void aResidualChannelStaysWhenOneOfItsMakersVaries() {
        Network network = withZeroRows(Topologies.residual(), "stem.w", 2);
        assertThat(network.apply(new ConstantChannelPruning()).weight("stem.w").dim(0))
                .isEqualTo(8);
        Network both = withZeroRows(network, "c2.w", 2);
        Network pruned = both.apply(new ConstantChannelPruning());
        Equality.assertSameOutputs(both, pruned, 1e-5);
    }

    static List<Network> topologies() {
        return List.of(
                withZeroRows(Topologies.chain(), "c2.w", 0, 5, 7),
                withZeroRows(Topologies.denseConcat(), "c2.w", 1, 2),
                withZeroRows(Topologies.flatten(), "c1.w", 4, 0),
                withZeroRows(Topologies.depthwise(), "dw.w", 2, 3, 4, 9),
                withZeroRows(Topologies.grouped(), "c2.w", 1, 7, 3),
                withZeroRows(Topologies.squeezeExcite(), "reduce.w", 1),
                withZeroRows(Topologies.unet(), "down3.w", 1, 2),
                withZeroRows(Topologies.splits(), "c1.w", 3, 6, 7),
                withZeroRows(Topologies.recurrent("LSTM", 4), "first.w", 0),
                withZeroColumns(Topologies.sharedWeights(), "m", 3, 8),
                withZeroColumns(Topologies.sharedWeights(), "w", 2),
                withZeroColumns(Topologies.attention(), "up.w", 1, 19),
                withZeroColumns(Topologies.attention(), "value.w", 0, 5),
                withZeroColumns(Topologies.attention(), "query.w", 3, 4, 5),
                withZeroColumns(Topologies.fusedAttention(), "qkv.w", 24, 30));
    }

    @Test
    void outputsAreTheSameToTheLastBit() {
        // Whole numbers this small are added without rounding, in any order.
        Network network = inWholeNumbers(withZeroRows(Topologies.flatten(), "c1.w", 4, 0).toBuilder());
        Network pruned = network.apply(new ConstantChannelPruning());
        assertThat(pruned.weight("fc1.w").dim(0) * pruned.weight("fc1.w").dim(1))
                .isEqualTo(12 * 108);
        Tensor input = Networks.random(9, 1, 3, 2, 6, 6);
        Map<String, Tensor> feeds = Map.of("x", wholeNumbers(input));
        assertThat(Equality.run(pruned, feeds)).containsExactly(Equality.run(network, feeds));
    }

    private static Network inWholeNumbers(NetworkBuilder builder) {
        Network network = builder.build();
        Map<String, Tensor> whole = new LinkedHashMap<>();
        network.weights().forEach((name, tensor) -> {
            if (tensor.type() == ElementType.FLOAT) {
                whole.put(name, wholeNumbers(tensor));
            }
        });
        List<Node> nodes = network.nodes().stream()
                .map(node -> node.is("Tanh") ? Node.of("Relu", node.name(), node.inputs(), node.output()) : node)
                .toList();
        return network.withWeights(whole).toBuilder().nodes(nodes).build();
    }

    /** From -3 to 3, and zero where it was zero. */
    private static Tensor wholeNumbers(Tensor tensor) {
        float[] values = tensor.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] == 0 ? 0 : (i * 5 + 2) % 7 - 3;
        }
        return Tensor.ofFloats(values, tensor.shape());
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void outputsStayAsTheyAre(Network network) {
        Equality.assertSameOutputs(network, network.apply(new ConstantChannelPruning()), 1e-5);
    }

    @Test
    void aNetworkWithoutConstantChannelsStaysAsItIs() {
        Network network = Topologies.residual();
        assertThat(new ConstantChannelPruning().transform(network)).isSameAs(network);
    }

    @Test
    void smallestFiltersGoExactlyWhenTheyWereSetToZeroBefore() {
        Network network = Topologies.digits();
        Node fc = network.nodes().get(network.nodes().size() - 1);
        assertThat(fc.attributes()).containsEntry("transB", Attribute.of(1));
        Network zeros = withZeroRows(network, "c3.w", 1, 3, 5, 7);
        Network pruned = zeros.apply(new ConstantChannelPruning());
        assertThat(pruned.weight("fc.w").shape()).containsExactly(10, 12);
        Equality.assertSameOutputs(zeros, pruned, 1e-5);
    }
}
