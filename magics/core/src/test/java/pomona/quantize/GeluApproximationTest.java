package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.Equality;
import pomona.RealModels;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

class GeluApproximationTest {

    /** Where the approximation is off most, at about 2.27, it is off by 0.00047 (computed in 64 bits). */
    private static final float OFF_MOST = 4.8e-4f;

    @TempDir
    Path folder;

    private static NetworkBuilder begin() {
        return Network.builder("gelu")
                .input("in", "batch", 1601)
                .node("Neg", List.of("in"), "x")
                .weight("root2", Tensor.scalar((float) Math.sqrt(2)))
                .weight("root half", Tensor.ofFloats(new float[] {(float) Math.sqrt(0.5)}, 1))
                .weight("one", Tensor.scalar(1f))
                .weight("half", Tensor.scalar(0.5f))
                .weight("two", Tensor.scalar(2f))
                .output("y", "batch", 1601);
    }

    /** A GELU whose argument of erf, sum and product are written in ways that exporters know. */
    private static Network written(boolean divide, boolean oneFirst, Node... product) {
        NetworkBuilder builder = begin().node(
                        divide
                                ? Node.of("Div", "argument", List.of("x", "root2"), "a")
                                : Node.of("Mul", "argument", List.of("root half", "x"), "a"))
                .node("Erf", List.of("a"), "e")
                .node("Add", oneFirst ? List.of("one", "e") : List.of("e", "one"), "s");
        for (Node node : product) {
            builder.node(node);
        }
        return builder.node("Neg", List.of("g"), "y").build();
    }

    static Stream<Network> forms() {
        return Stream.of(
                written(
                        true,
                        false,
                        Node.of("Mul", "p", List.of("x", "s"), "p"),
                        Node.of("Mul", "l", List.of("p", "half"), "g")),
                written(
                        true,
                        true,
                        Node.of("Mul", "p", List.of("s", "x"), "p"),
                        Node.of("Div", "l", List.of("p", "two"), "g")),
                written(
                        false,
                        false,
                        Node.of("Mul", "h", List.of("x", "half"), "h"),
                        Node.of("Mul", "l", List.of("h", "s"), "g")),
                written(
                        false,
                        true,
                        Node.of("Mul", "h", List.of("s", "half"), "h"),
                        Node.of("Mul", "l", List.of("x", "h"), "g")));
    }

