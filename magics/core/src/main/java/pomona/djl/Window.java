package pomona.djl;

/**
 * What a pooling operator looks at.
 *
 * @param pads what is added before and after each dimension, as ONNX writes it
 * @param extra what the last window of each dimension reaches beyond the padded input, when sizes are rounded up
 */
record Window(long[] kernel, long[] strides, long[] dilations, long[] pads, long[] extra, boolean ceil) {

    static Window of(Call call) {
        long[] kernel = call.node().integers("kernel_shape");
        int n = kernel.length;
        long[] strides = call.node().integers("strides", Shapes.ones(n));
        long[] dilations = call.node().integers("dilations", Shapes.ones(n));
        long[] pads = Shapes.pads(call, kernel, strides, dilations);
        boolean ceil = call.node().integer("ceil_mode", 0) != 0;
        long[] extra = new long[n];
        for (int i = 0; ceil && i < n; i++) {
            long size = call.shape(0)[2 + i];
            long reach = dilations[i] * (kernel[i] - 1) + 1;
            long padded = size + pads[i] + pads[n + i];
            long steps = (padded - reach + strides[i] - 1) / strides[i] + 1;
            // A window that would begin behind the input is left out.
            steps -= (steps - 1) * strides[i] >= size + pads[i] ? 1 : 0;
            extra[i] = Math.max(0, (steps - 1) * strides[i] + reach - padded);
        }
        return new Window(kernel, strides, dilations, pads, extra, ceil);
    }

    int dimensions() {
        return kernel.length;
    }

    boolean isDilated() {
        for (long dilation : dilations) {
            if (dilation != 1) {
                return true;
            }
        }
        return false;
    }

    /** The engine pads both sides alike, by at most half of the kernel; null when that is not what is asked for. */
    long[] enginePadding() {
        long[] padding = Shapes.symmetric(pads);
        for (int i = 0; padding != null && i < padding.length; i++) {
            padding = padding[i] > kernel[i] / 2 ? null : padding;
        }
        return padding;
    }

    /** The pads with what the last windows reach beyond them. */
    long[] allPads() {
        long[] all = pads.clone();
        for (int i = 0; i < kernel.length; i++) {
            all[kernel.length + i] += extra[i];
        }
        return all;
    }
}
