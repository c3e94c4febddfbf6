package pomona.djl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Graphs put together at random of products, normalizations, attention, recurrent layers, reductions, arithmetic that
 * broadcasts, and changes of shape. No operator looks beyond a record, and none jumps, so that small differences stay
 * small.
 */
public final class RandomGraphs {

    private static final int LARGEST = 240;

    /** A value of records of that shape; the batch is in front. */
    record Part(String name, int... shape) {

        int rank() {
            return shape.length;
        }

        int size() {
            return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        }

        int last() {
            return shape[shape.length - 1];
        }

        Part with(String value, int axis, int size) {
            int[] other = shape.clone();
            other[axis] = size;
            return new Part(value, other);
        }
    }

    final Random random;
    private final NetworkBuilder builder = Network.builder("random").input("x", "batch", 4, 6);
    private final List<Part> parts = new ArrayList<>(List.of(new Part("x", 4, 6)));
    private final RandomShapes shapes = new RandomShapes(this);
    private final RandomLayers layers = new RandomLayers(this);
    private int count;

    private RandomGraphs(long seed) {
        this.random = new Random(seed);
    }

    /** A network of input x (batch, 4, 6) whose output is its last value, the same for the same seed. */
    public static Network random(long seed, int operations) {
        RandomGraphs graph = new RandomGraphs(seed);
        for (int i = 0; i < operations; i++) {
            graph.step();
        }
        Part last = graph.parts.get(graph.parts.size() - 1);
        Object[] dims = new Object[last.rank() + 1];
        dims[0] = "batch";
        for (int i = 1; i < dims.length; i++) {
            dims[i] = (long) last.shape()[i - 1];
        }
        return graph.builder.output(last.name(), dims).build();
    }

    private void step() {
        Part part = recent();
        Part made =
                switch (random.nextInt(6)) {
                    case 0 -> layers.layer(part);
                    case 1 -> elementwise(part);
                    case 2 -> binary(part);
                    case 3 -> reduce(part);
                    default -> shapes.change(part);
                };
        if (made != null && made.size() <= LARGEST && made.rank() <= 4) {
            parts.add(made);
        }
    }

    /** One of the last values, the last one most often. */
    private Part recent() {
        int back = Math.min(parts.size() - 1, (int) Math.abs(random.nextGaussian() * 0.8));
        return parts.get(parts.size() - 1 - back);
    }

    /** A value of that shape but for one axis, among those there are. */
    Part like(Part part, int axis) {
        List<Part> fitting = parts.stream()
                .filter(other -> other.rank() == part.rank()
                        && Arrays.equals(
                                other.with("", axis, 1).shape(),
                                part.with("", axis, 1).shape()))
                .toList();
        return fitting.get(random.nextInt(fitting.size()));
    }

    private Part elementwise(Part part) {
        String[] plain = {"Relu", "Sigmoid", "Tanh", "Abs", "Neg", "Softplus", "Softsign", "Erf", "Sin", "Cos", "Elu"};
        String[] more = {"LeakyRelu", "HardSwish", "HardSigmoid", "Selu", "Celu", "Mish", "Identity", "Atan", "Gelu"};
        int choice = random.nextInt(plain.length + more.length + 3);
        if (choice < plain.length) {
            return new Part(node(plain[choice], part.name()), part.shape());
        }
        if (choice < plain.length + more.length) {
            String op = more[choice - plain.length];
            return new Part(
                    op.equals("Gelu") ? gelu(part) : op.equals("Mish") ? mish(part) : node(op, part.name()),
                    part.shape());
        }
        String above = node("Add", node("Abs", part.name()), scalar(1));
        return switch (choice - plain.length - more.length) {
            case 0 -> new Part(node("Sqrt", above), part.shape());
            case 1 -> new Part(node("Reciprocal", above), part.shape());
            default -> new Part(node("Clip", part.name(), scalar(-0.7f), scalar(0.6f)), part.shape());
        };
    }

