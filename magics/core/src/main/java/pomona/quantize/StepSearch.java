package pomona.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.evaluate.Activations;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.Network;
import pomona.graph.Tensor;

/**
 * Finds the steps of a lattice with the least mean squared error: where the learning of steps starts, and what few bits
 * can do without learning.
 */
final class StepSearch {

    private static final int CANDIDATES = 60;
    private static final double FINEST = 0.05;
    private static final double LEAST = 1e-8;

    private StepSearch() {}

    /**
     * The lattice of an activation.
     *
     * @param step the distance of its levels
     * @param zero how many levels are below zero
     * @param levels how many levels there are above the lowest
     */
    record Lattice(float step, int zero, int levels) {

        int low() {
            return -zero;
        }

        int high() {
            return levels - zero;
        }

        private static Lattice over(double min, double max, int levels) {
            double step = Math.max((max - min) / levels, LEAST);
            int zero = (int) Math.max(0, Math.min(levels - 1, Math.rint(-min / step)));
            return new Lattice((float) step, zero, levels);
        }
    }

    /** Measures the values of activations on data, and gives each its lattice of so many bits. */
    static Map<String, Lattice> activations(
            Network network, Collection<String> values, MeasuredRecords records, int bits) {
        Map<String, RunningHistogram> histograms = new LinkedHashMap<>();
        values.forEach(value -> histograms.put(value, new RunningHistogram()));
        Activations.forEachFinite(
                "calibrate " + network.name(), "quantize", network, values, records, (name, tensor) -> histograms
                        .get(name)
                        .add(tensor.toFloatArray()));
        Map<String, Lattice> lattices = new LinkedHashMap<>();
        histograms.forEach((name, histogram) -> lattices.put(name, lattice(histogram, (1 << bits) - 1)));
        return lattices;
    }

    /** Both ends of the range are drawn in together first, then each by itself. */
    private static Lattice lattice(RunningHistogram histogram, int levels) {
        List<double[]> bins = new ArrayList<>();
        long[] counts = histogram.countsBesideZero();
        double min = 0;
        double max = 0;
        for (int bin = 0; bin < counts.length; bin++) {
            if (counts[bin] > 0) {
                min = Math.min(min, histogram.edge(bin));
                max = Math.max(max, histogram.edge(bin + 1));
                bins.add(new double[] {(histogram.edge(bin) + histogram.edge(bin + 1)) / 2, counts[bin]});
            }
        }
        double[] best = {min, max};
        double least = Double.POSITIVE_INFINITY;
        for (int side = 0; side < 3; side++) {
            double[] start = best;
            for (int i = 0; i < CANDIDATES; i++) {
                double share = 1 - (1 - FINEST) * i / CANDIDATES;
                double[] range = {side == 2 ? start[0] : start[0] * share, side == 1 ? start[1] : start[1] * share};
                double error = error(bins, Lattice.over(range[0], range[1], levels));
                if (error < least) {
                    least = error;
                    best = range;
                }
            }
        }
        return Lattice.over(best[0], best[1], levels);
    }

    private static double error(List<double[]> bins, Lattice lattice) {
        double sum = 0;
        for (double[] bin : bins) {
            sum += bin[1] * square(bin[0], lattice.step(), lattice.low(), lattice.high());
        }
        return sum;
    }

    /** The steps of a weight, one for each channel along an axis, or one when the axis is negative. */
    static float[] weights(Tensor weight, int axis, int low, int high) {
        float[] values = weight.toFloatArray();
        int channels = axis < 0 ? 1 : Math.toIntExact(weight.dim(axis));
        int inner = QuantizedWeight.inner(weight.shape(), axis);
        float[] largest = new float[channels];
        for (int i = 0; i < values.length; i++) {
            int channel = i / inner % channels;
            largest[channel] = Math.max(largest[channel], Math.abs(values[i]));
        }
        float[] best = new float[channels];
        double[] least = new double[channels];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
        for (int candidate = 0; candidate < CANDIDATES; candidate++) {
            double share = 1 - (1 - FINEST) * candidate / CANDIDATES;
            double[] errors = new double[channels];
            for (int i = 0; i < values.length; i++) {
                int channel = i / inner % channels;
                errors[channel] += square(values[i], step(largest[channel], share, high), low, high);
            }
            for (int c = 0; c < channels; c++) {
                if (errors[c] < least[c]) {
                    least[c] = errors[c];
                    best[c] = (float) step(largest[c], share, high);
                }
            }
        }
        return best;
    }

    private static double step(float largest, double share, int high) {
        return largest == 0 ? 1 : Math.max(largest * share / high, LEAST);
    }

    private static double square(double value, double step, int low, int high) {
        double difference = Math.max(low, Math.min(high, Math.rint(value / step))) * step - value;
        return difference * difference;
    }
}
