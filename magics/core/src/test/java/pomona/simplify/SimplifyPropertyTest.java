package pomona.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import pomona.Equality;
import pomona.Networks;
import pomona.djl.RandomGraphs;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.pass.Pass;
import pomona.pass.PassBinding;

/** Random networks full of what can be simplified: nothing is left to do, and the outputs stay. */
class SimplifyPropertyTest {

    @Property(tries = 60)
    void simplifiesAsFarAsItGoesAtOnce(@ForAll long seed, @ForAll @IntRange(min = 1, max = 14) int layers) {
        Network network = new Clutter(seed).make(layers);
        Network once = new AllFolding().transform(network);
        assertThat(new AllFolding().transform(once)).isEqualTo(once);
        assertThat(once.nodes()).hasSizeLessThanOrEqualTo(network.nodes().size());
        assertSame(network, once);
    }

    @Property(tries = 40)
    void everyPassKeepsTheOutputsAndDoesItAllAtOnce(@ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int layers) {
        Network network = new Clutter(seed).make(layers);
        List<Pass> passes = PassBinding.of("simplify").methods().keySet().stream()
                .map(method -> PassBinding.of("simplify").bind(method, Map.of(), name -> null))
                .toList();
        Pass pass = passes.get((int) Math.floorMod(seed, (long) passes.size()));
        Network once = pass.transform(network);
        assertSame(network, once);
        if (pass instanceof DeadNodeElimination || pass instanceof ConstantFolding) {
            assertThat(pass.transform(once)).isEqualTo(once);
        }
    }

    @Property(tries = 60)
    void graphsOfAllKindsStayWhatTheyAre(@ForAll long seed, @ForAll @IntRange(min = 1, max = 16) int operations) {
        Network network = RandomGraphs.random(seed, operations);
        Network once = new AllFolding().transform(network);
        assertThat(new AllFolding().transform(once)).isEqualTo(once);
        assertSame(network, once);
    }

    private static void assertSame(Network expected, Network actual) {
        Map<String, Tensor> feeds = Equality.feeds(expected);
        assertThat(actual.signature()).isEqualTo(expected.signature());
        float[] wanted = Equality.run(expected, feeds);
        float[] got = Equality.run(actual, feeds);
        float largest = 1e-3f;
        for (float value : wanted) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(got).usingComparatorWithPrecision(1e-5f * largest).containsExactly(wanted);
    }

    /** Layers on matrices (batch, 6), and what exporters leave between them. */
    private static final class Clutter {

        private static final int WIDTH = 6;

        private final Random random;
        private final NetworkBuilder builder =
                Network.builder("clutter").opset("", 13).input("x", "batch", WIDTH);
        private String value = "x";
        private int count;

        Clutter(long seed) {
            this.random = new Random(seed);
        }

        Network make(int layers) {
            for (int i = 0; i < layers; i++) {
                switch (random.nextInt(13)) {
                    case 0 -> next(random.nextBoolean() ? "Identity" : "Dropout", value);
                    case 1 -> next("Add", value, scalar(0));
                    case 2 -> next("Mul", scalar(1), value);
                    case 3 -> twice();
                    case 4 -> reshapeByShape();
                    case 5 -> computedWeight();
                    case 6 -> normalized();
                    case 7 -> branch();
                    case 8 -> casts();
                    case 9 -> openBranch();
                    case 10 -> loop();
                    case 11 -> next("Tanh", value);
                    default -> linear();
                }
            }
            return builder.output(value, "batch", WIDTH).build();
        }

        private String next(String op, String... inputs) {
            value = made(op, inputs);
            return value;
        }

        private String made(String op, String... inputs) {
            String name = "v" + ++count;
            builder.node(op, List.of(inputs), name);
            return name;
        }

        private void add(Node node) {
            builder.node(node);
            value = node.output();
        }

        private String weight(Tensor tensor) {
            String name = "w" + ++count;
            builder.weight(name, tensor);
            return name;
        }

        private String scalar(float number) {
            return weight(Tensor.scalar(number));
        }

        private String matrix() {
            return weight(Networks.random(random.nextInt(), WIDTH, WIDTH, WIDTH));
        }

        private void linear() {
            next("MatMul", value, matrix());
            if (random.nextBoolean()) {
                next("Add", value, weight(Networks.uniform(random.nextInt(), -1, 1, WIDTH)));
            }
        }

        private void twice() {
            String from = value;
            next("Add", made("Sigmoid", from), made("Sigmoid", from));
        }

        /** Reshapes to (batch, 2, 3) and back, by sizes that are computed. */
        private void reshapeByShape() {
            String batch = made(
                    "Unsqueeze",
                    made("Gather", made("Shape", value), weight(Tensor.scalar(0L))),
                    weight(Tensor.ofLongs(new long[] {0}, 1)));
            String width = made("Gather", made("Shape", value), weight(Tensor.ofLongs(new long[] {1}, 1)));
            String third = made("Div", width, weight(Tensor.ofLongs(new long[] {2}, 1)));
            String shape = "v" + ++count;
            builder.node(
                    Node.of("Concat", shape, List.of(batch, weight(Tensor.ofLongs(new long[] {2}, 1)), third), shape)
                            .with("axis", Attribute.of(0)));
            next("Reshape", value, shape);
            next("Reshape", value, weight(Tensor.ofLongs(new long[] {0, -1}, 2)));
        }

