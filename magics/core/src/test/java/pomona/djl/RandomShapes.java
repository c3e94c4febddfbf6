package pomona.djl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import pomona.djl.RandomGraphs.Part;
import pomona.graph.Attribute;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** The changes of shape, the picks and the joins among the operations of {@link RandomGraphs}. */
final class RandomShapes {

    private final RandomGraphs graph;

    RandomShapes(RandomGraphs graph) {
        this.graph = graph;
    }

    Part change(Part part) {
        int axis = graph.random.nextInt(part.rank());
        return switch (graph.random.nextInt(12)) {
            case 0 -> transpose(part);
            case 1 -> part.rank() > 1 ? merge(part) : part(part, axis);
            case 2 -> divide(part, axis);
            case 3, 4 -> concat(part, axis);
            case 5 -> gather(part, axis);
            case 6 -> slice(part, axis);
            case 7 -> unsqueeze(part, graph.random.nextInt(part.rank() + 1));
            case 8 -> pad(part, axis);
            case 9 -> part(part, axis);
            case 10 -> repeat(part, axis);
            default -> sum(part, axis);
        };
    }

    private Part transpose(Part part) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, part.rank()).boxed().toList());
        Collections.shuffle(order, graph.random);
        if (order.equals(order.stream().sorted().toList())) {
            // ONNX Runtime takes a Transpose in front of a Gemm for one that turns, even if it does not.
            return null;
        }
        long[] perm = IntStream.rangeClosed(0, part.rank())
                .mapToLong(i -> i == 0 ? 0 : order.get(i - 1) + 1)
                .toArray();
        Node node = Node.of("Transpose", "", List.of(part.name()), graph.name());
        int[] shape = order.stream().mapToInt(i -> part.shape()[i]).toArray();
        return new Part(graph.add(node.with("perm", Attribute.ofInts(perm))), shape);
    }

    /** Two neighbouring sizes become one. */
    private Part merge(Part part) {
        int axis = graph.random.nextInt(part.rank() - 1);
        int[] shape = RandomGraphs.without(part.shape(), axis + 1);
        shape[axis] *= part.shape()[axis + 1];
        return reshape(part, shape, axis);
    }

    /** One size becomes two, of which one is 2 or 3. */
    private Part divide(Part part, int axis) {
        int size = part.shape()[axis];
        int factor = size % 3 == 0 ? 3 : size % 2 == 0 ? 2 : 1;
        int[] shape = IntStream.rangeClosed(0, part.rank())
                .map(i -> i < axis
                        ? part.shape()[i]
                        : i == axis ? size / factor : i == axis + 1 ? factor : part.shape()[i - 1])
                .toArray();
        return reshape(part, shape, axis);
    }

    /** Written with zeros for what stays in front, and one size left open. */
    private Part reshape(Part part, int[] shape, int open) {
        long[] target = new long[shape.length + 1];
        for (int i = 0; i < shape.length; i++) {
            target[i + 1] = i == open ? -1 : i < open ? 0 : shape[i];
        }
        return new Part(graph.node("Reshape", part.name(), graph.longs(target)), shape);
    }

    private Part concat(Part part, int axis) {
        Part other = graph.like(part, axis);
        Node node = Node.of("Concat", "", List.of(part.name(), other.name()), graph.name());
        long place = graph.random.nextBoolean() ? axis + 1 : axis - part.rank();
        String joined = graph.add(node.with("axis", Attribute.of(place)));
        return part.with(joined, axis, part.shape()[axis] + other.shape()[axis]);
    }

    /** One place, which takes the dimension away, or several, also counted from the end. */
    private Part gather(Part part, int axis) {
        int size = part.shape()[axis];
        boolean one = part.rank() > 1 && graph.random.nextBoolean();
        long[] places = graph.random
                .ints(one ? 1 : 1 + graph.random.nextInt(4), -size, size)
                .asLongStream()
                .toArray();
        String indices = one ? graph.weight(Tensor.ofLongs(places)) : graph.longs(places);
        Node node = Node.of("Gather", "", List.of(part.name(), indices), graph.name());
        String picked = graph.add(node.with("axis", Attribute.of(axis + 1L)));
        return one
                ? new Part(picked, RandomGraphs.without(part.shape(), axis))
                : part.with(picked, axis, places.length);
    }

    private Part slice(Part part, int axis) {
        int size = part.shape()[axis];
        int from = graph.random.nextInt(size);
        int to = from + 1 + graph.random.nextInt(size - from);
        int step = 1 + graph.random.nextInt(2);
        boolean backwards = graph.random.nextBoolean();
        long start = backwards ? to - 1 : from;
        long end = backwards
                ? from - 1L - size
                : graph.random.nextBoolean() ? to : to == size ? Long.MAX_VALUE : to - size;
        String cut = graph.node(
                "Slice",
                part.name(),
                graph.longs(start),
                graph.longs(backwards && from == 0 ? Long.MIN_VALUE : end),
                graph.longs(axis + 1),
                graph.longs(backwards ? -step : step));
        return part.with(cut, axis, (to - from + step - 1) / step);
    }

    private Part unsqueeze(Part part, int axis) {
        int[] shape = IntStream.rangeClosed(0, part.rank())
                .map(i -> i < axis ? part.shape()[i] : i == axis ? 1 : part.shape()[i - 1])
                .toArray();
        String more = graph.node("Unsqueeze", part.name(), graph.longs(axis + 1));
        if (graph.random.nextInt(3) > 0) {
            return new Part(more, shape);
        }
        return new Part(graph.node("Squeeze", more, graph.longs(axis + 1)), part.shape());
    }

    private Part pad(Part part, int axis) {
        String[] modes = {"constant", "edge", "reflect"};
        String mode = modes[graph.random.nextInt(modes.length)];
        int most = mode.equals("reflect") ? Math.min(2, part.shape()[axis] - 1) : 2;
        int before = graph.random.nextInt(most + 1);
        int after = graph.random.nextInt(most + 1);
        long[] pads = new long[2 * (part.rank() + 1)];
        pads[axis + 1] = before;
        pads[part.rank() + 1 + axis + 1] = after;
        Node node = Node.of("Pad", "", List.of(part.name(), graph.longs(pads)), graph.name());
        return part.with(graph.add(node.with("mode", Attribute.of(mode))), axis, part.shape()[axis] + before + after);
    }

    /** One of the parts of a Split. */
    private Part part(Part part, int axis) {
        int size = part.shape()[axis];
        if (size < 2) {
            return null;
        }
        int first = 1 + graph.random.nextInt(size - 1);
        String[] names = {graph.name(), graph.name()};
        Node node = Node.of("Split", "", List.of(part.name(), graph.longs(first, size - first)), names);
        graph.add(node.with("axis", Attribute.of(axis + 1L)));
        boolean one = graph.random.nextBoolean();
        return part.with(names[one ? 0 : 1], axis, one ? first : size - first);
    }

    /** Tile, or Expand of a size of one. */
    private Part repeat(Part part, int axis) {
        boolean one = part.shape()[axis] == 1;
        long[] counts = new long[part.rank() + 1];
        Arrays.fill(counts, 1);
        counts[axis + 1] = one ? 3 : 2;
        String op = one ? "Expand" : "Tile";
        return part.with(graph.node(op, part.name(), graph.longs(counts)), axis, (one ? 3 : 2) * part.shape()[axis]);
    }

    private Part sum(Part part, int axis) {
        Node node = Node.of(
                        "CumSum",
                        "",
                        List.of(part.name(), graph.weight(Tensor.ofLongs(new long[] {axis + 1}))),
                        graph.name())
                .with("exclusive", Attribute.of((long) graph.random.nextInt(2)))
                .with("reverse", Attribute.of((long) graph.random.nextInt(2)));
        return new Part(graph.node("Mul", graph.add(node), graph.scalar(1f / part.shape()[axis])), part.shape());
    }
}
