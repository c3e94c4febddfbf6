package pomona.evaluate;

/**
 * How long one run takes, in microseconds.
 *
 * @param median half of the runs were faster; NaN when not measured
 * @param p90 nine of ten runs were faster; NaN when not measured
 * @param runs how many runs were timed; 0 when not measured
 */
public record Latency(double median, double p90, int runs) {

    /** Nothing was timed. */
    public static final Latency NOT_MEASURED = new Latency(Double.NaN, Double.NaN, 0);

    /** Whether anything was timed. */
    public boolean isMeasured() {
        return runs > 0;
    }
}
