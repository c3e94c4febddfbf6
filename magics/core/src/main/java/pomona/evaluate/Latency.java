package pomona.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import pomona.graph.Network;
import pomona.graph.Tensor;

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

    /** Ratios nearer to 1 than this are within what runs differ by themselves. */
    private static final double ALIKE = 0.03;

    /**
     * Times networks in turns, a run of each and again, so that whatever else the machine does slows all of them.
     *
     * @param feeds a tensor for each input, by name, which all networks take
     * @param options runs and threads
     * @return the times of the networks in their order
     * @throws IllegalArgumentException if ONNX Runtime refuses a network or the feeds
     * @throws CancellationException if the thread was interrupted
     */
    public static List<Latency> inTurns(List<Network> networks, Map<String, Tensor> feeds, EvaluationOptions options) {
        return LatencyProbe.measureInTurns(networks, feeds, options);
    }

    /** Whether a network that takes another one's time divided by a factor is faster by more than runs differ. */
    public static boolean isFaster(double factor) {
        return factor > 1 + ALIKE;
    }

    /** How times compare in words: {@code 1.80x faster}, {@code 1.08x slower}, or {@code the same}. */
    public static String speed(double factor) {
        return ratio(factor, "faster", "slower", ALIKE);
    }

    static String ratio(double ratio, String better, String worse, double alike) {
        if (Math.abs(ratio - 1) <= alike) {
            return "the same";
        }
        return String.format(Locale.ROOT, "%.2fx %s", ratio > 1 ? ratio : 1 / ratio, ratio > 1 ? better : worse);
    }

    /** Whether anything was timed. */
    public boolean isMeasured() {
        return runs > 0;
    }
}
