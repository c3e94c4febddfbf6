package pomona.evaluate;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;

/**
 * What a technique gained and what it cost, in one line: size, latency and metric of a network before and after.
 *
 * @param before the name of the network that the technique was applied to
 * @param after the name of the network that came out
 * @param bytesBefore its size as an ONNX file before
 * @param bytesAfter its size as an ONNX file after
 * @param latencyBefore the time of one run before, both networks timed in turns
 * @param latencyAfter the time of one run after
 * @param errorBefore wrong answers of a hundred before; NaN when the data has no labels or the network is no classifier
 * @param errorAfter wrong answers of a hundred after, or NaN
 * @param records how many records the errors were counted on
 */
public record Tradeoff(
        String before,
        String after,
        long bytesBefore,
        long bytesAfter,
        Latency latencyBefore,
        Latency latencyAfter,
        double errorBefore,
        double errorAfter,
        long records) {

    private static final EvaluationOptions TIMING = new EvaluationOptions(256, true, 20, 300, 1);

    /**
     * Measures both networks on one thread.
     *
     * @param feeds a tensor for each input, by name
     * @throws IllegalArgumentException if ONNX Runtime refuses a network or the feeds
     */
    public static Tradeoff of(Network before, Network after, Map<String, Tensor> feeds) {
        return of(before, after, feeds, Double.NaN, Double.NaN, 0);
    }

    /**
     * Measures both networks on one thread, and counts their errors where the data has labels and they are classifiers.
     *
     * @param records how many of the first records to count errors on, 1 or more
     * @throws IllegalArgumentException if the data does not fit the networks
     */
    public static Tradeoff of(Network before, Network after, RandomAccessDataset data, int records) {
        Map<String, Tensor> feeds = SampleFeeds.of(before, data);
        ErrorCount right = ErrorCount.ofClassifier(before, data, records);
        ErrorCount near = right == null ? null : ErrorCount.ofClassifier(after, data, records);
        return near == null
                ? of(before, after, feeds)
                : of(before, after, feeds, right.percent(), near.percent(), right.records());
    }

    private static Tradeoff of(
            Network before,
            Network after,
            Map<String, Tensor> feeds,
            double errorBefore,
            double errorAfter,
            long records) {
        List<Latency> times = LatencyProbe.measureInTurns(List.of(before, after), feeds, TIMING);
        return new Tradeoff(
                before.name(),
                after.name(),
                Onnx.size(before),
                Onnx.size(after),
                times.get(0),
                times.get(1),
                errorBefore,
                errorAfter,
                records);
    }

    /** How many times smaller the file is; below 1 it is larger. */
    public double smaller() {
        return (double) bytesBefore / bytesAfter;
    }

    /** How many times faster a run is; below 1 it is slower. */
    public double faster() {
        return latencyBefore.median() / latencyAfter.median();
    }

    /** For example {@code size 1,067 KB -> 285 KB (3.74x smaller), 45 us -> 25 us at batch 1 (1.80x faster)}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "size %s \u2192 %s (%s), one run %s \u2192 %s (%s)",
                kilobytes(bytesBefore),
                kilobytes(bytesAfter),
                Latency.ratio(smaller(), "smaller", "larger", 0),
                time(latencyBefore),
                time(latencyAfter),
                Latency.speed(faster())));
        if (!Double.isNaN(errorBefore)) {
            text.append(String.format(
                    Locale.ROOT,
                    ", error %.2f %% \u2192 %.2f %% on %,d records of the data",
                    errorBefore,
                    errorAfter,
                    records));
        }
        return text.toString();
    }

    private static String kilobytes(long bytes) {
        return String.format(Locale.ROOT, bytes < 100_000 ? "%,.1f KB" : "%,.0f KB", bytes / 1000.0);
    }

    private static String time(Latency latency) {
        double micros = latency.median();
        return micros < 10_000
                ? String.format(Locale.ROOT, "%,.0f \u00b5s", micros)
                : String.format(Locale.ROOT, "%,.1f ms", micros / 1000);
    }
}
