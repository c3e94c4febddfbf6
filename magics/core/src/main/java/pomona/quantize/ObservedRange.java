package pomona.quantize;

/** What was seen of one activation. */
final class ObservedRange {

    private final RunningHistogram histogram;
    private final double percentile;
    private float min = Float.POSITIVE_INFINITY;
    private float max = Float.NEGATIVE_INFINITY;

    ObservedRange(Calibration calibration, double percentile) {
        this.histogram = calibration == Calibration.PERCENTILE ? new RunningHistogram() : null;
        this.percentile = percentile;
    }

    /** Adds values; false when one of them is NaN or infinite. */
    boolean add(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        if (histogram != null) {
            histogram.add(values);
        }
        return true;
    }

    ActivationRange range() {
        if (histogram == null || min > max) {
            return new ActivationRange(min > max ? 0 : min, min > max ? 0 : max);
        }
        double outside = (100 - percentile) / 200;
        double low = Math.max(min, histogram.upperQuantile(1 - outside));
        double high = Math.min(max, histogram.quantile(1 - outside));
        return new ActivationRange((float) low, (float) high);
    }
}
