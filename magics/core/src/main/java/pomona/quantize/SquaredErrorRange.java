package pomona.quantize;

/**
 * Finds the range with the least mean squared error on a histogram: cutting outliers costs some of it, a finer step saves
 * some. Both ends are drawn in together first, then each by itself. Banner, Nahshan, Soudry, 2019 (arXiv 1810.05723),
 * section 3, by search instead of a formula for one distribution.
 */
final class SquaredErrorRange {

    private static final int CANDIDATES = 100;

    private final double[] values;
    private final long[] counts;
    private final ActivationType type;

    SquaredErrorRange(RunningHistogram histogram, ActivationType type) {
        this.type = type;
        long[] all = histogram.countsBesideZero();
        int filled = 0;
        for (long count : all) {
            filled += count > 0 ? 1 : 0;
        }
        this.values = new double[filled];
        this.counts = new long[filled];
        for (int bin = 0, i = 0; bin < all.length; bin++) {
            if (all[bin] > 0) {
                values[i] = (histogram.edge(bin) + histogram.edge(bin + 1)) / 2;
                counts[i++] = all[bin];
            }
        }
    }

    /** The best range within the range of all values. */
    ActivationRange within(ActivationRange whole) {
        ActivationRange best = whole;
        double least = error(whole);
        for (int side = 0; side < 3; side++) {
            ActivationRange start = best;
            for (int i = 1; i < CANDIDATES; i++) {
                float share = 1 - (float) i / CANDIDATES;
                ActivationRange candidate = new ActivationRange(
                        side == 2 ? start.min() : start.min() * share,
                        side == 1 ? start.max() : start.max() * share,
                        type);
                double error = error(candidate);
                if (error < least) {
                    least = error;
                    best = candidate;
                }
            }
        }
        return best;
    }

    /** The sum of squared errors of all values in a range. */
    double error(ActivationRange range) {
        double scale = range.scale();
        int low = type.smallest() - range.zeroPoint();
        int high = type.largest() - range.zeroPoint();
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double steps = Math.max(low, Math.min(high, Math.rint(values[i] / scale)));
            double difference = steps * scale - values[i];
            sum += counts[i] * difference * difference;
        }
        return sum;
    }
}
