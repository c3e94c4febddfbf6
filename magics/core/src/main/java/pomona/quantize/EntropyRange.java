package pomona.quantize;

import java.util.function.IntPredicate;

/**
 * Finds the threshold beyond which values are cut so that the quantized distribution tells most of the one seen: the least
 * Kullback-Leibler divergence between the histogram with its outliers moved to the ends, and the same histogram in as many
 * levels as the integers have. Migacz, 8-bit Inference with TensorRT, GPU Technology Conference 2017.
 */
final class EntropyRange {

    /** So many thresholds are tried. */
    private static final int CANDIDATES = 160;

    /** Bins to a level when nothing is cut, as many as in the source: 2048 bins for 128 levels. */
    private static final int BINS_TO_A_LEVEL = 16;

    /** What an empty bin gets, so that no logarithm is of zero. */
    private static final double SMOOTHING = 1e-4;

    private final long[] counts;
    private final int levels;
    private final int first;
    private final int end;
    private final int merged;

    /**
     * A search over a histogram.
     *
     * @param counts values in bins about zero, which lies in the middle
     * @param levels how many integers there are
     */
    EntropyRange(long[] counts, int levels) {
        this.levels = levels;
        int from = first(counts);
        this.merged = Math.max(1, (end(counts) - from) / (BINS_TO_A_LEVEL * levels));
        this.counts = merge(counts, merged);
        this.first = Math.min(first(this.counts), this.counts.length / 2);
        this.end = Math.max(end(this.counts), this.counts.length / 2);
    }

    private static int first(long[] counts) {
        int first = 0;
        while (first < counts.length && counts[first] == 0) {
            first++;
        }
        return first;
    }

    private static int end(long[] counts) {
        int end = counts.length;
        while (end > 0 && counts[end - 1] == 0) {
            end--;
        }
        return end;
    }

    /** Merges neighbouring bins, so that zero stays in the middle. */
    private static long[] merge(long[] counts, int merged) {
        int middle = counts.length / 2;
        int side = (middle + merged - 1) / merged;
        long[] wide = new long[2 * side];
        for (int i = 0; i < counts.length; i++) {
            wide[side + Math.floorDiv(i - middle, merged)] += counts[i];
        }
        return wide;
    }

    /**
     * How many of the given bins on either side of the middle to keep.
     *
     * @param isBearable whether a number of bins to keep may be chosen
     */
    int threshold(IntPredicate isBearable) {
        int middle = counts.length / 2;
        int all = Math.max(middle - first, end - middle);
        int best = all;
        double least = Double.POSITIVE_INFINITY;
        int step = Math.max(1, all / CANDIDATES);
        for (int kept = all; kept > 0; kept -= step) {
            int from = Math.max(first, middle - kept);
            int to = Math.min(end, middle + kept);
            if (to - from < levels) {
                break;
            }
            double divergence = divergence(from, to);
            if (divergence < least && isBearable.test(kept * merged)) {
                least = divergence;
                best = kept;
            }
        }
        return best * merged;
    }

    private double divergence(int from, int to) {
        int length = to - from;
        double[] seen = new double[length];
        for (int i = 0; i < length; i++) {
            seen[i] = counts[from + i];
        }
        for (int i = first; i < from; i++) {
            seen[0] += counts[i];
        }
        for (int i = to; i < end; i++) {
            seen[length - 1] += counts[i];
        }
        double[] quantized = new double[length];
        for (int level = 0; level < levels; level++) {
            int start = (int) ((long) level * length / levels);
            int stop = (int) ((long) (level + 1) * length / levels);
            spread(seen, quantized, from, start, stop);
        }
        return divergence(smooth(seen), smooth(quantized));
    }

    /** What falls into one level is spread evenly over those of its bins that are not empty. */
    private void spread(double[] seen, double[] quantized, int from, int start, int stop) {
        double sum = 0;
        int filled = 0;
        for (int i = start; i < stop; i++) {
            sum += counts[from + i];
            filled += seen[i] != 0 ? 1 : 0;
        }
        for (int i = start; i < stop; i++) {
            quantized[i] = seen[i] == 0 ? 0 : sum / filled;
        }
    }

    /** The distribution of some counts, with a little in every bin; null when all bins are empty. */
    private static double[] smooth(double[] values) {
        double sum = 0;
        int empty = 0;
        for (double value : values) {
            sum += value;
            empty += value == 0 ? 1 : 0;
        }
        if (sum == 0) {
            return null;
        }
        double taken = SMOOTHING * empty / (values.length - empty);
        double[] smooth = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            smooth[i] = (values[i] == 0 ? SMOOTHING : Math.max(SMOOTHING, values[i] - taken)) / sum;
        }
        return smooth;
    }

    private static double divergence(double[] p, double[] q) {
        if (p == null || q == null) {
            return Double.POSITIVE_INFINITY;
        }
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] * Math.log(p[i] / q[i]);
        }
        return sum;
    }
}
