package pomona.kernel.magic;

import java.util.Arrays;
import java.util.Locale;

/**
 * How long code takes.
 *
 * @param mean seconds of one loop, the mean of all runs
 * @param deviation the standard deviation of the runs' means, in seconds; 0 for one run
 * @param best seconds of one loop in the fastest run
 * @param runs how many runs were measured
 * @param loops how often each run repeated the code
 * @param warmup seconds that the code was repeated before
 */
public record Timing(double mean, double deviation, double best, int runs, long loops, double warmup) {

    private static final double RUN_SECONDS = 0.2;

    /**
     * Measures: warms up for a while, but at least once, then times the runs.
     *
     * @param loops loops of one run, or null for as many as take 0.2 s
     */
    static Timing measure(TimedLoop loop, Long loops, int runs, double warmup) throws Exception {
        Sink sink = new Sink();
        long start = System.nanoTime();
        long times = 1;
        double one;
        double warm;
        do {
            one = seconds(loop, times, sink) / times;
            warm = (System.nanoTime() - start) / 1e9;
            // Chunks of a tenth of the warm-up, so that its last ones run compiled code and tell the pace.
            times = Math.max(1, Math.min(times * 10, (long) (warmup / 10 / Math.max(one, 1e-10))));
        } while (warm < warmup);
        long each = loops != null ? loops : Math.max(1, (long) (RUN_SECONDS / Math.max(one, 1e-10)));
        each = loops != null ? each : rounded(each);
        double[] results = new double[runs];
        for (int i = 0; i < runs; i++) {
            results[i] = seconds(loop, each, sink) / each;
        }
        return of(results, each, warm);
    }

    private static Timing of(double[] results, long loops, double warmup) {
        double mean = Arrays.stream(results).average().orElse(0);
        double squares =
                Arrays.stream(results).map(r -> (r - mean) * (r - mean)).sum();
        double deviation = results.length > 1 ? Math.sqrt(squares / (results.length - 1)) : 0;
        double best = Arrays.stream(results).min().orElse(0);
        return new Timing(mean, deviation, best, results.length, loops, warmup);
    }

    /** The power of ten below. */
    private static long rounded(long number) {
        long power = 1;
        while (power <= number / 10) {
            power *= 10;
        }
        return power;
    }

    private static double seconds(TimedLoop loop, long times, Sink sink) throws Exception {
        long start = System.nanoTime();
        try {
            loop.run(times, sink);
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** As {@code 1.23 µs ± 0.04 µs per loop (mean ± std. dev. of 7 runs, 100,000 loops each)}. */
    @Override
    public String toString() {
        return Durations.text(mean) + " ± " + Durations.text(deviation) + " per loop (mean ± std. dev. of " + runs
                + (runs == 1 ? " run, " : " runs, ") + String.format(Locale.ROOT, "%,d", loops)
                + (loops == 1 ? " loop" : " loops") + " each, best " + Durations.text(best) + ")";
    }
}
