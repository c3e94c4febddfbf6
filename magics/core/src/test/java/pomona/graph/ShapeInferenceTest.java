package pomona.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.RuntimeSession;

class ShapeInferenceTest {

    private static final ElementType FLOAT = ElementType.FLOAT;

    /** Runs the network with every value inside as an output, and compares types and shapes with what was inferred. */
    private static void assertAsRun(Network network, long batch) {
        Map<String, Value> inferred = ShapeInference.of(network);
        List<Value> outputs = new ArrayList<>();
        for (Node node : network.nodes()) {
            node.outputs().forEach(name -> outputs.add(inferred.get(name)));
        }
        Map<String, Tensor> feeds = new HashMap<>();
        for (Value input : network.signature().inputs()) {
            long[] shape = input.shape().stream()
                    .mapToLong(d -> d.isFixed() ? d.size() : batch)
                    .toArray();
            feeds.put(input.name(), Networks.uniform(9, 0, 1, shape));
        }
        try (RuntimeSession session =
                RuntimeSession.open(network.toBuilder().outputs(outputs).build())) {
            session.run(feeds).forEach((name, tensor) -> {
                Value value = inferred.get(name);
                assertThat(value.type()).as(name).isEqualTo(tensor.type());
                assertThat(value.shape()).as(name).hasSize(tensor.rank());
                for (int i = 0; i < tensor.rank(); i++) {
                    Dimension dimension = value.shape().get(i);
                    assertThat(dimension)
                            .as(name + " " + value + " for " + tensor)
                            .isEqualTo(dimension.symbol().equals("batch") ? dimension : Dimension.of(tensor.dim(i)));
                }
            });
        }
    }

    private static NetworkBuilder image(long height, long width) {
        return Network.builder("t").input("x", "batch", 3, height, width);
    }

    private static Network after(NetworkBuilder builder, Node node) {
        return builder.node(node)
                .output(new Value("y", null, null, Opaque.NONE))
                .build();
    }

    @Test
    void fixtures() {
        assertAsRun(Networks.mlp(8, 6, 4), 3);
        assertAsRun(Networks.matMulAdd(), 3);
        assertAsRun(Networks.cnn(), 3);
        assertThat(ShapeInference.of(Networks.cnn()).get("flat")).hasToString("flat float[batch,128]");
    }

    @Test
    void convolutions() {
        Tensor kernel = Networks.random(1, 9, 6, 3, 3, 3);
        Node conv = Node.of("Conv", "c", List.of("x", "w"), "y");
        assertAsRun(
                after(
                        image(11, 13).weight("w", kernel),
                        conv.with("strides", Attribute.ofInts(2, 3)).with("pads", Attribute.ofInts(1, 0, 2, 1))),
                2);
        assertAsRun(after(image(11, 13).weight("w", kernel), conv.with("dilations", Attribute.ofInts(2, 1))), 2);
        assertAsRun(
                after(
                        image(11, 13).weight("w", kernel),
                        conv.with("auto_pad", Attribute.of("SAME_UPPER")).with("strides", Attribute.ofInts(2, 2))),
                2);
        assertAsRun(after(image(11, 13).weight("w", kernel), conv.with("auto_pad", Attribute.of("VALID"))), 2);
        assertAsRun(
                after(
                        image(12, 12).weight("w", Networks.random(1, 9, 6, 1, 3, 3)),
                        conv.with("group", Attribute.of(3))),
                2);
        assertAsRun(
                after(
                        image(5, 7).weight("w", Networks.random(1, 9, 3, 4, 3, 3)),
                        Node.of("ConvTranspose", "c", List.of("x", "w"), "y")
                                .with("strides", Attribute.ofInts(2, 2))
                                .with("pads", Attribute.ofInts(1, 1, 0, 1))
                                .with("output_padding", Attribute.ofInts(1, 0))),
                2);
    }

    @Test
    void pools() {
        for (String op : List.of("MaxPool", "AveragePool")) {
            for (long ceil = 0; ceil < 2; ceil++) {
                Node pool = Node.of(op, "p", List.of("x"), "y")
                        .with("kernel_shape", Attribute.ofInts(3, 2))
                        .with("strides", Attribute.ofInts(2, 2))
                        .with("pads", Attribute.ofInts(1, 0, 1, 0))
                        .with("ceil_mode", Attribute.of(ceil));
                assertAsRun(after(image(12, 13), pool), 2);
            }
        }
        assertAsRun(after(image(12, 13), Node.of("GlobalAveragePool", "p", List.of("x"), "y")), 2);
    }

