package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

/** Networks whose layers lie in If, Loop and Scan, and records that run them. */
final class BranchNetworks {

    private static final Value X = Value.of("x", ElementType.FLOAT, "batch", 2, 8, 8);

    private BranchNetworks() {}

    static Graph graph(
            String name, List<Value> inputs, List<Value> outputs, Map<String, Tensor> weights, Node... nodes) {
        return new Graph(name, inputs, outputs, Arrays.asList(nodes), weights, List.of(), Opaque.NONE);
    }

    static Value value(String name) {
        return new Value(name, ElementType.FLOAT, null, Opaque.NONE);
    }

    /**
     * Two branches whose values and weights have the same names: two convolutions in each, with a weight that both take from
     * outside, and a linear layer of a Constant operator in one.
     */
    static Network convolutions() {
        return Network.builder("branches")
                .inputs(List.of(X, Value.of("way", ElementType.INT64, "one")))
                .weight("shared", Networks.random(5, 18, 4, 4, 3, 3))
                .node(Node.of("Cast", "cast", List.of("way"), "yes").with("to", Attribute.of(9)))
                .node(Node.of("If", "if", List.of("yes"), "y")
                        .with("then_branch", new Attribute.Subgraph(branch("then", 1, true)))
                        .with("else_branch", new Attribute.Subgraph(branch("else", 2, false))))
                .output("y", "batch", 4, 8, 8)
                .build();
    }

