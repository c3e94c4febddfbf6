package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/** Reductions over axes, and the places of extremes. */
final class ReductionOps {

    private ReductionOps() {}

    static void addTo(Map<String, Operator> operators) {
        reduce(operators, "ReduceSum", (x, axes) -> x.sum(axes, true));
        reduce(operators, "ReduceMean", ReductionOps::mean);
        reduce(operators, "ReduceMax", (x, axes) -> eachAxis(x, axes, (y, a) -> y.max(new int[] {a}, true)));
        reduce(operators, "ReduceMin", (x, axes) -> eachAxis(x, axes, (y, a) -> y.min(new int[] {a}, true)));
        reduce(operators, "ReduceProd", (x, axes) -> eachAxis(x, axes, (y, a) -> y.prod(new int[] {a}, true)));
        reduce(operators, "ReduceL1", (x, axes) -> x.abs().sum(axes, true));
        reduce(operators, "ReduceL2", (x, axes) -> x.square().sum(axes, true).sqrt());
        reduce(operators, "ReduceSumSquare", (x, axes) -> x.square().sum(axes, true));
        operators.put("ArgMax", of(c -> extreme(c, NDArray::argMax)));
        operators.put("ArgMin", of(c -> extreme(c, NDArray::argMin)));
    }

    private static void reduce(
            Map<String, Operator> operators, String name, BiFunction<NDArray, int[], NDArray> function) {
        operators.put(name, of(call -> reduce(call, function)));
    }

    private static NDArray reduce(Call call, BiFunction<NDArray, int[], NDArray> function) {
        NDArray x = call.in(0);
        int[] axes = call.axes(1, call.rank(0));
        if (axes == null || axes.length == 0) {
            if (call.node().integer("noop_with_empty_axes", 0) != 0 || call.rank(0) == 0) {
                return x;
            }
            axes = IntStream.range(0, call.rank(0)).toArray();
        }
        NDArray kept = function.apply(x, axes);
        return call.node().integer("keepdims", 1) != 0 ? kept : ShapeOps.squeeze(kept, axes);
    }

    private static NDArray mean(NDArray x, int[] axes) {
        long count = IntStream.of(axes).mapToLong(x::size).reduce(1, (a, b) -> a * b);
        NDArray sum = x.sum(axes, true);
        return sum.getDataType().isFloating() ? Scalars.times(sum, 1.0 / count) : sum.div(count);
    }

    private static NDArray eachAxis(NDArray x, int[] axes, BiFunction<NDArray, Integer, NDArray> function) {
        NDArray result = x;
        for (int axis : axes) {
            result = function.apply(result, axis);
        }
        return result;
    }

    private static NDArray extreme(Call call, BiFunction<NDArray, Integer, NDArray> function) {
        int axis = call.axis("axis", 0, call.rank(0));
        NDArray place = function.apply(call.in(0), axis).toType(DataType.INT64, false);
        return call.node().integer("keepdims", 1) != 0 ? place.expandDims(axis) : place;
    }
}
