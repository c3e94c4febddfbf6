package pomona.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows integers that are sizes (from Shape, through Gather, Slice, Concat and the like, to Reshape), symbols included,
 * so that shapes computed inside a network are known.
 */
final class SizeValues {

    /** Longer integer tensors are data, not shapes. */
    private static final int LONGEST = 64;

    private final Network network;
    private final Map<String, Value> known;
    private final Map<String, List<Dimension>> sizes = new HashMap<>();

    SizeValues(Network network, Map<String, Value> known) {
        this.network = network;
        this.known = known;
    }

    /** The elements of an integer value as sizes, or null when they are not known or negative. */
    List<Dimension> of(String name) {
        if (sizes.containsKey(name)) {
            return sizes.get(name);
        }
        long[] integers = integers(name);
        if (integers == null) {
            return null;
        }
        for (long integer : integers) {
            if (integer < 0) {
                return null;
            }
        }
        return ShapeInference.dimensions(integers);
    }

    /** The elements of an integer value, or null unless all are known. */
    long[] integers(String name) {
        Tensor tensor = network.weights().get(name);
        if (tensor != null) {
            boolean integer = tensor.type() == ElementType.INT64 || tensor.type() == ElementType.INT32;
            return integer && tensor.size() <= LONGEST ? tensor.toLongArray() : null;
        }
        List<Dimension> dimensions = sizes.get(name);
        return dimensions == null || !dimensions.stream().allMatch(Dimension::isFixed)
                ? null
                : dimensions.stream().mapToLong(Dimension::size).toArray();
    }

    /** Works out the sizes that an operator makes, if it makes any. */
    void propagate(Node node) {
        if (!node.domain().isEmpty() || node.outputs().isEmpty()) {
            return;
        }
        List<Dimension> made =
                switch (node.op()) {
                    case "Shape" -> shape(node);
                    case "Constant" -> constant(node);
                    case "Identity", "Cast", "Unsqueeze", "Squeeze" -> of(node.input(0));
                    case "Gather" -> gather(node);
                    case "Concat" -> concat(node);
                    case "Slice" -> slice(node);
                    case "Mul" -> multiply(node);
                    default -> null;
                };
        if (made != null && made.size() <= LONGEST) {
            sizes.put(node.output(), made);
        }
    }

    private List<Dimension> shape(Node node) {
        Value value = known.get(node.input(0));
        if (value == null || value.shape() == null) {
            return null;
        }
        int rank = value.shape().size();
        int start = clamp(node.integer("start", 0), rank);
        int end = clamp(node.integer("end", rank), rank);
        return value.shape().subList(start, Math.max(start, end));
    }

    private static List<Dimension> constant(Node node) {
        Tensor value = Constants.valueOf(node);
        if (value == null || value.type() != ElementType.INT64 || value.size() > LONGEST) {
            return null;
        }
        long[] integers = value.toLongArray();
        for (long integer : integers) {
            if (integer < 0) {
                return null;
            }
        }
        return ShapeInference.dimensions(integers);
    }

    private List<Dimension> gather(Node node) {
        List<Dimension> data = of(node.input(0));
        long[] indices = integers(node.input(1));
        if (data == null || indices == null) {
            return null;
        }
        List<Dimension> picked = new ArrayList<>();
        for (long index : indices) {
            picked.add(data.get(Math.toIntExact(index < 0 ? index + data.size() : index)));
        }
        return picked;
    }

    private List<Dimension> concat(Node node) {
        List<Dimension> all = new ArrayList<>();
        for (String input : node.inputs()) {
            List<Dimension> part = of(input);
            if (part == null) {
                return null;
            }
            all.addAll(part);
        }
        return all;
    }

    private List<Dimension> slice(Node node) {
        List<Dimension> data = of(node.input(0));
        long[] starts = integers(node.input(1));
        long[] ends = integers(node.input(2));
        boolean simple = data != null && starts != null && ends != null && starts.length == 1 && !node.hasInput(4);
        if (!simple) {
            return null;
        }
        int start = clamp(starts[0], data.size());
        return data.subList(start, Math.max(start, clamp(ends[0], data.size())));
    }

    private List<Dimension> multiply(Node node) {
        List<Dimension> left = of(node.input(0));
        List<Dimension> right = of(node.input(1));
        return left == null || right == null || left.size() != 1 || right.size() != 1
                ? null
                : List.of(Dimensions.product(List.of(left.get(0), right.get(0))));
    }

    private static int clamp(long place, int size) {
        return (int) Math.max(0, Math.min(size, place < 0 ? place + size : place));
    }
}