    /** Values from -8 to 8 in steps of a hundredth. */
    private static Map<String, Tensor> grid(String name) {
        float[] values = new float[1601];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i - 800) / 100f;
        }
        Tensor grid = Tensor.ofFloats(values, 1, values.length);
        return Map.of(name, grid);
    }

    /** That it differs, and by no more than it may. */
    private static void assertApproximated(Network exact, Network approximated, Map<String, Tensor> feeds) {
        float[] wanted = Equality.run(exact, feeds);
        float[] got = Equality.run(approximated, feeds);
        double most = 0;
        for (int i = 0; i < wanted.length; i++) {
            most = Math.max(most, Math.abs(wanted[i] - got[i]));
        }
        assertThat(most).isBetween(4e-4, (double) OFF_MOST);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyFormBecomesOneOperatorOfTheRuntime(Network exact) throws Exception {
        Network fast = exact.apply(new GeluApproximation());
        assertApproximated(exact, fast, grid("in"));
        assertThat(fast.nodes()).extracting(Node::op).doesNotContain("Erf").hasSize(10);
        assertThat(OperatorsAsRun.of(fast, folder)).containsExactly("Neg", "FastGelu", "Neg");
        assertThat(fast.provenance()).hasToString("[GeluApproximation()]");
        boolean divides = exact.nodes().get(1).is("Div");
        assertThat(fast.weights()).doesNotContainKey(divides ? "root2" : "root half");
        assertThat(fast.weights()).containsKey(divides ? "root half" : "root2");
    }

    @Test
    void operatorsOfTheirOwnAreToldToApproximate() {
        Network standard = Network.builder("standard")
                .opset("", 20)
                .input("x", "batch", 1601)
                .node("Gelu", List.of("x"), "y")
                .output("y", "batch", 1601)
                .build();
        assertApproximated(standard, standard.apply(new GeluApproximation()), grid("x"));
        NetworkBuilder runtime = Network.builder("runtime")
                .opset("com.microsoft", 1)
                .input("x", "batch", 1601)
                .output("y", "batch", 1601);
        Network own = runtime.node(Node.of("Gelu", "g", List.of("x"), "y").inDomain("com.microsoft"))
                .build();
        assertApproximated(own, own.apply(new GeluApproximation()), grid("x"));
        float[] bias = new float[1601];
        java.util.Arrays.fill(bias, 0.25f);
        Network biased = own.toBuilder()
                .nodes(List.of(Node.of("BiasGelu", "g", List.of("x", "b"), "y").inDomain("com.microsoft")))
                .weight("b", Tensor.ofFloats(bias, 1601))
                .build();
        assertApproximated(biased, biased.apply(new GeluApproximation()), grid("x"));
    }

    @Test
    void insideBranchesToo() {
        Value y = Value.of("end", ElementType.FLOAT, "batch", 1601);
        Graph gelu = BranchNetworks.graph(
                "then",
                List.of(),
                List.of(y),
                Map.of("half inside", Tensor.scalar(0.5f)),
                Node.of("Div", "argument", List.of("x", "root2"), "a"),
                Node.of("Erf", "erf", List.of("a"), "e"),
                Node.of("Add", "sum", List.of("e", "one"), "s"),
                Node.of("Mul", "product", List.of("x", "s"), "p"),
                Node.of("Mul", "last", List.of("p", "half inside"), "end"));
        Graph same = BranchNetworks.graph(
                "else", List.of(), List.of(y), Map.of(), Node.of("Identity", "i", List.of("x"), "end"));
        Network exact = begin().input(Value.of("way", ElementType.INT64, "one way"))
                .node(Node.of("Cast", "cast", List.of("way"), "yes").with("to", Attribute.of(9)))
                .node(Node.of("If", "if", List.of("yes"), "y")
                        .with("then_branch", new Attribute.Subgraph(gelu))
                        .with("else_branch", new Attribute.Subgraph(same)))
                .build();
        Map<String, Tensor> feeds = Map.of("in", grid("in").get("in"), "way", Tensor.ofLongs(new long[] {1}, 1));
        assertApproximated(exact, exact.apply(new GeluApproximation()), feeds);
    }

    @Test
    void whatOthersTakeStays() {
        Network exact = begin().node("Div", List.of("x", "root2"), "a")
                .node("Erf", List.of("a"), "e")
                .node("Add", List.of("e", "one"), "s")
                .node("Mul", List.of("x", "s"), "p")
                .node("Mul", List.of("p", "half"), "g")
                .node("Add", List.of("g", "a"), "y")
                .build();
        assertApproximated(exact, exact.apply(new GeluApproximation()), grid("in"));
    }

    @Test
    void whatIsNoGeluIsRefused() {
        Network shown = begin().node("Div", List.of("x", "root2"), "a")
                .node("Erf", List.of("a"), "e")
                .node("Add", List.of("e", "one"), "s")
                .node("Mul", List.of("x", "s"), "p")
                .node("Mul", List.of("p", "half"), "y")
                .output("s", "batch", 1601)
                .build();
        Network twice = written(
                true,
                false,
                Node.of("Mul", "p", List.of("x", "s"), "p"),
                Node.of("Mul", "l", List.of("p", "two"), "g"));
        Network approximated = forms().findFirst().orElseThrow().apply(new GeluApproximation());
        // ONNX Runtime 1.23 takes the half that its fused operator has within from those who take it too.
        Network halved = begin().node("Div", List.of("x", "root2"), "a")
                .node("Erf", List.of("a"), "e")
                .node("Add", List.of("e", "one"), "s")
                .node("Mul", List.of("x", "half"), "h")
                .node("Mul", List.of("h", "s"), "g")
                .node("Add", List.of("g", "h"), "y")
                .build();
        for (Network network : List.of(shown, twice, approximated, halved)) {
            assertThatThrownBy(() -> network.apply(new GeluApproximation()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Network gelu has no GELU to approximate; it would be x / 2 * (1 + erf(x / sqrt(2))) of"
                            + " 32-bit floats, or an operator Gelu or BiasGelu.");
        }
    }

    @Test
    void aSentenceEncoderStaysWhatItIs() throws Exception {
        Network encoder = RealModels.miniLm();
        Network fast = encoder.apply(new GeluApproximation());
        assertThat(OperatorsAsRun.of(fast, folder))
                .filteredOn(op -> op.contains("Gelu"))
                .containsOnly("FastGelu")
                .hasSize(6);
        Map<String, Tensor> tokens = RealModels.tokens(encoder, 4, 32);
        assertThat(Equality.relativeError(encoder, fast, tokens)).isCloseTo(0, within(5e-3));
    }
}