    @Test
    void layouts() {
        NetworkBuilder builder = image(4, 6)
                .weight("to", Tensor.ofLongs(new long[] {0, -1, 8}, 3))
                .weight("axes", Tensor.ofLongs(new long[] {-1, 0}, 2))
                .weight("axis0", Tensor.ofLongs(new long[] {0}, 1))
                .weight("axis2", Tensor.ofLongs(new long[] {2}, 1))
                .weight("starts", Tensor.ofLongs(new long[] {-1, 1}, 2))
                .weight("ends", Tensor.ofLongs(new long[] {-100, 5}, 2))
                .weight("sliced", Tensor.ofLongs(new long[] {2, 3}, 2))
                .weight("steps", Tensor.ofLongs(new long[] {-2, 3}, 2))
                .weight("picks", Tensor.ofLongs(new long[] {0, 2, 1, 0}, 2, 2))
                .weight("parts", Tensor.ofLongs(new long[] {1, 5}, 2))
                .weight("pads", Tensor.ofLongs(new long[] {0, 1, 0, 2, 0, 0, 3, 0}, 8))
                .node("Reshape", List.of("x", "to"), "reshaped")
                .node("Unsqueeze", List.of("x", "axes"), "unsqueezed")
                .node("Squeeze", List.of("unsqueezed", "axis0"), "squeezed")
                .node("Slice", List.of("x", "starts", "ends", "sliced", "steps"), "slice")
                .node("Pad", List.of("x", "pads"), "padded")
                .node("Split", List.of("x", "parts"), "first", "second");
        builder.node(Node.of("Transpose", "t1", List.of("x"), "turned"))
                .node(Node.of("Transpose", "t2", List.of("x"), "swapped").with("perm", Attribute.ofInts(0, 2, 3, 1)))
                .node(Node.of("Concat", "cat", List.of("x", "x", "padded2"), "joined")
                        .with("axis", Attribute.of(1)))
                .node("Identity", List.of("x"), "padded2")
                .node(Node.of("Gather", "g", List.of("x", "picks"), "gathered").with("axis", Attribute.of(-3)))
                .node(Node.of("Flatten", "f", List.of("x"), "flat").with("axis", Attribute.of(2)));
        builder.output("reshaped");
        Network network = builder.build();
        // Split along the last axis.
        Network split = network.toBuilder()
                .nodes(network.nodes().stream()
                        .map(node -> node.is("Split") ? node.with("axis", Attribute.of(3)) : node)
                        .toList())
                .build();
        Map<String, Value> shapes = ShapeInference.of(split);
        assertThat(shapes.get("reshaped")).hasToString("reshaped float[batch,9,8]");
        // The product of a symbol and 3 has no name.
        assertThat(shapes.get("flat")).hasToString("flat float[3*batch,24]");
        assertAsRun(
                split.toBuilder()
                        .nodes(split.nodes().stream()
                                .filter(node -> !node.is("Flatten"))
                                .toList())
                        .build(),
                2);
    }

    @Test
    void shapesComputedInsideTheNetwork() {
        Network network = Network.builder("view")
                .input("x", "batch", 3, 4)
                .weight("zero", Tensor.scalar(0L))
                .weight("axis", Tensor.ofLongs(new long[] {0}, 1))
                .weight("rest", Tensor.ofLongs(new long[] {12}, 1))
                .node("Shape", List.of("x"), "shape")
                .node("Gather", List.of("shape", "zero"), "n")
                .node("Unsqueeze", List.of("n", "axis"), "n1")
                .node(Node.of("Concat", "c", List.of("n1", "rest"), "to").with("axis", Attribute.of(0)))
                .node("Reshape", List.of("x", "to"), "y")
                .output(new Value("y", null, null, Opaque.NONE))
                .build();
        assertThat(ShapeInference.of(network).get("y")).hasToString("y float[batch,12]");
        assertAsRun(network, 5);
    }

    @Test
    void positionsCutToTheLengthOfTheInput() {
        Network network = Network.builder("positions")
                .input("x", "batch", "length", 4)
                .weight("table", Networks.random(1, 4, 1, 512, 4))
                .weight("zero", Tensor.ofLongs(new long[] {0}, 1))
                .weight("one", Tensor.ofLongs(new long[] {1}, 1))
                .node("Shape", List.of("x"), "shape")
                .node("Gather", List.of("shape", "one"), "length")
                .node("Slice", List.of("table", "zero", "length", "one"), "positions")
                .node("Add", List.of("x", "positions"), "y")
                .output(new Value("y", null, null, Opaque.NONE))
                .build();
        assertThat(ShapeInference.of(network).get("positions")).hasToString("positions float[1,length,4]");
        assertThat(ShapeInference.of(network).get("y")).hasToString("y float[batch,length,4]");
    }

