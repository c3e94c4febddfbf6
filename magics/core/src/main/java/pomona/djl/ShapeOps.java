package pomona.djl;

import static pomona.djl.Operator.of;
import static pomona.djl.Operator.unary;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import pomona.graph.Attribute;
import pomona.graph.ElementType;

/** Operators that move, pick, join and repeat elements, or tell their number. */
final class ShapeOps {

    private ShapeOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Identity", unary(x -> x));
        operators.put("Reshape", of(c -> c.in(0).reshape(reshaped(c))));
        operators.put("Flatten", of(ShapeOps::flatten));
        operators.put("Transpose", of(ShapeOps::transpose));
        operators.put("Squeeze", of(ShapeOps::squeeze));
        operators.put("Unsqueeze", of(ShapeOps::unsqueeze));
        operators.put("Concat", of(c -> NDArrays.concat(c.all(), c.axis("axis", 0, c.rank(0)))));
        operators.put("Split", ShapeOps::split);
        operators.put("Slice", of(ShapeOps::slice));
        operators.put("Expand", of(ShapeOps::expand));
        operators.put("Tile", of(c -> c.in(0).tile(c.longs(1))));
        operators.put("Cast", of(ShapeOps::cast));
        operators.put("CastLike", of(c -> c.in(0).toType(c.in(1).getDataType(), false)));
        operators.put("Shape", of(ShapeOps::shape));
        operators.put(
                "Size", of(c -> Tensors.inEngine(c.manager().create(c.in(0).size()))));
        operators.put("ConstantOfShape", of(ShapeOps::constantOfShape));
        operators.put("Range", of(ShapeOps::range));
    }

    /** The array without those axes, which are of size 1. */
    static NDArray squeeze(NDArray x, int[] axes) {
        long[] shape = x.getShape().getShape();
        return x.reshape(IntStream.range(0, shape.length)
                .filter(i -> IntStream.of(axes).noneMatch(axis -> axis == i))
                .mapToLong(i -> shape[i])
                .toArray());
    }

    private static long[] reshaped(Call call) {
        long[] target = call.has(1) ? call.longs(1) : call.node().integers("shape");
        long[] shape = call.shape(0);
        boolean keepZeros = call.node().integer("allowzero", 0) != 0;
        long[] result = target.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] = target[i] == 0 && !keepZeros ? shape[i] : target[i];
        }
        return result;
    }

    private static NDArray flatten(Call call) {
        long[] shape = call.shape(0);
        int axis = call.axis("axis", 1, shape.length);
        return call.in(0).reshape(Shapes.product(shape, 0, axis), Shapes.product(shape, axis, shape.length));
    }

    private static NDArray transpose(Call call) {
        int rank = call.rank(0);
        long[] perm = call.node().integers("perm");
        int[] axes = perm.length == 0 && rank > 0
                ? IntStream.range(0, rank).map(i -> rank - 1 - i).toArray()
                : Arrays.stream(perm).mapToInt(Math::toIntExact).toArray();
        return rank == 0 ? call.in(0) : call.in(0).transpose(axes);
    }

    private static NDArray squeeze(Call call) {
        long[] shape = call.shape(0);
        int[] axes = call.axes(1, shape.length);
        return squeeze(
                call.in(0),
                axes != null
                        ? axes
                        : IntStream.range(0, shape.length)
                                .filter(i -> shape[i] == 1)
                                .toArray());
    }

    private static NDArray unsqueeze(Call call) {
        long[] given = call.has(1) ? call.longs(1) : call.node().integers("axes");
        int rank = call.rank(0) + given.length;
        int[] axes = call.axes(1, rank);
        long[] result = new long[rank];
        for (int axis : axes) {
            result[axis] = 1;
        }
        long[] shape = call.shape(0);
        for (int i = 0, next = 0; i < rank; i++) {
            result[i] = result[i] == 1 ? 1 : shape[next++];
        }
        return call.in(0).reshape(result);
    }

    private static NDList split(Call call) {
        long[] shape = call.shape(0);
        int axis = call.axis("axis", 0, shape.length);
        int parts = call.outputs().size();
        long[] sizes = call.has(1) ? call.longs(1) : call.node().integers("split");
        if (sizes.length == 0) {
            long size = (shape[axis] + parts - 1) / parts;
            sizes = new long[parts];
            Arrays.fill(sizes, size);
            sizes[parts - 1] = shape[axis] - size * (parts - 1);
        }
        NDList result = new NDList(parts);
        long from = 0;
        for (long size : sizes) {
            result.add(call.in(0).get(new NDIndex().addAllDim(axis).addSliceDim(from, from + size)));
            from += size;
        }
        return result;
    }

    private static NDArray slice(Call call) {
        long[] starts = call.has(1) ? call.longs(1) : call.node().integers("starts");
        long[] ends = call.has(2) ? call.longs(2) : call.node().integers("ends");
        int[] axes = call.axes(3, call.rank(0));
        long[] steps = call.has(4) ? call.longs(4) : Shapes.ones(starts.length);
        NDArray result = call.in(0);
        for (int i = 0; i < starts.length; i++) {
            result = slice(result, axes == null ? i : axes[i], starts[i], ends[i], steps[i]);
        }
        return result;
    }

    /** The engine takes no negative steps: such a slice is taken from the array turned around. */
    private static NDArray slice(NDArray x, int axis, long start, long end, long step) {
        long size = x.size(axis);
        long from = start < 0 ? start + size : start;
        long to = end < 0 ? end + size : end;
        if (step < 0) {
            from = size - 1 - Math.max(0, Math.min(from, size - 1));
            to = size - 1 - Math.max(-1, Math.min(end < -size ? -1 : to, size - 1));
            return slice(x.flip(axis), axis, from, to, -step);
        }
        from = Math.max(0, Math.min(from, size));
        to = Math.max(from, Math.min(to, size));
        if (from == 0 && to == size && step == 1) {
            return x;
        }
        if (from == to) {
            long[] shape = x.getShape().getShape();
            shape[axis] = 0;
            return x.getManager().zeros(new Shape(shape), x.getDataType());
        }
        return x.get(new NDIndex().addAllDim(axis).addSliceDim(from, to, step));
    }

    private static NDArray expand(Call call) {
        Shape target = new Shape(call.longs(1));
        return call.in(0).broadcast(Shapes.broadcast(call.in(0).getShape(), target));
    }

    private static NDArray cast(Call call) {
        ElementType type = ElementType.ofCode((int) call.node().integer("to", 1));
        return call.in(0).toType(Tensors.torchType(type), false);
    }

    private static NDArray shape(Call call) {
        long[] shape = call.shape(0);
        int from = clamp(call.axis("start", 0, shape.length), shape.length);
        int to = clamp(call.axis("end", shape.length, shape.length), shape.length);
        return Tensors.inEngine(call.manager().create(Arrays.copyOfRange(shape, from, Math.max(from, to))));
    }

    private static int clamp(int axis, int rank) {
        return Math.max(0, Math.min(axis, rank));
    }

    private static NDArray constantOfShape(Call call) {
        Shape shape = new Shape(call.longs(0));
        if (call.node().attributes().get("value") instanceof Attribute.Constant value) {
            return Tensors.inEngine(Tensors.toArray(value.value().reshape(), call.manager()))
                    .broadcast(shape);
        }
        return call.manager().zeros(shape);
    }

    private static NDArray range(Call call) {
        NDArray first = call.in(0);
        if (first.getDataType() == DataType.INT64 || first.getDataType() == DataType.INT32) {
            long step = call.longs(2)[0];
            List<Long> values = new ArrayList<>();
            for (long v = call.longs(0)[0]; step > 0 ? v < call.longs(1)[0] : v > call.longs(1)[0]; v += step) {
                values.add(v);
            }
            long[] array = values.stream().mapToLong(Long::longValue).toArray();
            return Tensors.inEngine(call.manager().create(array)).toType(first.getDataType(), false);
        }
        return call.manager()
                .arange(call.number(0, 0), call.number(1, 0), call.number(2, 1))
                .toType(first.getDataType(), false);
    }
}
