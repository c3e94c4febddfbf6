package pomona.simplify;

import static org.assertj.core.api.Assertions.assertThat;
import static pomona.Equality.assertSameOutputs;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
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

/** What can be simplified inside of If, Loop and Scan is; ONNX Runtime gives the same outputs. */
class SubgraphsTest {

    private static Attribute graph(
            List<Value> inputs, List<Value> outputs, Map<String, Tensor> weights, Node... nodes) {
        return new Attribute.Subgraph(
                new Graph("body", inputs, outputs, Arrays.asList(nodes), weights, List.of(), Opaque.NONE));
    }

    private static Value row(String name) {
        return Value.of(name, ElementType.FLOAT, "batch", 4);
    }

    private static Node node(String op, String output, String... inputs) {
        return Node.of(op, "", List.of(inputs), output);
    }

    private static Node constant(String output, Tensor value) {
        return node("Constant", output).with("value", Attribute.of(value));
    }

    private static List<String> ops(Network network, String op, String attribute) {
        Node node = network.nodes().stream().filter(n -> n.is(op)).findFirst().orElseThrow();
        return body(node, attribute).nodes().stream().map(Node::op).toList();
    }

    private static Graph body(Node node, String attribute) {
        return ((Attribute.Subgraph) node.attributes().get(attribute)).value();
    }

    private static Network simplified(Network network) {
        Network simple = new AllFolding().transform(network);
        assertThat(new AllFolding().transform(simple)).isEqualTo(simple);
        assertSameOutputs(network, simple, 1e-5);
        return simple;
    }

    /** Adds 2 * 0.25 in each of three rounds, in a roundabout way. */
    private static NetworkBuilder loop() {
        Value round = Value.of("round", ElementType.INT64);
        Value going = Value.of("going", ElementType.BOOL);
        return Network.builder("loop")
                .opset("", 17)
                .input(row("x"))
                .weight("rounds", Tensor.scalar(3L))
                .weight("start", Tensor.ofBytes(ElementType.BOOL, new byte[] {1}))
                .weight("outer", Tensor.scalar(2f))
                .node(Node.of("Loop", "loop", List.of("rounds", "start", "x"), "y")
                        .with(
                                "body",
                                graph(
                                        List.of(round, going, row("state")),
                                        List.of(Value.of("goes", ElementType.BOOL), row("next")),
                                        Map.of("quarter", Tensor.scalar(0.25f)),
                                        constant("no", Tensor.ofBytes(ElementType.BOOL, new byte[1])),
                                        node("Not", "goes", "no"),
                                        node("Mul", "half", "outer", "quarter"),
                                        node("Neg", "unused", "state"),
                                        node("Identity", "same", "state"),
                                        node("Add", "a", "same", "half"),
                                        node("Add", "b", "state", "half"),
                                        node("Max", "max", "a", "b"),
                                        node("Dropout", "dropped", "max"),
                                        node("Identity", "next", "dropped"))))
                .output(row("y"));
    }

    @Test
    void simplifiesTheBodyOfALoop() {
        Network network = loop().build();
        Network simple = simplified(network);
        assertThat(ops(simple, "Loop", "body")).containsExactlyInAnyOrder("Constant", "Add", "Max");
        // The weight that only the body took is folded into it.
        assertThat(simple.weights()).doesNotContainKey("outer");
        assertThat(body(simple.nodes().get(0), "body").weights().get("half").toFloatArray())
                .containsExactly(0.5f);
    }

    @Test
    void whatSeveralBranchesMakeOfAWeightIsStoredOnceAroundThem() {
        Tensor own = Networks.random(4, 32, 32, 32);
        Network network = Network.builder("alike")
                .input(Value.of("x", ElementType.FLOAT, "batch", 32))
                .weight("zero", Tensor.scalar(0f))
                .weight("w", Networks.random(3, 32, 32, 32))
                .node(node("ReduceSum", "sum", "x").with("keepdims", Attribute.of(0)))
                .node(node("Greater", "yes", "sum", "zero"))
                .node(node("If", "y", "yes")
                        .with("then_branch", branch("then", own, node("MatMul", "then.y", "then.b", "then.own")))
                        .with(
                                "else_branch",
                                branch(
                                        "else",
                                        own,
                                        node("If", "else.y", "yes")
                                                .with("then_branch", inner("a", "else.own", "else.b"))
                                                .with("else_branch", inner("b", "else.own", "else.b")))))
                .output(Value.of("y", ElementType.FLOAT, "batch", 32))
                .build();
        Network folded = network.apply(new ConstantFolding());
        assertSameOutputs(network, folded, 1e-5);
        assertThat(folded.weights().values().stream().filter(weight -> weight.size() == 1024))
                .hasSize(2);
        assertThat(Onnx.size(folded)).isLessThan(2 * 4096 + 1000);
        Network again = new ConstantFolding().transform(folded);
        assertThat(again.weights()).isEqualTo(folded.weights());
    }

    /** The product with a weight of outside turned about, from which the nodes go on to the output. */
    private static Attribute branch(String name, Tensor own, Node last) {
        return graph(
                List.of(),
                List.of(new Value(name + ".y", ElementType.FLOAT, null, Opaque.NONE)),
                Map.of(name + ".own", own),
                node("Transpose", name + ".w", "w").with("perm", Attribute.ofInts(1, 0)),
                node("MatMul", name + ".b", "x", name + ".w"),
                last);
    }

