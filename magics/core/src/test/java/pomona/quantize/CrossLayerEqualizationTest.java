package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pomona.Equality.relativeError;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Equality;
import pomona.Networks;
import pomona.RealModels;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

class CrossLayerEqualizationTest {

    /** Convolution, depthwise convolution, pointwise convolution, PRelu, pooling, flattening, two linear layers. */
    private static Network separable() {
        NetworkBuilder builder = Network.builder("separable").input("x", "batch", 2, 6, 6);
        builder.weight("w1", uneven(1, 18, 4, 2, 3, 3)).weight("b1", Networks.uniform(2, -1, 1, 4));
        builder.weight("dw", uneven(3, 9, 4, 1, 3, 3)).weight("db", Networks.uniform(4, -1, 1, 4));
        builder.weight("pw", uneven(5, 4, 6, 4, 1, 1));
        builder.weight("slope", Networks.uniform(6, 0, 1, 6, 1, 1));
        builder.weight("f1", uneven(7, 54, 54, 5)).weight("f1b", Networks.uniform(8, -1, 1, 5));
        builder.weight("f2", uneven(9, 5, 3, 5));
        return builder.node(Networks.conv("c1", "x", "w1", "b1"))
                .node("Relu", List.of("c1.out"), "r1")
                .node(Networks.conv("c2", "r1", "dw", "db").with("group", Attribute.of(4)))
                .node("LeakyRelu", List.of("c2.out"), "r2")
                .node(Node.of("Conv", "c3", List.of("r2", "pw"), "c3.out"))
                .node("PRelu", List.of("c3.out", "slope"), "r3")
                .node(Node.of("MaxPool", "pool", List.of("r3"), "p")
                        .with("kernel_shape", Attribute.ofInts(2, 2))
                        .with("strides", Attribute.ofInts(2, 2)))
                .node("Flatten", List.of("p"), "flat")
                .node("MatMul", List.of("flat", "f1"), "m1")
                .node("Add", List.of("m1", "f1b"), "a1")
                .node("Relu", List.of("a1"), "r4")
                .node(Node.of("Gemm", "g2", List.of("r4", "f2"), "y").with("transB", Attribute.of(1)))
                .output("y", "batch", 3)
                .build();
    }

    /** A weight whose channels differ by factors of a hundred, along the first two dimensions. */
    private static Tensor uneven(long seed, int fanIn, long... shape) {
        float[] values = Networks.random(seed, fanIn, shape).toFloatArray();
        Random random = new Random(seed);
        int each = (int) (values.length / shape[0]);
        float factor = 1;
        for (int i = 0; i < values.length; i++) {
            factor = i % each == 0 ? (float) Math.pow(10, random.nextGaussian()) : factor;
            values[i] *= factor;
        }
        return Tensor.ofFloats(values, shape);
    }

    @Test
    void outputsStayAndRangesMeet() {
        Network network = separable();
        Network equal = network.apply(new CrossLayerEqualization());
        assertThat(relativeError(network, equal, Equality.feeds(network))).isLessThan(1e-5);
        assertThat(equal.provenance()).hasToString("[CrossLayerEqualization(layers=*)]");
        List<List<String>> pairs = List.of(
                List.of("c1.out", "c2.out"), List.of("c2.out", "c3.out"), List.of("c3.out", "m1"), List.of("m1", "y"));
        for (List<String> pair : pairs) {
            Node first = equal.graph().producers().get(pair.get(0));
            Node second = equal.graph().producers().get(pair.get(1));
            float[] made = WeightAxes.of(equal, first)
                    .outputMaxima(equal.weight(first.input(1)).toFloatArray());
            float[] met = WeightAxes.of(equal, second)
                    .inputMaxima(equal.weight(second.input(1)).toFloatArray(), made.length);
            for (int c = 0; c < made.length; c++) {
                assertThat(made[c]).isCloseTo(met[c], org.assertj.core.data.Offset.offset(0.01f * met[c]));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"squeezenet", "shufflenet", "inception_v1"})
    void publishedNetworksGiveTheSame(String name) {
        Network network = RealModels.light(name);
        Network equal = network.apply(new CrossLayerEqualization());
        assertThat(equal.weights()).isNotEqualTo(network.weights());
        assertThat(relativeError(network, equal, RealModels.feeds(network))).isLessThan(1e-5);
    }

    @Test
    void oneScaleForALayerThenSuffices() {
        Network network = separable();
        Network equal = network.apply(new CrossLayerEqualization());
        WeightOnlyQuantization coarse = new WeightOnlyQuantization(false, "*");
        Map<String, Tensor> feeds = Equality.feeds(network);
        double before = relativeError(network, network.apply(coarse), feeds);
        double after = relativeError(network, equal.apply(coarse), feeds);
        assertThat(after).isLessThan(before / 2);
    }

    @Test
    void whatIsAddedElsewhereOrGivenOutIsLeft() {
        Network network = Network.builder("residual")
                .input("x", "batch", 4)
                .weight("w1", Networks.random(1, 4, 4, 4))
                .weight("w2", Networks.random(2, 4, 4, 4))
                .node("MatMul", List.of("x", "w1"), "a")
                .node("Relu", List.of("a"), "r")
                .node("MatMul", List.of("r", "w2"), "b")
                .node("Add", List.of("b", "r"), "y")
                .output("y", "batch", 4)
                .build();
        assertThatThrownBy(() -> network.apply(new CrossLayerEqualization()))
                .hasMessage(
                        "Network residual has no layers to equalize; it would be a Conv, Gemm or MatMul with"
                                + " constant weights that alone leads to another, with Relu, PRelu or pooling between at most.");
    }

    @Test
    void aSharedBiasIsScaledForItsLayerAlone() {
        Network network = Network.builder("shared")
                .input("x", "batch", 4)
                .weight("w1", Networks.random(1, 4, 4, 4))
                .weight("w2", uneven(2, 4, 4, 4))
                .weight("b", Networks.uniform(3, -1, 1, 4))
                .node("Gemm", List.of("x", "w1", "b"), "a")
                .node("Relu", List.of("a"), "r")
                .node("Gemm", List.of("r", "w2", "b"), "y")
                .output("y", "batch", 4)
                .build();
        Network equal = network.apply(new CrossLayerEqualization());
        assertThat(equal.weight("b")).isEqualTo(network.weight("b"));
        assertThat(relativeError(network, equal, Equality.feeds(network))).isLessThan(1e-5);
    }
}
