package pomona.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Shape rules of operators that cut parts out of dimensions: Slice and Split. */
final class SliceShapes {

    private SliceShapes() {}

    /** Which places of a dimension of known size a slice takes. */
    record Cut(long from, long step, long count) {}

    /** The arguments of a Slice, one for each axis. */
    record Bounds(long[] axes, long[] starts, long[] ends, long[] steps) {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("Slice", ShapeRule.one(c -> new ValueType(c.type(0), slice(c))));
        rules.put("Split", SliceShapes::split);
    }

    /** What a slice of a dimension of that size takes: start and end counted from the end when negative, and clamped. */
    static Cut cut(long size, long start, long end, long step) {
        long low = step > 0 ? 0 : -1;
        long high = step > 0 ? size : size - 1;
        long from = Math.max(0, Math.min(high, start < 0 ? start + size : start));
        long to = Math.max(low, Math.min(high, end < 0 ? Math.max(low, end + size) : end));
        long count = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
        return new Cut(from, step, Math.max(0, count));
    }

    /** The arguments when all are known numbers, else null. */
    static Bounds bounds(ShapeContext context, int rank) {
        Node node = context.node();
        boolean attributes = node.attributes().containsKey("starts");
        long[] starts = attributes ? node.integers("starts") : context.integers(1);
        long[] ends = attributes ? node.integers("ends") : context.integers(2);
        if (starts == null || ends == null) {
            return null;
        }
        long[] axes = axes(context, starts.length, rank);
        long[] steps = node.hasInput(4) ? context.integers(4) : ones(starts.length);
        return axes == null || steps == null ? null : new Bounds(axes, starts, ends, steps);
    }

    private static long[] axes(ShapeContext context, int count, int rank) {
        boolean given = context.node().attributes().containsKey("axes")
                || context.node().hasInput(3);
        if (!given) {
            return LongStream.range(0, count).toArray();
        }
        int[] axes = context.axes(3, rank);
        return axes == null ? null : Arrays.stream(axes).asLongStream().toArray();
    }

    private static List<Dimension> slice(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (in == null) {
            return null;
        }
        Node node = context.node();
        boolean attributes = node.attributes().containsKey("starts");
        List<SizeExpression> starts = attributes ? expressions(node.integers("starts")) : context.sizes(1);
        List<SizeExpression> ends = attributes ? expressions(node.integers("ends")) : context.sizes(2);
        int count = starts != null ? starts.size() : ends != null ? ends.size() : -1;
        long[] axes = count < 0 ? null : axes(context, count, in.size());
        long[] steps = count < 0 ? null : node.hasInput(4) ? context.integers(4) : ones(count);
        if (axes == null) {
            return Dimensions.unknown(in.size());
        }
        List<Dimension> shape = new ArrayList<>(in);
        for (int i = 0; i < axes.length; i++) {
            SizeExpression start = starts == null ? null : starts.get(i);
            SizeExpression end = ends == null ? null : ends.get(i);
            int axis = Math.toIntExact(axes[i]);
            boolean known = start != null && end != null && steps != null;
            shape.set(axis, known ? cut(in.get(axis), start, end, steps[i]) : Dimension.UNKNOWN);
        }
        return shape;
    }

    private static Dimension cut(Dimension in, SizeExpression start, SizeExpression end, long step) {
        boolean numbers = start.isConstant() && end.isConstant();
        if (in.isFixed() && numbers) {
            return Dimension.of(
                    cut(in.size(), start.constant(), end.constant(), step).count());
        }
        if (start.is(0) && step == 1 && end.isConstant() && end.constant() >= Integer.MAX_VALUE) {
            return in;
        }
        SizeExpression size = SizeExpression.of(in);
        boolean symbolic = size != null && step > 0 && !(numbers && end.constant() > 1 && end.constant() < 1 << 30);
        if (!symbolic) {
            return Dimension.UNKNOWN;
        }
        SizeExpression from = start.isConstant() && start.constant() < 0 ? size.plus(start) : start;
        boolean toEnd = end.isConstant() && end.constant() >= Integer.MAX_VALUE;
        SizeExpression to = toEnd ? size : end.isConstant() && end.constant() < 0 ? size.plus(end) : end;
        return Dimensions.of(to.minus(from).ceilDividedBy(step));
    }

    private static List<SizeExpression> expressions(long[] values) {
        return Arrays.stream(values).mapToObj(SizeExpression::of).toList();
    }

    private static long[] ones(int count) {
        long[] ones = new long[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static List<ValueType> split(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        int outputs = context.node().outputs().size();
        List<ValueType> types = new ArrayList<>();
        long[] attribute = context.node().integers("split");
        List<Dimension> sizes = attribute.length > 0 ? ShapeInference.dimensions(attribute) : null;
        if (sizes == null && context.node().hasInput(1)) {
            List<Dimension> given = context.values(1);
            sizes = given != null && given.size() == outputs ? given : Dimensions.unknown(outputs);
        }
        for (int i = 0; i < outputs; i++) {
            if (in == null) {
                types.add(new ValueType(context.type(0), null));
                continue;
            }
            List<Dimension> shape = new ArrayList<>(in);
            int axis = context.axis(0, in.size());
            shape.set(axis, sizes != null ? sizes.get(i) : share(in.get(axis), outputs, i));
            types.add(new ValueType(context.type(0), shape));
        }
        return types;
    }

    private static Dimension share(Dimension whole, int parts, int part) {
        if (!whole.isFixed()) {
            SizeExpression size = SizeExpression.of(whole);
            return size == null ? Dimension.UNKNOWN : Dimensions.of(size.dividedBy(SizeExpression.of(parts)));
        }
        long each = (whole.size() + parts - 1) / parts;
        long last = whole.size() - each * (parts - 1);
        return part < parts - 1 ? Dimension.of(each) : last < 0 ? Dimension.UNKNOWN : Dimension.of(last);
    }
}
