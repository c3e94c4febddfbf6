package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Map;

/** Convolutions and pooling over one, two or three spatial dimensions. */
final class ConvolutionOps {

    private ConvolutionOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Conv", of(ConvolutionOps::convolve));
        operators.put("MaxPool", of(ConvolutionOps::maxPool));
        operators.put("AveragePool", of(ConvolutionOps::averagePool));
        operators.put(
                "GlobalAveragePool",
                of(c -> global(c.in(0), c.in(0).getNDArrayInternal().globalAvgPool())));
        operators.put(
                "GlobalMaxPool",
                of(c -> global(c.in(0), c.in(0).getNDArrayInternal().globalMaxPool())));
        operators.put("ConvTranspose", of(ConvolutionOps::convolveTransposed));
    }

    private static NDArray convolve(Call call) {
        int n = call.rank(0) - 2;
        long[] weight = call.shape(1);
        long[] kernel = Arrays.copyOfRange(weight, 2, weight.length);
        long[] strides = call.node().integers("strides", Shapes.ones(n));
        long[] dilations = call.node().integers("dilations", Shapes.ones(n));
        long[] pads = Shapes.pads(call, kernel, strides, dilations);
        NDArray x = call.in(0);
        long[] padding = Shapes.symmetric(pads);
        if (padding == null) {
            x = x.pad(Shapes.enginePads(pads), 0);
            padding = new long[n];
        }
        return convolution(x, call.in(1), call.optional(2), strides, padding, dilations, groups(call));
    }

    /** Spreads the input with zeros between its elements, then convolves it with the mirrored kernel. */
    private static NDArray convolveTransposed(Call call) {
        int n = call.rank(0) - 2;
        long[] weight = call.shape(1);
        long[] kernel = Arrays.copyOfRange(weight, 2, weight.length);
        long[] strides = call.node().integers("strides", Shapes.ones(n));
        long[] dilations = call.node().integers("dilations", Shapes.ones(n));
        long[] extra = call.node().integers("output_padding", new long[n]);
        if (!call.node().text("auto_pad", "NOTSET").equals("NOTSET")
                || call.node().integers("output_shape").length > 0) {
            throw new UnsupportedOperationException("auto_pad and output_shape are not supported here");
        }
        long[] pads = call.node().integers("pads", new long[2 * n]);
        long[] around = new long[2 * n];
        for (int i = 0; i < n; i++) {
            long reach = dilations[i] * (kernel[i] - 1);
            around[i] = reach - pads[i];
            around[n + i] = reach - pads[n + i] + extra[i];
        }
        NDArray x = spread(call.in(0), strides).pad(Shapes.enginePads(around), 0);
        int groups = groups(call);
        return convolution(
                x, mirrored(call.in(1), groups), call.optional(2), Shapes.ones(n), new long[n], dilations, groups);
    }

    private static NDArray spread(NDArray x, long[] strides) {
        NDArray result = x;
        for (int i = 0; i < strides.length; i++) {
            if (strides[i] > 1) {
                int axis = 2 + i;
                long[] shape = result.getShape().getShape();
                NDArray apart = result.expandDims(axis + 1);
                long[] pads = new long[2 * (shape.length - axis)];
                pads[pads.length - 1] = strides[i] - 1;
                NDArray padded = apart.pad(new Shape(pads), 0);
                shape[axis] *= strides[i];
                NDArray joined = padded.reshape(shape);
                result = joined.get(upTo(axis, shape[axis] - strides[i] + 1));
            }
        }
        return result;
    }

    private static NDIndex upTo(int axis, long end) {
        return new NDIndex().addAllDim(axis).addSliceDim(0, end);
    }

    /** From (in, out/groups, kernel) to (out, in/groups, kernel), every kernel turned around. */
    private static NDArray mirrored(NDArray weight, int groups) {
        long[] shape = weight.getShape().getShape();
        int[] spatial = new int[shape.length - 2];
        Arrays.setAll(spatial, i -> 2 + i);
        NDArray turned = spatial.length == 0 ? weight : weight.flip(spatial);
        long[] grouped = new long[shape.length + 1];
        grouped[0] = groups;
        grouped[1] = shape[0] / groups;
        System.arraycopy(shape, 1, grouped, 2, shape.length - 1);
        long[] result = shape.clone();
        result[0] = shape[1] * groups;
        result[1] = shape[0] / groups;
        return turned.reshape(grouped).swapAxes(1, 2).reshape(result);
    }

    private static NDArray convolution(
            NDArray x, NDArray weight, NDArray bias, long[] strides, long[] padding, long[] dilations, int groups) {
        return x.getNDArrayInternal()
                .convolution(x, weight, bias, new Shape(strides), new Shape(padding), new Shape(dilations), groups)
                .head();
    }

    private static int groups(Call call) {
        return Math.toIntExact(call.node().integer("group", 1));
    }

    private static NDArray maxPool(Call call) {
        if (call.outputs().size() > 1 && !call.outputs().get(1).isEmpty()) {
            throw new UnsupportedOperationException("its second output, the indices, is not supported here");
        }
        Window window = Window.of(call);
        NDArray x = call.in(0);
        long[] padding = window.enginePadding();
        if (padding == null) {
            x = x.pad(Shapes.enginePads(window.pads), Double.NEGATIVE_INFINITY);
            padding = new long[window.kernel.length];
        }
        return x.getNDArrayInternal()
                .maxPool(new Shape(window.kernel), new Shape(window.strides), new Shape(padding), window.ceil);
    }

    private static NDArray averagePool(Call call) {
        Window window = Window.of(call);
        boolean countPads = call.node().integer("count_include_pad", 0) != 0;
        NDArray x = call.in(0);
        if (Arrays.stream(window.pads).allMatch(pad -> pad == 0)) {
            return average(x, window);
        }
        // What was padded is counted here, and taken out again: not every release of the engine can leave it out.
        Shape pads = Shapes.enginePads(window.pads);
        NDArray sums = average(x.pad(pads, 0), window);
        return countPads ? sums : sums.div(average(x.onesLike().pad(pads, 0), window));
    }

    /** Whether the engine counts padded zeros in averages even when it is told not to, as DJL 0.35 does. */
    static boolean countsPadsAlways() {
        try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu())) {
            Shape two = new Shape(2);
            NDArray ones = manager.ones(new Shape(1, 1, 2));
            NDArray corner = ones.getNDArrayInternal().avgPool(two, two, new Shape(1), false, false);
            return corner.toFloatArray()[0] < 1;
        }
    }

    private static NDArray average(NDArray x, Window window) {
        Shape kernel = new Shape(window.kernel);
        Shape none = new Shape(new long[window.kernel.length]);
        return x.getNDArrayInternal().avgPool(kernel, new Shape(window.strides), none, window.ceil, true);
    }

    private static NDArray global(NDArray x, NDArray pooled) {
        long[] shape = Shapes.ones(x.getShape().dimension());
        shape[0] = x.size(0);
        shape[1] = x.size(1);
        return pooled.reshape(shape);
    }

    /** What a pooling operator looks at. */
    private record Window(long[] kernel, long[] strides, long[] pads, boolean ceil) {

        static Window of(Call call) {
            long[] kernel = call.node().integers("kernel_shape");
            long[] strides = call.node().integers("strides", Shapes.ones(kernel.length));
            long[] dilations = call.node().integers("dilations", Shapes.ones(kernel.length));
            if (Arrays.stream(dilations).anyMatch(d -> d != 1)) {
                throw new UnsupportedOperationException("dilated pooling is not supported here");
            }
            long[] pads = Shapes.pads(call, kernel, strides, dilations);
            return new Window(kernel, strides, pads, call.node().integer("ceil_mode", 0) != 0);
        }

        /** The engine pads both sides alike, by at most half of the kernel; null when that is not what is asked for. */
        long[] enginePadding() {
            long[] padding = Shapes.symmetric(pads);
            for (int i = 0; padding != null && i < padding.length; i++) {
                padding = padding[i] > kernel[i] / 2 ? null : padding;
            }
            return padding;
        }
    }
}
