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
        reduce(operators, "ReduceSum", 0, (x, axes) -> x.sum(axes, true).toType(x.getDataType(), false));
        reduce(operators, "ReduceMean", Double.NaN, ReductionOps::mean);
        reduce(operators, "ReduceMax", Double.NEGATIVE_INFINITY, (x, axes) -> extreme(x, axes, "amax"));
        reduce(operators, "ReduceMin", Double.POSITIVE_INFINITY, (x, axes) -> extreme(x, axes, "amin"));
        reduce(operators, "ReduceProd", 1, ReductionOps::product);
        reduce(operators, "ReduceL1", 0, (x, axes) -> x.abs().sum(axes, true).toType(x.getDataType(), false));
        reduce(operators, "ReduceL2", 0, ReductionOps::length);
        reduce(operators, "ReduceSumSquare", 0, (x, axes) -> x.square()
                .sum(axes, true)
                .toType(x.getDataType(), false));
        reduce(operators, "ReduceLogSum", Double.NEGATIVE_INFINITY, (x, axes) -> x.sum(axes, true)
                .log());
        reduce(operators, "ReduceLogSumExp", Double.NEGATIVE_INFINITY, ReductionOps::logSumExp);
        operators.put("ArgMax", of(c -> place(c, "torch.argmax")));
        operators.put("ArgMin", of(c -> place(c, "torch.argmin")));
    }

    private static void reduce(
            Map<String, Operator> operators,
            String name,
            double ofNothing,
            BiFunction<NDArray, int[], NDArray> function) {
        operators.put(name, of(call -> reduce(call, ofNothing, function)));
    }

    /** @param ofNothing what the reduction of no elements gives */
    private static NDArray reduce(Call call, double ofNothing, BiFunction<NDArray, int[], NDArray> function) {
        NDArray x = call.in(0);
        int[] axes = call.axes(1, call.rank(0));
        if (axes == null || axes.length == 0) {
            if (call.node().integer("noop_with_empty_axes", 0) != 0) {
                return x;
            }
            axes = IntStream.range(0, call.rank(0)).toArray();
        }
        if (call.rank(0) == 0) {
            return ShapeOps.squeeze(function.apply(x.reshape(1), new int[] {0}), new int[] {0});
        }
        boolean empty = IntStream.of(axes).anyMatch(axis -> x.size(axis) == 0);
        NDArray kept = empty ? nothing(x, axes, ofNothing) : function.apply(x, axes);
        return call.node().integer("keepdims", 1) != 0 ? kept : ShapeOps.squeeze(kept, axes);
    }

    private static NDArray nothing(NDArray x, int[] axes, double value) {
        long[] shape = x.getShape().getShape();
        for (int axis : axes) {
            shape[axis] = 1;
        }
        boolean endless = Double.isInfinite(value) && !x.getDataType().isFloating();
        double least = x.getDataType() == DataType.INT64 ? Long.MIN_VALUE : Integer.MIN_VALUE;
        double most = x.getDataType() == DataType.INT64 ? Long.MAX_VALUE : Integer.MAX_VALUE;
        if (x.getDataType() == DataType.BOOLEAN) {
            least = 0;
            most = 1;
        }
        double filled = endless ? (value < 0 ? least : most) : value;
        return TorchFunction.one("torch.zeros({}, dtype={0}.dtype).fill_({})", new NDArray[] {x}, shape, filled);
    }

    private static NDArray mean(NDArray x, int[] axes) {
        long count = IntStream.of(axes).mapToLong(x::size).reduce(1, (a, b) -> a * b);
        NDArray sum = x.sum(axes, true);
        return sum.getDataType().isFloating() ? Scalars.times(sum, 1.0 / count) : sum.div(count);
    }

    private static NDArray extreme(NDArray x, int[] axes, String function) {
        return TorchFunction.one("torch." + function + "({0}, {}, True)", new NDArray[] {x}, axes);
    }

    private static NDArray product(NDArray x, int[] axes) {
        NDArray result = x;
        for (int axis : axes) {
            result = result.prod(new int[] {axis}, true);
        }
        return result.toType(x.getDataType(), false);
    }

    private static NDArray length(NDArray x, int[] axes) {
        DataType exact = x.getDataType().isFloating() ? x.getDataType() : DataType.FLOAT64;
        return x.toType(exact, false).square().sum(axes, true).sqrt().toType(x.getDataType(), false);
    }

    private static NDArray logSumExp(NDArray x, int[] axes) {
        return TorchFunction.one("torch.logsumexp({0}, {}, True)", new NDArray[] {x}, axes);
    }

    /** The first of equal elements is taken, unless the last is asked for. */
    private static NDArray place(Call call, String function) {
        int axis = call.axis("axis", 0, call.rank(0));
        boolean kept = call.node().integer("keepdims", 1) != 0;
        if (call.node().integer("select_last_index", 0) == 0) {
            return call.torch(function + "({0}, {}, {})", axis, kept);
        }
        return call.torch("{0}.size({}) - 1 - " + function + "(torch.flip({0}, [{}]), {}, {})", axis, axis, axis, kept);
    }
}