    private String gelu(Part part) {
        String erf = node("Erf", node("Div", part.name(), scalar((float) Math.sqrt(2))));
        return node("Mul", node("Mul", part.name(), scalar(0.5f)), node("Add", erf, scalar(1)));
    }

    private String mish(Part part) {
        return node("Mul", part.name(), node("Tanh", node("Softplus", part.name())));
    }

    /** With another value, or a weight, whose shape can be broadcast. */
    private Part binary(Part part) {
        String[] ops = {"Add", "Sub", "Mul", "Max", "Min", "Div", "Mean", "Where", "PRelu"};
        String op = ops[random.nextInt(ops.length)];
        List<Part> fitting =
                parts.stream().filter(other -> broadcasts(other, part)).toList();
        boolean learned = op.equals("Div") || op.equals("PRelu") || random.nextBoolean();
        String other = learned
                ? broadcastWeight(part)
                : fitting.get(random.nextInt(fitting.size())).name();
        boolean turned = !op.equals("Div") && !op.equals("PRelu") && random.nextBoolean();
        String first = turned ? other : part.name();
        String second = turned ? part.name() : other;
        String made =
                switch (op) {
                    case "Mul" -> node("Tanh", node("Mul", first, second));
                    case "Where" -> node("Where", node("Greater", first, second), first, second);
                    default -> node(op, first, second);
                };
        return new Part(made, part.shape());
    }

    private static boolean broadcasts(Part other, Part part) {
        return other.rank() == part.rank()
                && IntStream.range(0, part.rank())
                        .allMatch(i -> other.shape()[i] == part.shape()[i] || other.shape()[i] == 1);
    }

    private String broadcastWeight(Part part) {
        int rank = random.nextInt(part.rank() + 1);
        long[] shape = new long[rank];
        for (int i = 0; i < rank; i++) {
            shape[i] = random.nextInt(3) == 0 ? 1 : part.shape()[part.rank() - rank + i];
        }
        return weight(Networks.uniform(random.nextLong(), 0.5f, 1.5f, shape));
    }

    private Part reduce(Part part) {
        String[] ops = {"ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceLogSumExp", "ReduceSum", "ReduceL1"};
        String op = ops[random.nextInt(ops.length)];
        int axis = random.nextInt(part.rank());
        boolean keep = part.rank() == 1 || random.nextBoolean();
        long named = random.nextBoolean() ? axis + 1 : axis - part.rank();
        boolean asInput = op.equals("ReduceSum");
        List<String> inputs = asInput ? List.of(part.name(), longs(named)) : List.of(part.name());
        Node node = Node.of(op, op + count, inputs, name()).with("keepdims", Attribute.of(keep ? 1L : 0L));
        String reduced = add(asInput ? node : node.with("axes", Attribute.ofInts(named)));
        if (op.equals("ReduceSum") || op.equals("ReduceL1")) {
            reduced = node("Mul", reduced, scalar(1f / part.shape()[axis]));
        }
        return keep ? part.with(reduced, axis, 1) : new Part(reduced, without(part.shape(), axis));
    }

    static int[] without(int[] shape, int axis) {
        return IntStream.range(0, shape.length)
                .filter(i -> i != axis)
                .map(i -> shape[i])
                .toArray();
    }

    String node(String op, String... inputs) {
        return add(Node.of(op, op + count, List.of(inputs), name()));
    }

    String add(Node node) {
        builder.node(node);
        return node.output();
    }

    String name() {
        return "v" + ++count;
    }

    String scalar(float value) {
        return weight(Tensor.scalar(value));
    }

    String longs(long... values) {
        return weight(Tensor.ofLongs(values, values.length));
    }

    /** A weight whose product with that many values is about as large as they are. */
    String weight(int fanIn, long... shape) {
        return weight(Networks.random(random.nextLong(), 2 * fanIn, shape));
    }

    String weight(Tensor tensor) {
        String name = "w" + ++count;
        builder.weight(name, tensor);
        return name;
    }
}
