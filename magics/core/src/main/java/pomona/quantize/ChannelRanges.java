package pomona.quantize;

import java.util.Arrays;
import pomona.graph.Tensor;

/** The smallest, the largest and the mean squared value of each channel of an activation, as records stream by. */
final class ChannelRanges {

    private final float[] smallest;
    private final float[] largest;
    private final double[] squares;
    private long values;

    ChannelRanges(int channels) {
        smallest = new float[channels];
        largest = new float[channels];
        squares = new double[channels];
    }

    int channels() {
        return squares.length;
    }

    /**
     * Takes in the values of a batch.
     *
     * @param axis the dimension that counts channels; each channel may be some neighbours of it
     */
    void add(Tensor tensor, int axis) {
        long[] shape = tensor.shape();
        int inner = (int) Arrays.stream(shape, axis + 1, shape.length).reduce(1, (a, b) -> a * b);
        int dimension = Math.toIntExact(shape[axis]);
        int each = dimension / channels();
        float[] all = tensor.toFloatArray();
        for (int i = 0; i < all.length; i++) {
            float value = all[i];
            int channel = i / inner % dimension / each;
            smallest[channel] = Math.min(smallest[channel], value);
            largest[channel] = Math.max(largest[channel], value);
            squares[channel] += (double) value * value;
        }
        values += all.length / channels();
    }

    /** The largest magnitude of a channel. */
    float magnitude(int channel) {
        return Math.max(largest[channel], -smallest[channel]);
    }

    /** The mean square of a channel. */
    double meanSquare(int channel) {
        return squares[channel] / Math.max(1, values);
    }

    /** How far apart the ends of all channels, and zero, are when each channel is divided by its factor. */
    double width(double[] factors) {
        double low = 0;
        double high = 0;
        for (int c = 0; c < factors.length; c++) {
            low = Math.min(low, smallest[c] / factors[c]);
            high = Math.max(high, largest[c] / factors[c]);
        }
        return high - low;
    }
}
