package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Shape rules of operators that move elements without computing: reshaping, joining, cutting and picking. */
final class LayoutShapes {

    private LayoutShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("Constant", ShapeRule.one(LayoutShapes::constant));
        rules.put("Shape", ShapeRule.one(LayoutShapes::shapeOf));
        rules.put("Size", ShapeRule.one(c -> new ValueType(ElementType.INT64, List.of())));
        rules.put("Flatten", ShapeRule.one(c -> new ValueType(c.type(0), flatten(c))));
        rules.put("Reshape", ShapeRule.one(c -> new ValueType(c.type(0), reshape(c))));
        rules.put("Transpose", ShapeRule.one(c -> new ValueType(c.type(0), transpose(c))));
        rules.put("Concat", ShapeRule.one(c -> new ValueType(c.type(0), concat(c))));
        rules.put("Squeeze", ShapeRule.one(c -> new ValueType(c.type(0), squeeze(c))));
        rules.put("Unsqueeze", ShapeRule.one(c -> new ValueType(c.type(0), unsqueeze(c))));
        rules.put("Gather", ShapeRule.one(c -> new ValueType(c.type(0), gather(c))));
        rules.put("Slice", ShapeRule.one(c -> new ValueType(c.type(0), slice(c))));
        rules.put("Split", LayoutShapes::split);
        rules.put(
                "Expand", ShapeRule.one(c -> new ValueType(c.type(0), Dimensions.broadcast(c.shape(0), c.values(1)))));
        rules.put("ConstantOfShape", ShapeRule.one(LayoutShapes::constantOfShape));
        rules.put("Pad", ShapeRule.one(c -> new ValueType(c.type(0), pad(c))));
    }

    private static ValueType constant(ShapeContext context) {
        Tensor value = Constants.valueOf(context.node());
        return value == null
                ? ValueType.UNKNOWN
                : new ValueType(value.type(), ShapeInference.dimensions(value.shape()));
    }

    private static ValueType shapeOf(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        boolean whole = !context.node().attributes().containsKey("start")
                && !context.node().attributes().containsKey("end");
        Dimension rank = in == null || !whole ? Dimension.UNKNOWN : Dimension.of(in.size());
        return new ValueType(ElementType.INT64, List.of(rank));
    }

    private static List<Dimension> flatten(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (in == null) {
            return Dimensions.unknown(2);
        }
        int axis = context.axis(1, in.size());
        return List.of(Dimensions.product(in.subList(0, axis)), Dimensions.product(in.subList(axis, in.size())));
    }

    private static List<Dimension> reshape(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        long[] target = context.integers(1);
        if (target == null) {
            return context.values(1);
        }
        boolean copyZeros = context.node().integer("allowzero", 0) == 0;
        List<Dimension> shape = new ArrayList<>();
        int open = -1;
        for (int i = 0; i < target.length; i++) {
            boolean copy = target[i] == 0 && copyZeros;
            if (target[i] == -1) {
                open = i;
            }
            Dimension copied = in == null || i >= in.size() ? Dimension.UNKNOWN : in.get(i);
            shape.add(copy ? copied : target[i] < 0 ? Dimension.UNKNOWN : Dimension.of(target[i]));
        }
        if (open >= 0 && in != null) {
            List<Dimension> others = new ArrayList<>(shape);
            others.remove(open);
            shape.set(open, Dimensions.quotient(in, others));
        }
        return shape;
    }

    private static List<Dimension> transpose(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (in == null) {
            return null;
        }
        long[] reversed =
                IntStream.range(0, in.size()).mapToLong(i -> in.size() - 1 - i).toArray();
        List<Dimension> shape = new ArrayList<>();
        for (long axis : context.node().integers("perm", reversed)) {
            shape.add(in.get(Math.toIntExact(axis)));
        }
        return shape;
    }

    private static List<Dimension> concat(ShapeContext context) {
        List<Dimension> shape = null;
        List<Dimension> joined = new ArrayList<>();
        for (int i = 0; i < context.node().inputs().size(); i++) {
            List<Dimension> part = context.shape(i);
            if (part == null) {
                return null;
            }
            shape = shape == null ? new ArrayList<>(part) : shape;
            joined.add(part.get(context.axis(0, part.size())));
        }
        shape.set(context.axis(0, shape.size()), Dimensions.sum(joined));
        return shape;
    }

    private static List<Dimension> squeeze(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        int[] axes = in == null ? null : context.axes(1, in.size());
        if (axes == null || axes.length == 0 && !in.stream().allMatch(Dimension::isFixed)) {
            return null;
        }
        List<Dimension> shape = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
            int axis = i;
            boolean gone = axes.length == 0
                    ? in.get(i).size() == 1
                    : IntStream.of(axes).anyMatch(a -> a == axis);
            if (!gone) {
                shape.add(in.get(i));
            }
        }
        return shape;
    }

    private static List<Dimension> unsqueeze(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        int[] plain = in == null ? null : context.axes(1, 0);
        if (plain == null) {
            return null;
        }
        int rank = in.size() + plain.length;
        int[] axes = context.axes(1, rank);
        List<Dimension> shape = new ArrayList<>(in);
        IntStream.of(axes).sorted().forEach(axis -> shape.add(axis, Dimension.of(1)));
        return shape;
    }

    private static List<Dimension> gather(ShapeContext context) {
        List<Dimension> data = context.shape(0);
        List<Dimension> indices = context.shape(1);
        if (data == null || indices == null) {
            return null;
        }
        int axis = context.axis(0, data.size());
        List<Dimension> shape = new ArrayList<>(data.subList(0, axis));
        shape.addAll(indices);
        shape.addAll(data.subList(axis + 1, data.size()));
        return shape;
    }

    private static List<Dimension> slice(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        List<Dimension> given = context.shape(1);
        if (in == null || given == null || given.size() != 1 || !given.get(0).isFixed()) {
            return in == null ? null : Dimensions.unknown(in.size());
        }
        int count = Math.toIntExact(given.get(0).size());
        int[] axes = context.node().hasInput(3)
                ? context.axes(3, in.size())
                : IntStream.range(0, count).toArray();
        if (axes == null) {
            return Dimensions.unknown(in.size());
        }
        long[] starts = context.integers(1);
        long[] ends = context.integers(2);
        long[] steps = context.node().hasInput(4) ? context.integers(4) : ones(count);
        boolean known = starts != null && ends != null && steps != null;
        List<Dimension> shape = new ArrayList<>(in);
        for (int i = 0; i < axes.length; i++) {
            shape.set(axes[i], known ? cut(in.get(axes[i]), starts[i], ends[i], steps[i]) : Dimension.UNKNOWN);
        }
        return shape;
    }

    private static long[] ones(int count) {
        long[] ones = new long[count];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }

    private static Dimension cut(Dimension in, long start, long end, long step) {
        if (!in.isFixed()) {
            return start == 0 && step == 1 && end >= Integer.MAX_VALUE ? in : Dimension.UNKNOWN;
        }
        long size = in.size();
        long low = step > 0 ? 0 : -1;
        long high = step > 0 ? size : size - 1;
        long from = Math.max(0, Math.min(high, start < 0 ? start + size : start));
        long to = Math.max(low, Math.min(high, end < 0 ? Math.max(low, end + size) : end));
        long count = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
        return Dimension.of(Math.max(0, count));
    }

    private static List<ValueType> split(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (in == null) {
            return List.of();
        }
        int outputs = context.node().outputs().size();
        int axis = context.axis(0, in.size());
        long[] attribute = context.node().integers("split");
        long[] sizes = attribute.length > 0 ? attribute : context.node().hasInput(1) ? context.integers(1) : null;
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            List<Dimension> shape = new ArrayList<>(in);
            shape.set(axis, sizes != null ? Dimension.of(sizes[i]) : share(in.get(axis), outputs, i, context));
            types.add(new ValueType(context.type(0), shape));
        }
        return types;
    }

    private static Dimension share(Dimension whole, int parts, int part, ShapeContext context) {
        if (!whole.isFixed() || context.node().hasInput(1)) {
            return Dimension.UNKNOWN;
        }
        long each = (whole.size() + parts - 1) / parts;
        return Dimension.of(Math.min(each, whole.size() - part * each));
    }

    private static ValueType constantOfShape(ShapeContext context) {
        boolean typed = context.node().attributes().get("value") instanceof Attribute.Constant;
        ElementType type = typed
                ? ((Attribute.Constant) context.node().attributes().get("value"))
                        .value()
                        .type()
                : ElementType.FLOAT;
        return new ValueType(type, context.values(0));
    }

    private static List<Dimension> pad(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        long[] attribute = context.node().integers("pads");
        long[] pads = attribute.length > 0 ? attribute : context.integers(1);
        if (in == null || pads == null || pads.length != 2 * in.size()) {
            return in == null ? null : Dimensions.unknown(in.size());
        }
        List<Dimension> shape = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
            long more = pads[i] + pads[i + in.size()];
            Dimension size = in.get(i);
            shape.add(more == 0 ? size : size.isFixed() ? Dimension.of(size.size() + more) : Dimension.UNKNOWN);
        }
        return shape;
    }
}