    private static Attribute inner(String name, String weight, String input) {
        return graph(
                List.of(),
                List.of(new Value(name + ".y", ElementType.FLOAT, null, Opaque.NONE)),
                Map.of(),
                node("MatMul", name + ".y", input, weight));
    }

    @Test
    void eachPassDoesItsPart() {
        Network network = loop().build();
        assertThat(ops(network.apply(new DeadNodeElimination()), "Loop", "body"))
                .doesNotContain("Neg");
        assertThat(ops(network.apply(new ConstantFolding()), "Loop", "body")).doesNotContain("Mul");
        assertThat(ops(network.apply(new IdentityFolding()), "Loop", "body")).doesNotContain("Dropout");
        Network tidy = network.apply(new IdentityFolding());
        assertThat(ops(tidy.apply(new CommonSubexpressionFolding()), "Loop", "body"))
                .containsOnlyOnce("Add");
    }

    @Test
    void simplifiesBothBranchesAndWhatIsInThem() {
        Attribute inner = graph(
                List.of(),
                List.of(row("deep")),
                Map.of(),
                node("Mul", "one", "outer", "half"),
                node("Mul", "scaled", "x", "one"),
                node("Identity", "deep", "scaled"));
        Network network = Network.builder("branches")
                .opset("", 17)
                .input(row("x"))
                .weight("outer", Tensor.scalar(2f))
                .weight("half", Tensor.scalar(0.5f))
                .weight("zero", Tensor.scalar(0f))
                .node(node("ReduceSum", "sum", "x").with("keepdims", Attribute.of(0)))
                .node(node("Greater", "positive", "sum", "zero"))
                .node(node("Not", "negative", "positive"))
                .node(Node.of("If", "if", List.of("positive"), "y")
                        .with(
                                "then_branch",
                                graph(
                                        List.of(),
                                        List.of(row("then")),
                                        Map.of(),
                                        node("If", "chosen", "negative")
                                                .with("then_branch", inner)
                                                .with("else_branch", inner),
                                        node("Add", "then", "chosen", "zero")))
                        .with(
                                "else_branch",
                                graph(
                                        List.of(),
                                        List.of(row("else")),
                                        Map.of(),
                                        node("Sigmoid", "s1", "x"),
                                        node("Sigmoid", "s2", "x"),
                                        node("Sub", "d", "s1", "s2"),
                                        node("Mul", "twice", "d", "outer"),
                                        node("Add", "else", "twice", "s2"))))
                .output(row("y"))
                .build();
        Network simple = simplified(network);
        assertThat(ops(simple, "If", "then_branch")).containsExactly("If");
        assertThat(ops(simple, "If", "else_branch")).containsExactly("Sigmoid", "Sub", "Mul", "Add");
        Node nested = body(simple.nodes().get(3), "then_branch").nodes().get(0);
        // 2 * 0.5 is 1, which the multiplication can do without; a branch has to make its output.
        assertThat(body(nested, "then_branch").nodes()).hasSize(1);
    }

    @Test
    void simplifiesTheBodyOfAScan() {
        Network network = Network.builder("scan")
                .opset("", 17)
                .input(Value.of("x", ElementType.FLOAT, 5, 4))
                .weight("sum", Tensor.ofFloats(new float[4], 4))
                .weight("one", Tensor.scalar(1f))
                .node(Node.of("Scan", "scan", List.of("sum", "x"), "last", "y")
                        .with("num_scan_inputs", Attribute.of(1))
                        .with(
                                "body",
                                graph(
                                        List.of(
                                                Value.of("state", ElementType.FLOAT, 4),
                                                Value.of("element", ElementType.FLOAT, 4)),
                                        List.of(
                                                Value.of("next", ElementType.FLOAT, 4),
                                                Value.of("out", ElementType.FLOAT, 4)),
                                        Map.of("sizes", Tensor.ofLongs(new long[] {4}, 1)),
                                        node("Reshape", "shaped", "element", "sizes"),
                                        node("Mul", "same", "shaped", "one"),
                                        node("Add", "next", "state", "same"),
                                        node("Add", "again", "state", "element"),
                                        node("Tanh", "out", "again"))))
                .output("y", 5, 4)
                .build();
        assertThat(ops(simplified(network), "Scan", "body")).containsExactly("Add", "Tanh");
    }

    @Test
    void aLargeWeightStaysOutside() {
        Tensor large = pomona.Networks.random(1, 512, 1024, 512);
        Network network = Network.builder("large")
                .input("x", "batch", 1024)
                .weight("w", large)
                .weight("zero", Tensor.scalar(0f))
                .node(node("ReduceSum", "sum", "x").with("keepdims", Attribute.of(0)))
                .node(node("Greater", "positive", "sum", "zero"))
                .node(Node.of("If", "if", List.of("positive"), "y")
                        .with("then_branch", turned("a"))
                        .with("else_branch", turned("b")))
                .output("y", "batch", 512)
                .build();
        assertThat(new AllFolding().transform(network).weights()).containsKey("w");
    }

    private static Attribute turned(String name) {
        return graph(
                List.of(),
                List.of(Value.of(name, ElementType.FLOAT, "batch", 512)),
                Map.of(),
                node("Transpose", name + ".w", "w"),
                node("Transpose", name + ".v", name + ".w"),
                node("MatMul", name, "x", name + ".v"));
    }
}
