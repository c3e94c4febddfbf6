package pomona.evaluate;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import pomona.graph.CodebookWeight;
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
 * @param xzAfter its size as an {@code .onnx.xz} file after; -1 when it was not compressed
 * @param latencyBefore the time of one run before, both networks timed in turns
 * @param latencyAfter the time of one run after
 * @param errorBefore wrong answers of a hundred before; NaN when the data has no labels or the network is no classifier
 * @param errorAfter wrong answers of a hundred after, or NaN
 * @param cosine how alike the first outputs of both are, where no errors could be counted: the mean over records of their
 *     cosine, 1 when they differ in nothing but size; NaN when it was not measured
 * @param decibels the power of the outputs before over that of their error, which shows a wrong size too; infinite without
 *     error, NaN when it was not measured
 * @param records how many records of the data were run
 */
public record Tradeoff(
        String before,
        String after,
        long bytesBefore,
        long bytesAfter,
        long xzAfter,
        Latency latencyBefore,
        Latency latencyAfter,
        double errorBefore,
        double errorAfter,
        double cosine,
        double decibels,
        long records) {

    /** Sizes nearer to each other than this are written as the same number. */
    private static final double SAME_SIZE = 0.005;

    /** Compressing a larger file takes longer than a cell should, unless its codes are small because of that. */
    private static final long LARGEST_XZ = 4L << 20;

    private static final long LARGEST_CODED_XZ = 16L << 20;

    /** A compressed file is told of when it is smaller than the plain one by this. */
    private static final double WORTH_TELLING = 0.85;

    /** Outputs are compared on at most so many records, one by one. */
    private static final int COMPARED = 128;

    private static final EvaluationOptions TIMING = new EvaluationOptions(256, true, 20, 300, 1);

    /**
     * Measures both networks on one thread.
     *
     * @param feeds a tensor for each input, by name
     * @throws IllegalArgumentException if ONNX Runtime refuses a network or the feeds
     */
    public static Tradeoff of(Network before, Network after, Map<String, Tensor> feeds) {
        return of(before, after, feeds, Double.NaN, Double.NaN, new OutputCosine(Double.NaN, Double.NaN, 0));
    }

    /**
     * Measures both networks on one thread, on records without padding; see {@link #of(Network, Network, MeasuredRecords)}.
     *
     * @param records how many of the first records to count errors on, 1 or more
     */
    public static Tradeoff of(Network before, Network after, RandomAccessDataset data, int records) {
        return of(before, after, new MeasuredRecords(data, records));
    }

    /**
     * Measures both networks on one thread, and counts their errors where the data has labels and they are classifiers; of
     * others it measures how alike their outputs are where records are not padded.
     *
     * @param records what to count errors on; outputs are compared on 128 at most
     * @throws IllegalArgumentException if the data does not fit the networks, they do not take the mask, or outputs to compare
     *     are NaN or infinite
     * @throws CancellationException if the thread was interrupted
     */
    public static Tradeoff of(Network before, Network after, MeasuredRecords records) {
        PaddingMask.check(records.mask(), before);
        Map<String, Tensor> feeds = SampleFeeds.of(before, records.data());
        ErrorCount right = ErrorCount.ofClassifier(before, records.data(), records.count());
        ErrorCount near = right == null ? null : ErrorCount.ofClassifier(after, records.data(), records.count());
        if (near == null) {
            OutputCosine alike = OutputCosine.of(before, after, records.head(COMPARED));
            return of(before, after, feeds, Double.NaN, Double.NaN, alike);
        }
        OutputCosine none = new OutputCosine(Double.NaN, Double.NaN, right.records());
        return of(before, after, feeds, right.percent(), near.percent(), none);
    }

    private static Tradeoff of(
            Network before,
            Network after,
            Map<String, Tensor> feeds,
            double errorBefore,
            double errorAfter,
            OutputCosine alike) {
        List<Latency> times = LatencyProbe.measureInTurns(List.of(before, after), feeds, TIMING);
        long size = Onnx.size(after);
        return new Tradeoff(
                before.name(),
                after.name(),
                Onnx.size(before),
                size,
                size <= LARGEST_XZ || size <= LARGEST_CODED_XZ && CodebookWeight.isIn(after)
                        ? FileSize.of(after).compressed()
                        : -1,
                times.get(0),
                times.get(1),
                errorBefore,
                errorAfter,
                alike.mean(),
                alike.decibels(),
                alike.records());
    }

    /** How many times smaller the file is; below 1 it is larger. */
    public double smaller() {
        return (double) bytesBefore / bytesAfter;
    }

    /** How many times faster a run is; below 1 it is slower. */
    public double faster() {
        return latencyBefore.median() / latencyAfter.median();
    }

    /**
     * For example {@code size 1,067 KB -> 285 KB (3.74x smaller), one run 45 us -> 25 us (1.80x faster)}; a compressed file is
     * named where it is much smaller than the plain one.
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("size ").append(sizes(bytesBefore, bytesAfter));
        text.append(" (")
                .append(Latency.ratio(smaller(), "smaller", "larger", SAME_SIZE))
                .append(')');
        if (xzAfter >= 0 && xzAfter < WORTH_TELLING * bytesAfter) {
            text.append(String.format(
                    Locale.ROOT,
                    ", as .onnx.xz %s (%s)",
                    size(xzAfter, bytesBefore),
                    Latency.ratio((double) bytesBefore / xzAfter, "smaller", "larger", SAME_SIZE)));
        }
        text.append(", one run ").append(times(latencyBefore.median(), latencyAfter.median()));
        text.append(" (").append(Latency.speed(faster())).append(')');
        if (!Double.isNaN(errorBefore)) {
            text.append(String.format(
                    Locale.ROOT,
                    ", error %.2f %% \u2192 %.2f %% on %,d records of the data",
                    errorBefore,
                    errorAfter,
                    records));
        } else if (!Double.isNaN(cosine)) {
            text.append(String.format(
                    Locale.ROOT,
                    ", cosine of the outputs %.4f (%s) on %,d records of the data",
                    cosine,
                    Double.isInfinite(decibels) ? "equal" : String.format(Locale.ROOT, "%.1f dB", decibels),
                    records));
        }
        return text.toString();
    }

    private static String sizes(long before, long after) {
        long larger = Math.max(before, after);
        return size(before, larger) + " \u2192 " + size(after, larger);
    }

    /** In the unit that suits the largest size beside it. */
    private static String size(long bytes, long largest) {
        boolean mega = largest >= 10_000_000;
        double value = bytes / (mega ? 1e6 : 1e3);
        return String.format(Locale.ROOT, (value < 100 ? "%,.1f" : "%,.0f") + (mega ? " MB" : " KB"), value);
    }

    private static String times(double before, double after) {
        boolean milli = Math.max(before, after) >= 10_000;
        return time(before, milli) + " \u2192 " + time(after, milli);
    }

    private static String time(double micros, boolean milli) {
        return milli
                ? String.format(Locale.ROOT, micros < 1000 ? "%,.2f ms" : "%,.1f ms", micros / 1000)
                : String.format(Locale.ROOT, "%,.0f \u00b5s", micros);
    }
}
