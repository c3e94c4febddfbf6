package pomona.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;

/**
 * Works out operators whose inputs are all constants: layout, indexing, arithmetic, comparison, reduction. Semantics are
 * those of the ONNX operator specification; floats are computed in double precision and rounded once.
 */
public final class ConstantOperators {

    private interface Rule {
        Tensor apply(Call call);
    }

    private static final Map<String, Rule> RULES = new HashMap<>();

    private record Call(Node node, List<Tensor> inputs, long opset) {

        Tensor in(int place) {
            return place < inputs.size() ? inputs.get(place) : null;
        }

        long[] longs(int place) {
            return in(place) == null ? null : in(place).toLongArray();
        }

        long[] axes(long oldestAsInput) {
            long[] axes = opset < oldestAsInput ? node.integers("axes") : longs(1);
            return axes == null ? node.integers("axes") : axes;
        }

        int axis(long defaultValue) {
            long axis = node.integer("axis", defaultValue);
            return Math.toIntExact(axis < 0 ? axis + in(0).rank() : axis);
        }
    }

    static {
        layout();
        picking();
        arithmetic();
        comparisons();
        reductions();
    }

    private ConstantOperators() {}

    /**
     * What a node makes.
     *
     * @param inputs the values of the node's inputs in order; null where one is left out
     * @param opset the version of the standard operator set
     * @return one tensor for each output; null when this operator is not worked out here, or not for these types
     */
    public static List<Tensor> evaluate(Node node, List<Tensor> inputs, long opset) {
        if (!node.domain().isEmpty()) {
            return null;
        }
        if (node.is("Constant")) {
            Tensor value = Constants.valueOf(node);
            return value == null ? null : List.of(value);
        }
        Rule rule = RULES.get(node.op());
        boolean known = rule != null
                && !inputs.isEmpty()
                && inputs.get(0) != null
                && inputs.stream()
                        .allMatch(t ->
                                t == null || t.type().bits() >= 8 && t.type().bits() <= 64);
        if (!known) {
            return node.is("Split") ? split(node, inputs) : null;
        }
        try {
            Tensor result = rule.apply(new Call(node, inputs, opset));
            return result == null ? null : List.of(result);
        } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
            // Its inputs do not fit it; whoever runs the network says so.
            return null;
        }
    }

    private static void layout() {
        RULES.put("Identity", c -> c.in(0));
        RULES.put("Transpose", c -> TensorLayout.transpose(c.in(0), c.node.integers("perm")));
        RULES.put("Reshape", c -> {
            boolean copy = c.node.integer("allowzero", 0) == 0;
            Tensor in = c.in(0);
            return in.reshape(TensorLayout.reshaped(in.shape(), in.size(), c.longs(1), copy));
        });
        RULES.put("Flatten", c -> {
            long[] shape = c.in(0).shape();
            long rows = Arrays.stream(shape).limit(c.axis(1)).reduce(1, (a, b) -> a * b);
            return c.in(0).reshape(rows, rows == 0 ? 0 : c.in(0).size() / rows);
        });
        RULES.put("Squeeze", c -> c.in(0).reshape(TensorLayout.squeezed(c.in(0).shape(), c.axes(13))));
        RULES.put("Unsqueeze", c -> c.in(0)
                .reshape(TensorLayout.unsqueezed(c.in(0).shape(), c.axes(13))));
        RULES.put(
                "Expand",
                c -> TensorLayout.expand(
                        c.in(0), TensorArithmetic.broadcast(c.in(0).shape(), c.longs(1))));
        RULES.put("Tile", c -> TensorLayout.tile(c.in(0), c.longs(1)));
        RULES.put("Concat", c -> TensorLayout.concat(c.inputs, c.axis(0)));
        RULES.put("Shape", c -> {
            int rank = c.in(0).rank();
            int start = clamp(c.node.integer("start", 0), rank);
            int end = clamp(c.node.integer("end", rank), rank);
            long[] dims = Arrays.copyOfRange(c.in(0).shape(), start, Math.max(start, end));
            return Tensor.ofLongs(dims, dims.length);
        });
        RULES.put("Size", c -> Tensor.scalar(c.in(0).size()));
        RULES.put("ConstantOfShape", c -> {
            boolean given = c.node.attributes().get("value") instanceof Attribute.Constant;
            Tensor element =
                    given ? ((Attribute.Constant) c.node.attributes().get("value")).value() : Tensor.scalar(0f);
            return TensorLayout.filled(element, c.longs(0));
        });
    }

    private static int clamp(long place, int size) {
        return (int) Math.max(0, Math.min(size, place < 0 ? place + size : place));
    }

    private static void picking() {
        RULES.put("Gather", c -> TensorLayout.gather(c.in(0), c.axis(0), c.in(1)));
        RULES.put("Slice", ConstantOperators::slice);
        RULES.put("Range", c -> {
            double[] bounds = IntStream.range(0, 3)
                    .mapToDouble(i -> c.in(i).toFloatArray()[0])
                    .toArray();
            int count = (int) Math.max(0, Math.ceil((bounds[1] - bounds[0]) / bounds[2]));
            if (c.in(0).type().isFloating()) {
                return null; // the sum of rounded steps would differ
            }
            long start = c.longs(0)[0];
            long step = c.longs(2)[0];
            long[] values =
                    IntStream.range(0, count).mapToLong(i -> start + i * step).toArray();
            return TensorArithmetic.ofLongs(c.in(0).type(), values, count);
        });
        RULES.put("Where", c -> {
            if (!TensorArithmetic.knows(c.in(1).type())) {
                return null;
            }
            Tensor zero = TensorArithmetic.cast(c.in(0), c.in(1).type());
            Tensor chosen = TensorArithmetic.combine(
                    zero, c.in(1), c.in(1).type(), (p, x) -> p != 0 ? x : 0, (p, x) -> p != 0 ? x : 0);
            Tensor other = TensorArithmetic.combine(
                    zero, c.in(2), c.in(1).type(), (p, y) -> p != 0 ? 0 : y, (p, y) -> p != 0 ? 0 : y);
            return TensorArithmetic.combine(chosen, other, chosen.type(), Double::sum, Long::sum);
        });
    }

    private static Tensor slice(Call c) {
        boolean attributes = c.opset < 10;
        long[] starts = attributes ? c.node.integers("starts") : c.longs(1);
        long[] ends = attributes ? c.node.integers("ends") : c.longs(2);
        long[] axes = attributes ? c.node.integers("axes") : c.longs(3);
        long[] steps = attributes ? null : c.longs(4);
        Tensor out = c.in(0);
        for (int i = 0; i < starts.length; i++) {
            long axis = axes == null || axes.length == 0 ? i : axes[i] < 0 ? axes[i] + out.rank() : axes[i];
            SliceShapes.Cut cut = SliceShapes.cut(
                    out.dim((int) axis), starts[i], ends[i], steps == null || steps.length == 0 ? 1 : steps[i]);
            out = TensorLayout.cut(out, (int) axis, cut.from(), cut.step(), cut.count());
        }
        return out;
    }

    private static List<Tensor> split(Node node, List<Tensor> inputs) {
        Tensor in = inputs.get(0);
        if (in == null || in.type().bits() < 8 || in.type().bits() > 64) {
            return null;
        }
        int outputs = node.outputs().size();
        long axis = node.integer("axis", 0);
        int place = Math.toIntExact(axis < 0 ? axis + in.rank() : axis);
        long[] sizes =
                inputs.size() > 1 && inputs.get(1) != null ? inputs.get(1).toLongArray() : node.integers("split");
        long each = (in.dim(place) + outputs - 1) / outputs;
        if (sizes.length == 0 && each * (outputs - 1) > in.dim(place)) {
            return null;
        }
        List<Tensor> parts = new ArrayList<>();
        long start = 0;
        for (int i = 0; i < outputs; i++) {
            long size = sizes.length > 0 ? sizes[i] : Math.min(each, in.dim(place) - start);
            parts.add(TensorLayout.cut(in, place, start, 1, size));
            start += size;
        }
        return parts;
    }

    private static void arithmetic() {
        binary("Add", Double::sum, Long::sum);
        binary("Sub", (a, b) -> a - b, (a, b) -> a - b);
        binary("Mul", (a, b) -> a * b, (a, b) -> a * b);
        binary("Div", (a, b) -> a / b, (a, b) -> a / b);
        binary("Pow", Math::pow, (a, b) -> (long) Math.pow(a, b));
        binary("Min", Math::min, Math::min);
        binary("Max", Math::max, Math::max);
        binary("Mod", null, Math::floorMod);
        binary("And", null, (a, b) -> a & b);
        binary("Or", null, (a, b) -> a | b);
        binary("Xor", null, (a, b) -> a ^ b);
        unary("Neg", a -> -a);
        unary("Abs", Math::abs);
        unary("Sign", Math::signum);
        RULES.put("Not", c -> TensorArithmetic.map(c.in(0), null, a -> 1 - a));
        floats("Sqrt", Math::sqrt);
        floats("Exp", Math::exp);
        floats("Log", Math::log);
        floats("Reciprocal", a -> 1 / a);
        floats("Floor", Math::floor);
        floats("Ceil", Math::ceil);
        floats("Round", Math::rint);
        floats("Tanh", Math::tanh);
        floats("Sin", Math::sin);
        floats("Cos", Math::cos);
        floats("Sigmoid", a -> 1 / (1 + Math.exp(-a)));
        floats("Relu", a -> Math.max(0, a));
        RULES.put("Cast", c -> {
            ElementType to = ElementType.ofCode(Math.toIntExact(c.node.integer("to", 0)));
            ElementType from = c.in(0).type();
            if (from == to) {
                return c.in(0);
            }
            boolean exact = to.isFloating() || to == ElementType.BOOL || to.bits() >= 32;
            return exact && TensorArithmetic.knows(to) && TensorArithmetic.knows(from)
                    ? TensorArithmetic.cast(c.in(0), to)
                    : null;
        });
    }

    private static void comparisons() {
        compare("Equal", (a, b) -> a == b ? 1 : 0, (a, b) -> a == b ? 1 : 0);
        compare("Less", (a, b) -> a < b ? 1 : 0, (a, b) -> a < b ? 1 : 0);
        compare("LessOrEqual", (a, b) -> a <= b ? 1 : 0, (a, b) -> a <= b ? 1 : 0);
        compare("Greater", (a, b) -> a > b ? 1 : 0, (a, b) -> a > b ? 1 : 0);
        compare("GreaterOrEqual", (a, b) -> a >= b ? 1 : 0, (a, b) -> a >= b ? 1 : 0);
    }

    private static void reductions() {
        reduction("ReduceSum", Double::sum, Long::sum, 13);
        reduction("ReduceMax", Math::max, Math::max, 18);
        reduction("ReduceMin", Math::min, Math::min, 18);
        reduction("ReduceProd", (a, b) -> a * b, (a, b) -> a * b, 18);
    }

    private static void binary(String op, DoubleBinaryOperator floats, LongBinaryOperator integers) {
        RULES.put(op, c -> {
            Tensor result = c.in(0);
            for (int i = 1; i < c.inputs.size(); i++) {
                if (!knows(c.in(0), c.in(i)) || floats == null && result.type().isFloating()) {
                    return null;
                }
                result = TensorArithmetic.combine(result, c.in(i), result.type(), floats, integers);
            }
            return result;
        });
    }

    private static void compare(String op, DoubleBinaryOperator floats, LongBinaryOperator integers) {
        RULES.put(
                op,
                c -> knows(c.in(0), c.in(1))
                        ? TensorArithmetic.combine(c.in(0), c.in(1), ElementType.BOOL, floats, integers)
                        : null);
    }

    private static boolean knows(Tensor left, Tensor right) {
        return left.type() == right.type() && TensorArithmetic.knows(left.type());
    }

    private static void unary(String op, DoubleUnaryOperator floats) {
        RULES.put(
                op,
                c -> TensorArithmetic.knows(c.in(0).type())
                        ? TensorArithmetic.map(c.in(0), floats, a -> (long) floats.applyAsDouble(a))
                        : null);
    }

    private static void floats(String op, DoubleUnaryOperator function) {
        RULES.put(
                op, c -> TensorArithmetic.knows(c.in(0).type()) ? TensorArithmetic.map(c.in(0), function, null) : null);
    }

    private static void reduction(String op, DoubleBinaryOperator join, LongBinaryOperator integers, long asInput) {
        RULES.put(op, c -> {
            Tensor in = c.in(0);
            long[] axes = c.axes(asInput);
            if (!TensorArithmetic.knows(in.type())
                    || in.size() == 0
                    || axes.length == 0 && c.node.integer("noop_with_empty_axes", 0) != 0) {
                return null;
            }
            boolean[] gone = new boolean[in.rank()];
            Arrays.fill(gone, axes.length == 0);
            for (long axis : axes) {
                gone[Math.toIntExact(axis < 0 ? axis + in.rank() : axis)] = true;
            }
            Tensor kept = TensorArithmetic.reduce(in, gone, join, integers);
            long[] rest = IntStream.range(0, gone.length)
                    .filter(i -> !gone[i])
                    .mapToLong(in::dim)
                    .toArray();
            return c.node.integer("keepdims", 1) == 0 ? kept.reshape(rest) : kept;
        });
    }
}
