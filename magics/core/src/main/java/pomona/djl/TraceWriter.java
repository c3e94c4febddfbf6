package pomona.djl;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import pomona.djl.TracedCall.Ref;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Writes what two runs of a block left behind as a network. */
final class TraceWriter {

    private static final String BATCH = "batch";

    private final String name;
    private final BlockReader.Run small;
    private final BlockReader.Run large;
    private final NetworkBuilder builder;
    private final Map<String, Tensor> available = new HashMap<>();
    private final Map<String, String> values = new HashMap<>();
    private int inputCount;

    TraceWriter(String name, Map<Parameter, String> parameters, BlockReader.Run small, BlockReader.Run large) {
        this.name = name;
        this.small = small;
        this.large = large;
        this.builder = Network.builder(name);
        parameters.forEach((parameter, weight) -> available.put(weight, Tensors.of(parameter.getArray())));
        available.putAll(small.trace().constants());
    }

    Network write(Shape[] inputShapes) {
        inputCount = inputShapes.length;
        for (int i = 0; i < inputShapes.length; i++) {
            String input = BlockReader.inputName(i, inputShapes.length);
            values.put(input, input);
            builder.input(input, dims(inputShapes[i].slice(1), BATCH));
        }
        List<TracedCall> calls = small.trace().calls();
        List<TracedCall> others = large.trace().calls();
        if (calls.size() != others.size()) {
            throw new IllegalArgumentException(
                    "Block " + name + " can not become a network: what it does depends on the size of the batch.");
        }
        for (int i = 0; i < calls.size(); i++) {
            BlockOps.write(new Writing(this, calls.get(i), others.get(i)));
        }
        return withOutputs();
    }

    /** The value or weight that something of the trace is in the network. */
    String value(Ref ref) {
        String known = values.get(ref.name());
        if (known != null) {
            return known;
        }
        Tensor constant = small.trace().constants().get(ref.name());
        String made =
                constant == null || constant.equals(large.trace().constants().get(ref.name()))
                        ? constant(ref.name(), available.get(ref.name()))
                        : ofTheBatch(ref.name(), constant);
        values.put(ref.name(), made);
        return made;
    }

    /** A constant that is made anew for each batch: first + step * (0, 1, 2, ...), from the number of records. */
    private String ofTheBatch(String constant, Tensor tensor) {
        BatchConstant rule = BatchConstant.of(tensor, large.trace().constants().get(constant));
        if (rule == null) {
            throw new IllegalArgumentException("Block " + name
                    + " can not become a network: it makes constants that depend on the size of the batch.");
        }
        String input = BlockReader.inputName(0, inputCount);
        String shape = node(constant, "Shape", List.of(input), Map.of());
        String batch = node(constant, "Gather", List.of(shape, number(constant, 0)), Map.of());
        String range = node(constant, "Range", List.of(number(constant, 0), batch, number(constant, 1)), Map.of());
        long[] column = LongStream.generate(() -> 1).limit(tensor.rank()).toArray();
        column[rule.axis()] = -1;
        String placed = constant(constant + ".shape", Tensor.ofLongs(column, column.length));
        String numbers = cast(constant, node(constant, "Reshape", List.of(range, placed), Map.of()), ElementType.FLOAT);
        String steps = constant(constant + ".step", rule.step());
        String first = constant(constant + ".first", rule.first());
        String product = node(constant, "Mul", List.of(numbers, steps), Map.of());
        return cast(constant, node(constant, "Add", List.of(product, first), Map.of()), tensor.type());
    }

    private String number(String path, long value) {
        return constant(path + ".number", Tensor.ofLongs(new long[] {value}));
    }

    private String cast(String path, String value, ElementType type) {
        return node(path, "Cast", List.of(value), Map.of("to", Attribute.of((long) type.code())));
    }

    /** A learned or constant matrix transposed, or null when the matrix is computed. */
    String transposed(Ref ref) {
        Tensor matrix = available.get(ref.name());
        if (matrix == null) {
            return null;
        }
        String known = values.get(ref.name() + "^T");
        if (known == null) {
            known = builder.freshName(ref.name());
            builder.weight(known, transpose(matrix));
            values.put(ref.name() + "^T", known);
        }
        return known;
    }

    /** The parameter or constant that something of the trace is. */
    Tensor tensor(Ref ref) {
        return available.get(ref.name());
    }

