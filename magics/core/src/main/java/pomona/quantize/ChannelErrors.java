package pomona.quantize;

import java.util.Arrays;
import pomona.graph.Tensor;

/**
 * Sums over a value of two networks, channel by channel, of which the power of its error is made up: as it is, or with each
 * channel of the second network taken back to the scale that it has in the first.
 */
final class ChannelErrors {

    /** Where factors take less of the error away than this, in decibels, they are errors and not the scale of channels. */
    private static final double LEAST_GAIN = 3;

    private double[] right = new double[0];
    private double[] near = new double[0];
    private double[] both = new double[0];
    private double difference;
    private long count;
    private boolean comparable = true;

    /**
     * Adds a batch of values. Channels are the second dimension of images and the last one of others.
     *
     * @param wanted what the first network gives
     * @param got what the second network gives
     */
    void add(Tensor wanted, Tensor got) {
        comparable &= got != null && Arrays.equals(wanted.shape(), got.shape()) && wanted.rank() > 0;
        if (!comparable) {
            return;
        }
        int axis = wanted.rank() > 3 ? 1 : wanted.rank() - 1;
        int channels = Math.toIntExact(wanted.dim(axis));
        int inner = 1;
        for (int d = axis + 1; d < wanted.rank(); d++) {
            inner *= Math.toIntExact(wanted.dim(d));
        }
        grow(channels);
        float[] w = wanted.toFloatArray();
        float[] g = got.toFloatArray();
        for (int i = 0; i < w.length; i++) {
            int channel = i / inner % channels;
            right[channel] += (double) w[i] * w[i];
            near[channel] += (double) g[i] * g[i];
            both[channel] += (double) w[i] * g[i];
        }
        difference += SignalToNoise.difference(w, g);
        count += w.length;
    }

    /** A sequence as the last dimension may be longer in the next batch. */
    private void grow(int channels) {
        if (channels > right.length) {
            right = Arrays.copyOf(right, channels);
            near = Arrays.copyOf(near, channels);
            both = Arrays.copyOf(both, channels);
        }
    }

    /**
     * The ratio of signal to noise in decibels; NaN when the two can not be compared.
     *
     * @param rescaled whether channels of the second network may have another scale
     */
    double decibels(boolean rescaled) {
        if (!comparable) {
            return Double.NaN;
        }
        double plain = SignalToNoise.decibels(Arrays.stream(right).sum(), difference);
        double fitted = rescaled ? fitted() : Double.NaN;
        return fitted > plain + LEAST_GAIN ? fitted : plain;
    }

    /**
     * The ratio with each channel at the scale at which it is nearest to what is wanted. Choosing it takes one of the
     * channel's numbers of freedom from the error, which is made up for.
     */
    private double fitted() {
        double noise = 0;
        for (int c = 0; c < right.length; c++) {
            double scale = right[c] == 0 ? 1 : both[c] / right[c];
            boolean silent = scale == 0 || near[c] == 0;
            noise += silent ? right[c] : Math.max(0, near[c] / (scale * scale) - 2 * both[c] / scale + right[c]);
        }
        double each = (double) count / right.length;
        return SignalToNoise.decibels(Arrays.stream(right).sum(), each > 1 ? noise * each / (each - 1) : Double.NaN);
    }
}
