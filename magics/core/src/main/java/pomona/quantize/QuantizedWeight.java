package pomona.quantize;

import java.util.Arrays;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/**
 * A weight as signed bytes: symmetric about zero, so that zeros stay zeros, with one scale for each channel or one for
 * all.
 *
 * @param values the bytes, in the weight's shape
 * @param scales what to multiply the bytes with; one for each channel along the axis, or one
 */
record QuantizedWeight(Tensor values, float[] scales) {

    /** The smallest scale: a channel of zeros, or of values next to zero, has this one. */
    static final float SMALLEST_SCALE = 1e-30f;

    /**
     * The smallest scales that lose nothing at the ends of the range.
     *
     * @param axis the dimension of channels, or -1 for one scale
     * @param largest the largest byte to use
     */
    static float[] scales(float[] weight, long[] shape, int axis, int largest) {
        int channels = axis < 0 ? 1 : Math.toIntExact(shape[axis]);
        float[] scales = new float[channels];
        int inner = inner(shape, axis);
        for (int i = 0; i < weight.length; i++) {
            int channel = axis < 0 ? 0 : i / inner % channels;
            scales[channel] = Math.max(scales[channel], Math.abs(weight[i]));
        }
        for (int c = 0; c < channels; c++) {
            scales[c] = scales[c] == 0 ? 1 : Math.max(SMALLEST_SCALE, scales[c] / largest);
        }
        return scales;
    }

    /** Rounds to the nearest step of given scales; what lies beyond the range is cut. */
    static QuantizedWeight of(float[] weight, long[] shape, int axis, float[] scales, int largest) {
        byte[] bytes = new byte[weight.length];
        int inner = inner(shape, axis);
        for (int i = 0; i < weight.length; i++) {
            float scale = axis < 0 ? scales[0] : scales[i / inner % scales.length];
            bytes[i] = (byte) Math.max(-largest, Math.min(largest, Math.rint(weight[i] / scale)));
        }
        return new QuantizedWeight(Tensor.ofBytes(ElementType.INT8, bytes, shape), scales);
    }

    /** How many neighbouring elements belong to the same channel; 1 when there is no axis of channels. */
    static int inner(long[] shape, int axis) {
        return axis < 0 ? 1 : (int) Arrays.stream(shape, axis + 1, shape.length).reduce(1, (a, b) -> a * b);
    }
}
