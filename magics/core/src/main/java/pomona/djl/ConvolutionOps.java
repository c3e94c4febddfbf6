package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Map;

/** Convolutions over one, two or three spatial dimensions, and what is made of their columns. */
final class ConvolutionOps {

    private ConvolutionOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Conv", of(ConvolutionOps::convolve));
        operators.put("ConvTranspose", of(ConvolutionOps::convolveTransposed));
        operators.put("Col2Im", of(ConvolutionOps::columnsToImage));
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
        return x.getNDArrayInternal()
                .convolution(
                        x,
                        n == 2 ? channelsLast(call.in(1)) : call.in(1),
                        call.optional(2),
                        new Shape(strides),
                        new Shape(padding),
                        new Shape(dilations),
                        groups(call))
                .head();
    }

    /** Kernels in this order make the engine keep images so: its convolutions and poolings over them are faster. */
    private static NDArray channelsLast(NDArray kernels) {
        return TorchFunction.one("{0}.clone(memory_format=2)", new NDArray[] {kernels});
    }

    private static int groups(Call call) {
        return Math.toIntExact(call.node().integer("group", 1));
    }

    /** What the pads cut off is cut off by the engine if it can, else from the whole result. */
    private static NDArray convolveTransposed(Call call) {
        int n = call.rank(0) - 2;
        long[] strides = call.node().integers("strides", Shapes.ones(n));
        long[] dilations = call.node().integers("dilations", Shapes.ones(n));
        long[] extra = call.node().integers("output_padding", new long[n]);
        long[] pads = transposedPads(call, strides, dilations, extra);
        long[] padding = Shapes.symmetric(pads);
        boolean plain = padding != null && Arrays.stream(padding).allMatch(p -> p >= 0);
        for (int i = 0; i < n; i++) {
            plain &= extra[i] == 0 || extra[i] < Math.max(strides[i], dilations[i]);
        }
        String function = "torch.conv_transpose" + n + "d({0}, {1}, ";
        if (plain) {
            return call.torch(function + "{2}, {}, {}, {}, {}, {})", strides, padding, extra, groups(call), dilations);
        }
        long[] none = new long[n];
        NDArray whole =
                call.torch(function + "None, {}, {}, {}, {}, {})", strides, none, none, groups(call), dilations);
        long[] cut = new long[2 * n];
        for (int i = 0; i < n; i++) {
            cut[i] = -pads[i];
            cut[n + i] = extra[i] - pads[n + i];
        }
        NDArray result = Shapes.pad(whole, cut, 0);
        if (!call.has(2)) {
            return result;
        }
        long[] channels = Shapes.ones(n + 1);
        channels[0] = -1;
        return result.add(call.in(2).reshape(channels));
    }

    /** Pads before and after, computed from the wanted size if that is what is given (ONNX, ConvTranspose). */
    private static long[] transposedPads(Call call, long[] strides, long[] dilations, long[] extra) {
        int n = strides.length;
        String auto = call.node().text("auto_pad", "NOTSET");
        long[] wanted = call.node().integers("output_shape", (long[]) null);
        if (wanted == null && (auto.equals("NOTSET") || auto.equals("VALID"))) {
            return call.node().integers("pads", new long[2 * n]);
        }
        long[] pads = new long[2 * n];
        for (int i = 0; i < n; i++) {
            long size = call.shape(0)[2 + i];
            long kernel = call.shape(1)[2 + i];
            long target = wanted == null ? size * strides[i] : wanted[wanted.length - n + i];
            long total = strides[i] * (size - 1) + extra[i] + (kernel - 1) * dilations[i] + 1 - target;
            // What is missing is added at the end.
            long cut = Math.max(0, total);
            pads[i] = auto.equals("SAME_UPPER") ? cut / 2 : cut - cut / 2;
            pads[n + i] = total - pads[i];
        }
        return pads;
    }

    /** Adds each element of the columns to the place in the image that it was taken from. */
    private static NDArray columnsToImage(Call call) {
        long[] image = call.longs(1);
        long[] block = call.longs(2);
        int n = image.length;
        long[] dilations = call.node().integers("dilations", Shapes.ones(n));
        long[] pads = call.node().integers("pads", new long[2 * n]);
        long[] strides = call.node().integers("strides", Shapes.ones(n));
        long[] padded = new long[n];
        long[] steps = new long[n];
        for (int i = 0; i < n; i++) {
            padded[i] = image[i] + pads[i] + pads[n + i];
            steps[i] = (padded[i] - dilations[i] * (block[i] - 1) - 1) / strides[i] + 1;
        }
        long[] places = columnPlaces(block, steps, strides, dilations, padded);
        long[] shape = call.shape(0);
        long kernel = Shapes.product(block, 0, n);
        long channels = shape[1] / kernel;
        NDArray index = call.manager().create(places).toType(DataType.INT64, false);
        NDArray columns = call.in(0).reshape(shape[0] * channels, places.length);
        long[] whole = new long[n + 2];
        whole[0] = shape[0];
        whole[1] = channels;
        System.arraycopy(padded, 0, whole, 2, n);
        NDArray empty = call.manager()
                .zeros(new Shape(shape[0] * channels, Shapes.product(padded, 0, n)), columns.getDataType());
        NDArray sums = call.torchOf(new NDArray[] {empty, index, columns}, "torch.index_add({0}, 1, {1}, {2})");
        long[] cut = Arrays.stream(pads).map(pad -> -pad).toArray();
        return Shapes.pad(sums.reshape(whole), cut, 0);
    }

    /** For each element of a column and each step of the window, its place in the padded image. */
    private static long[] columnPlaces(long[] block, long[] steps, long[] strides, long[] dilations, long[] padded) {
        int n = block.length;
        int kernel = Math.toIntExact(Shapes.product(block, 0, n));
        int count = Math.toIntExact(Shapes.product(steps, 0, n));
        long[] places = new long[kernel * count];
        for (int k = 0; k < kernel; k++) {
            for (int s = 0; s < count; s++) {
                long place = 0;
                long factor = 1;
                long restOfKernel = k;
                long restOfSteps = s;
                for (int i = n - 1; i >= 0; i--) {
                    long at = restOfKernel % block[i] * dilations[i] + restOfSteps % steps[i] * strides[i];
                    place += at * factor;
                    factor *= padded[i];
                    restOfKernel /= block[i];
                    restOfSteps /= steps[i];
                }
                places[k * count + s] = place;
            }
        }
        return places;
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
}
