package pomona.quantize;

/** What was seen of one activation, in bounded memory. */
final class ObservedRange {

    /** How many records a moving average goes back. */
    private static final int WINDOW = 100;

    /** How much more squared error than the range of all values one of least divergence may cost: 3 dB. */
    private static final double MOST_ERROR = 2;

    private final Calibration calibration;
    private final RunningHistogram histogram;
    private float min = Float.POSITIVE_INFINITY;
    private float max = Float.NEGATIVE_INFINITY;
    private double movingMin;
    private double movingMax;
    private long records;

    ObservedRange(Calibration calibration) {
        this.calibration = calibration;
        this.histogram = calibration.needsHistogram() ? new RunningHistogram() : null;
    }

    /** Adds the values of one record; false, and nothing is added, when one of them is NaN or infinite. */
    boolean add(float[] values) {
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        boolean finite = true;
        for (float value : values) {
            finite &= Math.abs(value) <= Float.MAX_VALUE;
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        if (!finite || values.length == 0) {
            return finite;
        }
        min = Math.min(min, low);
        max = Math.max(max, high);
        records++;
        double weight = 1.0 / Math.min(records, WINDOW);
        movingMin += weight * (low - movingMin);
        movingMax += weight * (high - movingMax);
        if (histogram != null) {
            histogram.add(values);
        }
        return true;
    }

    /** Whether there was anything to see. */
    boolean isSeen() {
        return records > 0;
    }

    /** Whether all values were the same number. */
    boolean isConstant() {
        return min == max;
    }

    /** The range to represent in integers of that type. */
    ActivationRange range(ActivationType type, double percentile) {
        if (records == 0) {
            return new ActivationRange(0, 0, type);
        }
        ActivationRange whole = new ActivationRange(min, max, type);
        return switch (calibration) {
            case MIN_MAX -> whole;
            case MOVING_AVERAGE -> new ActivationRange((float) movingMin, (float) movingMax, type);
            case PERCENTILE -> percentile(percentile, type);
            case ENTROPY -> entropy(type, whole);
            case MSE -> new SquaredErrorRange(histogram, type).within(whole);
        };
    }

    private ActivationRange percentile(double percentile, ActivationType type) {
        double outside = (100 - percentile) / 200;
        double low = Math.max(min, histogram.upperQuantile(1 - outside));
        double high = Math.min(max, histogram.quantile(1 - outside));
        return new ActivationRange((float) low, (float) high, type);
    }

    /** The range of least divergence among those that do not cost much more squared error than the range of all values. */
    private ActivationRange entropy(ActivationType type, ActivationRange whole) {
        SquaredErrorRange errors = new SquaredErrorRange(histogram, type);
        double most = MOST_ERROR * errors.error(whole);
        int kept = new EntropyRange(histogram.countsBesideZero(), type.steps() + 1)
                .threshold(bins -> errors.error(about(bins, type)) <= most);
        return about(kept, type);
    }

    /** The range of so many bins on either side of zero, as far as there are values. */
    private ActivationRange about(int bins, ActivationType type) {
        double threshold = histogram.edge(Math.min(RunningHistogram.BINS, RunningHistogram.BINS / 2 + bins));
        return new ActivationRange((float) Math.max(min, -threshold), (float) Math.min(max, threshold), type);
    }
}