    @Test
    void reductionsProductsAndQuantization() {
        Network network = Network.builder("t")
                .input("x", "batch", 5, 8)
                .weight("w", Networks.random(1, 8, 8, 4))
                .weight("v", Networks.random(1, 8, 8))
                .weight("s", Tensor.scalar(0.02f))
                .weight("z", Tensor.ofBytes(ElementType.INT8, new byte[1]))
                .weight("wq", Tensor.ofBytes(ElementType.INT8, new byte[32], 8, 4))
                .node(Node.of("ReduceMean", "r1", List.of("x"), "mean").with("axes", Attribute.ofInts(-1)))
                .node(Node.of("ReduceMax", "r2", List.of("x"), "max")
                        .with("axes", Attribute.ofInts(1, 2))
                        .with("keepdims", Attribute.of(0)))
                .node(Node.of("ArgMax", "arg", List.of("x"), "best").with("axis", Attribute.of(-1)))
                .node("MatMul", List.of("x", "w"), "product")
                .node("MatMul", List.of("x", "v"), "vector")
                .node("Greater", List.of("product", "mean"), "above")
                .node("QuantizeLinear", List.of("x", "s", "z"), "q")
                .node("DequantizeLinear", List.of("q", "s", "z"), "dq")
                .node("DynamicQuantizeLinear", List.of("x"), "u8", "scale", "zero")
                .node("MatMulInteger", List.of("u8", "wq", "zero"), "sums")
                .node(Node.of("Cast", "cast", List.of("sums"), "floats").with("to", Attribute.of(1)))
                .output("product")
                .build();
        assertAsRun(network, 3);
    }

    @Test
    void whatIsNotKnownIsSaidSo() {
        Network network = Network.builder("t")
                .input("x", "batch", 3)
                .node(Node.of("Mystery", "m", List.of("x"), "y").inDomain("my.domain"))
                .node("Relu", List.of("y"), "z")
                .output(new Value("z", FLOAT, null, Opaque.NONE))
                .build();
        Map<String, Value> shapes = ShapeInference.of(network);
        assertThat(shapes.get("y")).hasToString("y ?[...]");
        assertThat(shapes.get("z")).hasToString("z float[...]");
    }

    @Test
    void sizesThatDependOnTheInput() {
        Network network = Network.builder("t")
                .input("x", "batch", 3, "height", "width")
                .weight("w", Networks.random(1, 27, 8, 3, 3, 3))
                .weight("shape", Tensor.ofLongs(new long[] {0, 8, -1}, 3))
                .weight("two", Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4))
                .node(Node.of("Conv", "c", List.of("x", "w"), "c")
                        .with("strides", Attribute.ofInts(2, 2))
                        .with("pads", Attribute.ofInts(1, 1, 1, 1)))
                .node("Reshape", List.of("c", "shape"), "r")
                .node("Resize", List.of("c", "", "two"), "u")
                .output(new Value("r", null, null, Opaque.NONE))
                .output(new Value("u", null, null, Opaque.NONE))
                .build();
        Map<String, Value> shapes = ShapeInference.of(network);
        assertThat(shapes.get("c")).hasToString("c float[batch,8,floor((height+1)/2),floor((width+1)/2)]");
        assertThat(shapes.get("r")).hasToString("r float[batch,8,floor((height+1)/2)*floor((width+1)/2)]");
        assertThat(shapes.get("u")).hasToString("u float[batch,8,2*floor((height+1)/2),2*floor((width+1)/2)]");
        assertThat(shapes.get("r").shape().get(2).at(Map.of("height", 5L, "width", 6L)::get))
                .isEqualTo(9);
    }

    @Test
    void subGraphsSeeTheGraphAroundThem() {
        Graph wide = branch("Identity", "a");
        Graph thin = branch("Neg", "b");
        Network network = Network.builder("t")
                .input("x", "batch", 4)
                .input(Value.of("flag", ElementType.BOOL))
                .node("Relu", List.of("x"), "h")
                .node(Node.of("If", "if", List.of("flag"), "y")
                        .with("then_branch", new Attribute.Subgraph(wide))
                        .with("else_branch", new Attribute.Subgraph(thin)))
                .output(new Value("y", null, null, Opaque.NONE))
                .build();
        assertThat(ShapeInference.of(network).get("y")).hasToString("y float[batch,4]");
        assertThat(ShapeInference.graphs(network).get(thin).get("b")).hasToString("b float[batch,4]");
    }

    private static Graph branch(String op, String output) {
        return new Graph(
                output,
                List.of(),
                List.of(new Value(output, null, null, Opaque.NONE)),
                List.of(Node.of(op, "", List.of("h"), output)),
                Map.of(),
                List.of(),
                Opaque.NONE);
    }
}