    /** Whether something of the trace is a constant of zeros, of whatever size. */
    boolean isZeros(Ref ref) {
        Tensor constant = small.trace().constants().get(ref.name());
        return constant != null && constant.countNonZeros() == 0;
    }

    /** A new weight. */
    String constant(String wish, Tensor tensor) {
        String fresh = builder.freshName(wish);
        builder.weight(fresh, tensor);
        return fresh;
    }

    /** Adds an operator named after its block, and gives the value it makes. */
    String node(String path, String op, List<String> inputs, Map<String, Attribute> attributes) {
        String output = builder.freshName(path + ".out");
        String suffix = output.substring((path + ".out").length());
        Node node = Node.of(op, path + suffix, inputs, output);
        for (Map.Entry<String, Attribute> attribute : attributes.entrySet()) {
            node = node.with(attribute.getKey(), attribute.getValue());
        }
        builder.node(node);
        return output;
    }

    /** Adds an operator with several outputs, and gives them. */
    List<String> nodes(String path, String op, List<String> inputs, Map<String, Attribute> attributes, int outputs) {
        String first = builder.freshName(path + ".out");
        List<String> all = new ArrayList<>(List.of(first));
        for (int i = 1; i < outputs; i++) {
            all.add(first + "." + i);
        }
        Node node = Node.of(op, path + first.substring((path + ".out").length()), inputs, all.toArray(String[]::new));
        for (Map.Entry<String, Attribute> attribute : attributes.entrySet()) {
            node = node.with(attribute.getKey(), attribute.getValue());
        }
        builder.node(node);
        return all;
    }

    void made(Ref ref, String value) {
        values.put(ref.name(), value);
    }

    private Network withOutputs() {
        int count = small.outputs().size();
        Set<Node> identities = new HashSet<>();
        for (int i = 0; i < count; i++) {
            String output = count == 1 ? "output" : "output" + (i + 1);
            Node identity =
                    Node.of("Identity", output, List.of(value(small.outputs().get(i))), output);
            identities.add(identity);
            builder.node(identity);
            builder.output(Value.of(output, ElementType.FLOAT, outputDims(i)));
        }
        return renamed(builder.build(), identities);
    }

    /** Where a node makes an output and nothing else, it is given the output's name and the identity goes. */
    private static Network renamed(Network network, Set<Node> identities) {
        Map<String, Node> producers = network.graph().producers();
        Map<String, List<Node>> consumers = network.graph().consumers();
        Map<String, String> names = new HashMap<>();
        Set<Node> gone = new HashSet<>();
        for (Node identity : identities) {
            String source = identity.input(0);
            if (producers.containsKey(source) && consumers.get(source).size() == 1) {
                names.put(source, identity.output());
                gone.add(identity);
            }
        }
        return network.toBuilder()
                .nodes(network.nodes().stream()
                        .filter(node -> !gone.contains(node))
                        .map(node -> names.containsKey(node.output())
                                ? node.withOutputs(List.of(names.get(node.output())))
                                : node)
                        .toList())
                .build();
    }

    private Object[] outputDims(int index) {
        Shape one = small.shapes().get(index);
        Shape other = large.shapes().get(index);
        Object[] dims = new Object[one.dimension()];
        for (int i = 0; i < dims.length; i++) {
            boolean batch = one.get(i) == BlockReader.SMALL_BATCH && other.get(i) == BlockReader.LARGE_BATCH;
            boolean fixed = one.get(i) == other.get(i);
            dims[i] = batch ? BATCH : fixed ? (Object) one.get(i) : "d" + i;
        }
        return dims;
    }

    private static Object[] dims(Shape rest, String first) {
        Object[] dims = new Object[rest.dimension() + 1];
        dims[0] = first;
        for (int i = 1; i < dims.length; i++) {
            dims[i] = rest.get(i - 1);
        }
        return dims;
    }

    private static Tensor transpose(Tensor matrix) {
        int rows = Math.toIntExact(matrix.dim(0));
        int columns = Math.toIntExact(matrix.dim(1));
        float[] values = matrix.toFloatArray();
        float[] turned = new float[values.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                turned[j * rows + i] = values[i * columns + j];
            }
        }
        return Tensor.ofFloats(turned, columns, rows);
    }
}
