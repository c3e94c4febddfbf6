package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.stream.IntStream;

/** Resizing by interpolation: each axis is multiplied with the weights that its new elements give to the old ones. */
final class ResizeOps {

    private ResizeOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Resize", of(ResizeOps::resize));
        operators.put("Upsample", of(ResizeOps::upsample));
    }

    private static NDArray upsample(Call call) {
        double[] scales = call.has(1) ? call.numbers(1) : call.reals("scales");
        Interpolation interpolation = Interpolation.upsample(call.node().text("mode", "nearest"));
        NDArray result = call.in(0);
        for (int axis = 0; axis < scales.length; axis++) {
            long size = call.shape(0)[axis];
            result = along(call, result, axis, interpolation, size, (long) (size * scales[axis]), scales[axis], null);
        }
        return result;
    }

    private static NDArray resize(Call call) {
        int rank = call.rank(0);
        boolean old = call.opset() < 11;
        int scalesAt = old ? 1 : 2;
        int[] axes = call.axes(-1, rank);
        axes = axes == null ? IntStream.range(0, rank).toArray() : axes;
        long[] shape = call.shape(0);
        boolean bySizes = call.has(3) && call.in(3).size() > 0;
        double[] scales = bySizes ? new double[axes.length] : call.numbers(scalesAt);
        long[] sizes = new long[axes.length];
        for (int i = 0; i < axes.length && !bySizes; i++) {
            sizes[i] = (long) Math.floor(shape[axes[i]] * scales[i]);
        }
        if (bySizes) {
            fit(call.node().text("keep_aspect_ratio_policy", "stretch"), call.longs(3), shape, axes, sizes, scales);
        }
        double[] region = !old && call.has(1) && call.in(1).size() > 0 ? call.numbers(1) : null;
        Interpolation interpolation = Interpolation.of(call, old);
        NDArray result = call.in(0);
        NDArray outside = null;
        for (int i = 0; i < axes.length; i++) {
            double[] span = region == null ? null : new double[] {region[i], region[axes.length + i]};
            long size = shape[axes[i]];
            result = along(call, result, axes[i], interpolation, size, sizes[i], scales[i], span);
            outside = outside(call, outside, interpolation, axes[i], size, sizes[i], scales[i], span);
        }
        return outside == null
                ? result
                : call.torchOf(
                        new NDArray[] {result, outside},
                        "torch.where({1}, torch.full_like({0}, {}), {0})",
                        call.node().real("extrapolation_value", 0));
    }

    /** The sizes that are asked for, or those that keep the proportions within them or around them. */
    private static void fit(String policy, long[] wanted, long[] shape, int[] axes, long[] sizes, double[] scales) {
        double common = policy.equals("not_larger") ? Double.POSITIVE_INFINITY : 0;
        for (int i = 0; i < axes.length; i++) {
            scales[i] = (double) wanted[i] / shape[axes[i]];
            sizes[i] = wanted[i];
            common = policy.equals("not_larger") ? Math.min(common, scales[i]) : Math.max(common, scales[i]);
        }
        if (!policy.equals("stretch")) {
            for (int i = 0; i < axes.length; i++) {
                scales[i] = common;
                sizes[i] = (long) Math.floor(common * shape[axes[i]] + 0.5);
            }
        }
    }

    private static NDArray along(
            Call call,
            NDArray x,
            int axis,
            Interpolation interpolation,
            long size,
            long target,
            double scale,
            double[] span) {
        if (size == target && scale == 1 && span == null) {
            return x;
        }
        if (interpolation.isNearest()) {
            long[] places = interpolation.nearest(size, target, scale, span);
            NDArray index = call.manager().create(places, new Shape(places.length));
            return call.torchOf(new NDArray[] {x, index}, "torch.index_select({0}, {}, {1})", axis);
        }
        DataType type = x.getDataType();
        float[] weights = interpolation.weights(size, target, scale, span);
        NDArray matrix = call.manager().create(weights, new Shape(target, size)).toType(type, false);
        NDArray[] inputs = {x, matrix};
        return axis == x.getShape().dimension() - 1
                ? call.torchOf(inputs, "torch.matmul({0}, {1}.t())")
                : call.torchOf(
                        inputs,
                        "torch.transpose(torch.matmul(torch.transpose({0}, {}, -1), {1}.t()), {}, -1)",
                        axis,
                        axis);
    }

    /** Flags what lies outside of the image along this or an earlier axis; null while nothing can. */
    private static NDArray outside(
            Call call,
            NDArray before,
            Interpolation interpolation,
            int axis,
            long size,
            long target,
            double scale,
            double[] span) {
        boolean[] flags = interpolation.outside(size, target, scale, span);
        if (flags == null) {
            return before;
        }
        long[] line = Shapes.ones(call.rank(0));
        line[axis] = target;
        NDArray here = call.manager().create(flags).reshape(line);
        return before == null ? here : before.logicalOr(here);
    }
}
