package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Shape rules of operators that reduce dimensions to one element. */
final class ReductionShapes {

    private static final String REDUCTIONS = "ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2"
            + " ReduceLogSum ReduceLogSumExp ReduceSumSquare";

    private ReductionShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        for (String op : REDUCTIONS.split(" ")) {
            rules.put(op, ShapeRule.one(c -> new ValueType(c.type(0), reduce(c))));
        }
        for (String op : List.of("ArgMax", "ArgMin")) {
            rules.put(op, ShapeRule.one(c -> new ValueType(ElementType.INT64, arg(c))));
        }
    }

    private static List<Dimension> reduce(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        int[] axes = in == null ? null : context.axes(1, in.size());
        if (axes == null) {
            boolean keeps = context.node().integer("keepdims", 1) != 0;
            return in != null && keeps ? Dimensions.unknown(in.size()) : null;
        }
        if (axes.length == 0) {
            if (context.node().integer("noop_with_empty_axes", 0) != 0) {
                return in;
            }
            axes = IntStream.range(0, in.size()).toArray();
        }
        return without(in, axes, context.node().integer("keepdims", 1) != 0);
    }

    private static List<Dimension> arg(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        boolean keep = context.node().integer("keepdims", 1) != 0;
        return in == null ? null : without(in, new int[] {context.axis(0, in.size())}, keep);
    }

    private static List<Dimension> without(List<Dimension> in, int[] axes, boolean keep) {
        List<Dimension> shape = new ArrayList<>();
        for (int i = 0; i < in.size(); i++) {
            int axis = i;
            if (IntStream.of(axes).noneMatch(a -> a == axis)) {
                shape.add(in.get(i));
            } else if (keep) {
                shape.add(Dimension.of(1));
            }
        }
        return shape;
    }
}