    private static Graph branch(String name, long seed, boolean linear) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("w", Networks.random(seed, 18, 4, 2, 3, 3));
        weights.put("b", Networks.uniform(seed + 10, -1, 1, 4));
        List<Node> nodes = new ArrayList<>(List.of(
                Networks.conv("c1", "x", "w", "b"),
                Node.of("Relu", "r", List.of("c1.out"), "r.out"),
                Networks.conv("c2", "r.out", "shared").withOutputs(List.of(linear ? "c2.out" : "end"))));
        if (linear) {
            nodes.add(Node.of("Constant", "k", List.of(), "matrix")
                    .with("value", Attribute.of(Networks.random(9, 8, 8, 8))));
            nodes.add(Node.of("MatMul", "m", List.of("c2.out", "matrix"), "end"));
        }
        return graph(name, List.of(), List.of(value("end")), weights, nodes.toArray(Node[]::new));
    }

    /** Records for {@link #convolutions}: each goes its way, and what goes the first way is larger by a factor. */
    static RandomAccessDataset records(float factor, long... ways) {
        float[] values = Networks.uniform(5, -1, 1, ways.length, 2, 8, 8).toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] *= ways[i / 128] == 0 ? factor : 1;
        }
        return RandomRecords.of(
                RandomRecords.array(values, ways.length, 2, 8, 8), RandomRecords.array(ways, ways.length));
    }

    /** A linear layer in front of an If, which both branches take and one multiplies once more. */
    static Network outsideAndInside() {
        Graph then = graph(
                "then",
                List.of(),
                List.of(value("then.out")),
                Map.of("w2", Networks.random(2, 16, 16, 16)),
                Node.of("MatMul", "inside", List.of("r", "w2"), "then.out"));
        Graph otherwise = graph(
                "else",
                List.of(),
                List.of(value("else.out")),
                Map.of(),
                Node.of("Neg", "neg", List.of("r"), "else.out"));
        return Network.builder("both")
                .inputs(List.of(
                        Value.of("x", ElementType.FLOAT, "batch", 16), Value.of("way", ElementType.INT64, "one")))
                .weight("w", Networks.random(1, 16, 16, 16))
                .node(Node.of("Cast", "cast", List.of("way"), "yes").with("to", Attribute.of(9)))
                .weight("b", Networks.uniform(3, -1, 1, 16))
                .node(Node.of("Gemm", "outside", List.of("x", "w", "b"), "h"))
                .node("Relu", List.of("h"), "r")
                .node(Node.of("If", "if", List.of("yes"), "y")
                        .with("then_branch", new Attribute.Subgraph(then))
                        .with("else_branch", new Attribute.Subgraph(otherwise)))
                .output("y", "batch", 16)
                .build();
    }

    /** A convolution whose output is moved about in front of an If that takes it by its name. */
    static Network moved(Node move, Tensor... constants) {
        Graph then = graph(
                "then",
                List.of(),
                List.of(value("then.out")),
                Map.of(),
                Node.of("Relu", "positive", List.of("moved"), "then.out"));
        Graph otherwise = graph(
                "else",
                List.of(),
                List.of(value("else.out")),
                Map.of(),
                Node.of("Neg", "neg", List.of("moved"), "else.out"));
        NetworkBuilder builder = Network.builder("moved")
                .inputs(List.of(X, Value.of("way", ElementType.INT64, "one")))
                .weight("w", Networks.random(1, 18, 4, 2, 3, 3))
                .node(Networks.conv("c", "x", "w"))
                .node(move.withOutputs(List.of("moved")))
                .node(Node.of("Cast", "cast", List.of("way"), "yes").with("to", Attribute.of(9)))
                .node(Node.of("If", "if", List.of("yes"), "y")
                        .with("then_branch", new Attribute.Subgraph(then))
                        .with("else_branch", new Attribute.Subgraph(otherwise)))
                .output("y", "batch", 4, 8, 8);
        for (int i = 0; i < constants.length; i++) {
            builder.weight(move.input(i + 1), constants[i]);
        }
        return builder.build();
    }

    static Map<String, Tensor> feeds(long way) {
        return Map.of("x", Networks.uniform(6, -1, 1, 1, 2, 8, 8), "way", Tensor.ofLongs(new long[] {way}, 1));
    }

    /** A state that a linear layer changes in each round of a Loop; in odd rounds a branch applies a second one. */
    static Network loop() {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("w", Networks.uniform(1, -0.3f, 0.3f, 16, 16));
        weights.put("two", Tensor.scalar(2L));
        Graph then = graph(
                "odd",
                List.of(),
                List.of(value("odd.out")),
                Map.of("w2", Networks.random(2, 8, 16, 16)),
                Node.of("MatMul", "second", List.of("t", "w2"), "odd.out"));
        Graph otherwise = graph(
                "even",
                List.of(),
                List.of(value("even.out")),
                Map.of(),
                Node.of("Neg", "neg", List.of("t"), "even.out"));
        Graph body = graph(
                "body",
                List.of(
                        Value.of("round", ElementType.INT64),
                        Value.of("go", ElementType.BOOL),
                        Value.of("h", ElementType.FLOAT, "batch", 16)),
                List.of(Value.of("go.out", ElementType.BOOL), value("next"), value("kept")),
                weights,
                Node.of("Identity", "same", List.of("go"), "go.out"),
                Node.of("MatMul", "first", List.of("h", "w"), "p"),
                Node.of("Tanh", "tanh", List.of("p"), "t"),
                Node.of("Mod", "mod", List.of("round", "two"), "rest"),
                Node.of("Cast", "is", List.of("rest"), "odd?").with("to", Attribute.of(9)),
                Node.of("If", "if", List.of("odd?"), "next")
                        .with("then_branch", new Attribute.Subgraph(then))
                        .with("else_branch", new Attribute.Subgraph(otherwise)),
                Node.of("Identity", "keep", List.of("t"), "kept"));
        return Network.builder("loop")
                .input("x", "batch", 16)
                .weight("rounds", Tensor.scalar(5L))
                .node(Node.of("Loop", "loop", List.of("rounds", "", "x"), "y", "all")
                        .with("body", new Attribute.Subgraph(body)))
                .output("y", "batch", 16)
                .output("all", 5, "batch", 16)
                .build();
    }

    /** A linear layer in the body of a Scan over positions, and a second one in a branch inside it. */
    static Network scan() {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("w", Networks.random(1, 8, 16, 16));
        weights.put("yes", Tensor.ofBytes(ElementType.BOOL, new byte[] {1}));
        Graph then = graph(
                "then",
                List.of(),
                List.of(value("then.out")),
                Map.of("w2", Networks.random(2, 8, 16, 16)),
                Node.of("MatMul", "second", List.of("t", "w2"), "then.out"));
        Graph otherwise = graph(
                "else",
                List.of(),
                List.of(value("else.out")),
                Map.of(),
                Node.of("Neg", "neg", List.of("t"), "else.out"));
        Graph body = graph(
                "body",
                List.of(Value.of("h", ElementType.FLOAT, 1, 16), Value.of("now", ElementType.FLOAT, 1, 16)),
                List.of(value("next"), value("given")),
                weights,
                Node.of("Add", "add", List.of("h", "now"), "sum"),
                Node.of("MatMul", "first", List.of("sum", "w"), "p"),
                Node.of("Tanh", "tanh", List.of("p"), "t"),
                Node.of("If", "if", List.of("yes"), "given")
                        .with("then_branch", new Attribute.Subgraph(then))
                        .with("else_branch", new Attribute.Subgraph(otherwise)),
                Node.of("Identity", "keep", List.of("t"), "next"));
        return Network.builder("scan")
                .input("x", 1, "length", 16)
                .weight("zero", Tensor.ofFloats(new float[16], 1, 16))
                .node(Node.of("Scan", "scan", List.of("zero", "x"), "last", "y")
                        .with("num_scan_inputs", Attribute.of(1))
                        .with("scan_input_axes", Attribute.ofInts(1))
                        .with("scan_output_axes", Attribute.ofInts(1))
                        .with("body", new Attribute.Subgraph(body)))
                .output("y", 1, "length", 16)
                .output("last", 1, 16)
                .build();
    }
}