        private void computedWeight() {
            String scaled = made("Mul", matrix(), made("Sqrt", scalar(0.25f)));
            next("MatMul", value, made("Transpose", scaled));
        }

        private void normalized() {
            linear();
            String name = "bn" + ++count;
            Networks.batchNorm(builder, name, WIDTH);
            next("BatchNormalization", value, name + ".scale", name + ".shift", name + ".mean", name + ".variance");
        }

        private void branch() {
            List<Attribute> branches = new ArrayList<>();
            for (String op : List.of("Relu", "Neg")) {
                Value output = new Value("inner", ElementType.FLOAT, null, Opaque.NONE);
                branches.add(new Attribute.Subgraph(new Graph(
                        op,
                        List.of(),
                        List.of(output),
                        List.of(Node.of(op, "", List.of(value), "inner")),
                        Map.of(),
                        List.of(),
                        Opaque.NONE)));
            }
            String condition = made("Less", scalar(random.nextInt(2)), scalar(1));
            String name = "v" + ++count;
            add(Node.of("If", name, List.of(condition), name)
                    .with("then_branch", branches.get(0))
                    .with("else_branch", branches.get(1)));
        }

        /** A branch that is chosen when the network runs, with clutter in both. */
        private void openBranch() {
            String from = value;
            String condition = made("Greater", made("ReduceMax", from), scalar(0));
            String name = "v" + ++count;
            add(Node.of("If", name, List.of(made("Squeeze", condition)), name)
                    .with("then_branch", clutter(List.of(), List.of(), from, 2))
                    .with("else_branch", clutter(List.of(), List.of(), from, 2)));
        }

        /** Two or three rounds of clutter. */
        private void loop() {
            String name = "v" + ++count;
            String state = "b" + ++count;
            String going = "b" + ++count;
            List<Value> inputs = List.of(
                    Value.of("b" + ++count, ElementType.INT64),
                    Value.of(going, ElementType.BOOL),
                    Value.of(state, ElementType.FLOAT, "batch", WIDTH));
            String goes = "b" + ++count;
            Node goOn = Node.of("Identity", "", List.of(going), goes);
            String rounds = weight(Tensor.scalar(2L + random.nextInt(2)));
            add(Node.of("Loop", name, List.of(rounds, "", value), name)
                    .with("body", clutter(inputs, List.of(goOn), state, 1)));
        }

        /** A sub-graph of a value; what the nodes before make is given back before it. */
        private Attribute clutter(List<Value> inputs, List<Node> before, String from, int depth) {
            List<Node> nodes = new ArrayList<>(before);
            Map<String, Tensor> weights = new java.util.LinkedHashMap<>();
            List<Value> outputs = new ArrayList<>();
            before.forEach(node -> outputs.add(Value.of(node.output(), ElementType.BOOL)));
            String last = from;
            for (int i = 0; i <= random.nextInt(5); i++) {
                String name = "b" + ++count;
                switch (random.nextInt(depth > 1 ? 7 : 6)) {
                    case 0 -> nodes.add(Node.of("Identity", "", List.of(last), name));
                    case 1 -> nodes.add(Node.of("Add", "", List.of(last, scalar(0)), name));
                    case 2 -> {
                        weights.put(name + "w", Tensor.scalar(0.5f));
                        nodes.add(Node.of("Mul", "", List.of(scalar(2), name + "w"), name + "p"));
                        nodes.add(Node.of("Mul", "", List.of(last, name + "p"), name));
                    }
                    case 3 -> {
                        nodes.add(Node.of("Sigmoid", "", List.of(last), name + "s"));
                        nodes.add(Node.of("Sigmoid", "", List.of(last), name + "t"));
                        nodes.add(Node.of("Add", "", List.of(name + "s", name + "t"), name));
                    }
                    case 4 -> {
                        nodes.add(Node.of("Neg", "", List.of(last), name + "unused"));
                        nodes.add(Node.of("Tanh", "", List.of(last), name));
                    }
                    case 5 -> nodes.add(Node.of("Dropout", "", List.of(last), name));
                    default ->
                        nodes.add(
                                Node.of("If", "", List.of(weight(Tensor.ofBytes(ElementType.BOOL, new byte[1]))), name)
                                        .with("then_branch", clutter(List.of(), List.of(), last, depth - 1))
                                        .with("else_branch", clutter(List.of(), List.of(), last, depth - 1)));
                }
                last = name;
            }
            outputs.add(Value.of(last, ElementType.FLOAT, "batch", WIDTH));
            return new Attribute.Subgraph(new Graph("body", inputs, outputs, nodes, weights, List.of(), Opaque.NONE));
        }

        private void casts() {
            String name = "v" + ++count;
            add(Node.of("Cast", name, List.of(value), name).with("to", Attribute.of(1)));
        }
    }
}
