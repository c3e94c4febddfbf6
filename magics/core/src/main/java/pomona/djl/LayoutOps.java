package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.stream.LongStream;
import pomona.graph.ElementType;

/** Operators that pad, crop, mask and rearrange. */
final class LayoutOps {

    private LayoutOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Pad", of(LayoutOps::pad));
        operators.put("CenterCropPad", of(LayoutOps::centre));
        operators.put("DepthToSpace", of(LayoutOps::depthToSpace));
        operators.put("SpaceToDepth", of(LayoutOps::spaceToDepth));
        operators.put("Trilu", of(LayoutOps::triangle));
        operators.put("EyeLike", of(LayoutOps::eye));
    }

    private static NDArray pad(Call call) {
        int rank = call.rank(0);
        long[] pads = call.has(1)
                ? call.longs(1)
                : call.node().integers("pads", call.node().integers("paddings"));
        if (call.has(3)) {
            pads = onAxes(pads, call.axes(3, rank), rank);
        }
        String mode = call.node().text("mode", "constant");
        if (mode.equals("constant")) {
            return padWith(call, pads);
        }
        NDArray result = call.in(0);
        for (int axis = 0; axis < rank; axis++) {
            if (pads[axis] != 0 || pads[rank + axis] != 0) {
                long[] places = places(mode, call.shape(0)[axis], pads[axis], pads[rank + axis]);
                NDArray index = call.manager().create(places, new Shape(places.length));
                result = call.torchOf(new NDArray[] {result, index}, "torch.index_select({0}, {}, {1})", axis);
            }
        }
        return result;
    }

    private static NDArray padWith(Call call, long[] pads) {
        NDArray x = call.in(0);
        if (x.getDataType() == DataType.BOOLEAN) {
            return Shapes.pad(x.toType(DataType.UINT8, false), pads, call.number(2, 0))
                    .toType(DataType.BOOLEAN, false);
        }
        return Shapes.pad(x, pads, call.number(2, call.node().real("value", 0)));
    }

    /** For each element of the padded axis, where it is taken from. */
    private static long[] places(String mode, long size, long before, long after) {
        return LongStream.range(-before, size + after)
                .map(i -> switch (mode) {
                    case "edge" -> Math.max(0, Math.min(i, size - 1));
                    case "wrap" -> Math.floorMod(i, size);
                    case "reflect" -> {
                        long period = Math.max(1, 2 * (size - 1));
                        long at = Math.floorMod(i, period);
                        yield Math.min(at, period - at);
                    }
                    default -> throw new UnsupportedOperationException("padding of mode " + mode + " is not known");
                })
                .toArray();
    }

    private static long[] onAxes(long[] pads, int[] axes, int rank) {
        long[] result = new long[2 * rank];
        for (int i = 0; i < axes.length; i++) {
            result[axes[i]] = pads[i];
            result[rank + axes[i]] = pads[axes.length + i];
        }
        return result;
    }

    private static NDArray centre(Call call) {
        long[] shape = call.shape(0);
        int rank = shape.length;
        int[] axes = call.axes(2, rank);
        long[] wanted = call.longs(1);
        long[] pads = new long[2 * rank];
        for (int i = 0; i < wanted.length; i++) {
            int axis = axes == null ? i : axes[i];
            long missing = wanted[i] - shape[axis];
            pads[axis] = missing < 0 ? -(-missing / 2) : missing / 2;
            pads[rank + axis] = missing - pads[axis];
        }
        return Shapes.pad(call.in(0), pads, 0);
    }

    private static NDArray depthToSpace(Call call) {
        long block = call.node().integer("blocksize", 1);
        long[] s = call.shape(0);
        long depth = s[1] / (block * block);
        boolean columnsFirst = call.node().text("mode", "DCR").equals("CRD");
        NDArray apart = columnsFirst
                ? call.in(0).reshape(s[0], depth, block, block, s[2], s[3]).transpose(0, 1, 4, 2, 5, 3)
                : call.in(0).reshape(s[0], block, block, depth, s[2], s[3]).transpose(0, 3, 4, 1, 5, 2);
        return apart.reshape(s[0], depth, s[2] * block, s[3] * block);
    }

    private static NDArray spaceToDepth(Call call) {
        long block = call.node().integer("blocksize", 1);
        long[] s = call.shape(0);
        boolean columnsFirst = call.node().text("mode", "DCR").equals("CRD");
        NDArray apart = call.in(0).reshape(s[0], s[1], s[2] / block, block, s[3] / block, block);
        NDArray moved = columnsFirst ? apart.transpose(0, 1, 3, 5, 2, 4) : apart.transpose(0, 3, 5, 1, 2, 4);
        return moved.reshape(s[0], s[1] * block * block, s[2] / block, s[3] / block);
    }

    private static NDArray triangle(Call call) {
        long diagonal = call.has(1) ? call.longs(1)[0] : 0;
        NDArray[] inputs = {call.in(0), call.manager().create(diagonal)};
        boolean upper = call.node().integer("upper", 1) != 0;
        return TorchFunction.one(upper ? "torch.triu({0}, int({1}))" : "torch.tril({0}, int({1}))", inputs);
    }

    private static NDArray eye(Call call) {
        long[] shape = call.shape(0);
        DataType type = call.node().attributes().containsKey("dtype")
                ? Tensors.torchType(ElementType.ofCode((int) call.node().integer("dtype", 1)))
                : call.in(0).getDataType();
        NDArray[] sides = {
            call.manager().arange(0, (int) shape[0], 1, DataType.INT64).reshape(shape[0], 1),
            call.manager().arange(0, (int) shape[1], 1, DataType.INT64).reshape(1, shape[1])
        };
        return TorchFunction.one("{0} + {} == {1}", sides, call.node().integer("k", 0))
                .toType(type, false);
    }
}
