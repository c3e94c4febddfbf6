package pomona.quantize;

/**
 * Counts values in bins about zero that widen when larger values come: any number of values in bounded memory, in one
 * pass, with the same result however they are batched.
 */
final class RunningHistogram {

    /** Even, so that pairs of bins merge about zero; many, so that outliers leave enough bins for the rest. */
    static final int BINS = 1 << 14;

    /** The first limit; a power of two, so that all later ones are too. */
    private static final double SMALLEST_LIMIT = 0x1p-10;

    private final long[] counts = new long[BINS];
    private double limit = SMALLEST_LIMIT;
    private long total;
    private long zeros;

    void add(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        while (largest >= limit) {
            widen();
        }
        // Limits and numbers of bins are powers of two, so this product is exact.
        double perUnit = BINS / 2 / limit;
        long exact = 0;
        for (float value : values) {
            counts[(int) (value * perUnit + BINS / 2)]++;
            exact += value == 0 ? 1 : 0;
        }
        total += values.length;
        zeros += exact;
    }

    /** The value that a share of all values lies below, at the upper edge of its bin. */
    double quantile(double share) {
        long wanted = (long) Math.ceil(share * total);
        long below = 0;
        for (int bin = 0; bin < BINS; bin++) {
            below += counts[bin];
            if (below >= wanted) {
                return edge(bin + 1);
            }
        }
        return limit;
    }

    /** The value that a share of all values lies above, at the lower edge of its bin. */
    double upperQuantile(double share) {
        long wanted = (long) Math.ceil(share * total);
        long above = 0;
        for (int bin = BINS - 1; bin >= 0; bin--) {
            above += counts[bin];
            if (above >= wanted) {
                return edge(bin);
            }
        }
        return -limit;
    }

    /** The lower edge of a bin. */
    double edge(int bin) {
        return -limit + 2 * limit * bin / BINS;
    }

    /** How many values each bin has. */
    long[] counts() {
        return counts.clone();
    }

    /** How many values each bin has, but for those that are exactly zero, which any range represents exactly. */
    long[] countsBesideZero() {
        long[] beside = counts.clone();
        beside[BINS / 2] -= zeros;
        return beside;
    }

    private void widen() {
        long[] wide = new long[BINS];
        for (int bin = 0; bin < BINS; bin++) {
            wide[BINS / 4 + bin / 2] += counts[bin];
        }
        System.arraycopy(wide, 0, counts, 0, BINS);
        limit *= 2;
    }
}
