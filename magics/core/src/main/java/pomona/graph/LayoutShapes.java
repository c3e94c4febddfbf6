package pomona.graph;

import java.util.ArrayList;
import java.util.Arrays;
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
        rules.put(
                "Expand", ShapeRule.one(c -> new ValueType(c.type(0), Dimensions.broadcast(c.shape(0), c.values(1)))));
        rules.put("ConstantOfShape", ShapeRule.one(LayoutShapes::constantOfShape));
        rules.put("Tile", ShapeRule.one(c -> new ValueType(c.type(0), tile(c))));
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
        if (in == null) {
            return new ValueType(ElementType.INT64, Dimensions.unknown(1));
        }
        long start = context.node().integer("start", 0);
        long end = context.node().integer("end", in.size());
        Dimension count = Dimension.of(SliceShapes.cut(in.size(), start, end, 1).count());
        return new ValueType(ElementType.INT64, List.of(count));
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
        List<SizeExpression> target = context.node().attributes().containsKey("shape")
                ? Arrays.stream(context.node().integers("shape"))
                        .mapToObj(SizeExpression::of)
                        .toList()
                : context.sizes(1);
        if (target == null) {
            return null;
        }
        boolean copyZeros = context.node().integer("allowzero", 0) == 0;
        List<Dimension> shape = new ArrayList<>();
        int open = -1;
        int unknown = 0;
        for (int i = 0; i < target.size(); i++) {
            SizeExpression size = target.get(i);
            boolean copy = size != null && size.is(0) && copyZeros;
            if (size == null || size.is(-1)) {
                open = i;
                unknown++;
            }
            Dimension copied = in == null || i >= in.size() ? Dimension.UNKNOWN : in.get(i);
            shape.add(copy ? copied : Dimensions.of(size));
        }
        if (unknown == 1 && in != null) {
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
        List<SizeExpression> pads = attribute.length > 0
                ? Arrays.stream(attribute).mapToObj(SizeExpression::of).toList()
                : context.sizes(1);
        int[] axes = in == null ? null : context.node().hasInput(3) ? context.axes(3, in.size()) : all(in.size());
        if (axes == null || pads == null || pads.size() != 2 * axes.length) {
            return in == null ? null : Dimensions.unknown(in.size());
        }
        List<Dimension> shape = new ArrayList<>(in);
        for (int i = 0; i < axes.length; i++) {
            SizeExpression before = pads.get(i);
            SizeExpression after = pads.get(i + axes.length);
            boolean known = before != null && after != null;
            Dimension size = in.get(axes[i]);
            boolean none = known && before.plus(after).is(0);
            shape.set(
                    axes[i],
                    none
                            ? size
                            : known ? Dimensions.map(size, s -> s.plus(before).plus(after)) : Dimension.UNKNOWN);
        }
        return shape;
    }

    private static int[] all(int rank) {
        return IntStream.range(0, rank).toArray();
    }

    private static List<Dimension> tile(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        List<SizeExpression> repeats = context.sizes(1);
        if (in == null || repeats == null || repeats.size() != in.size()) {
            return in == null ? null : Dimensions.unknown(in.size());
        }
        List<Dimension> shape = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
            SizeExpression times = repeats.get(i);
            boolean one = times != null && times.is(1);
            shape.add(
                    one
                            ? in.get(i)
                            : times == null ? Dimension.UNKNOWN : Dimensions.map(in.get(i), size -> size.times(times)));
        }
        return shape;
    }
}
