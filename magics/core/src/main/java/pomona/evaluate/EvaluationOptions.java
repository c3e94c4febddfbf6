package pomona.evaluate;

import pomona.pass.Option;

/**
 * How to evaluate; the defaults are {@link #DEFAULTS}.
 *
 * @param batchSize records run at once while counting errors, 1 or more
 * @param latency whether to time single runs at batch 1
 * @param warmUp runs before the timed ones, 0 or more
 * @param runs timed runs, 1 or more
 * @param threads threads that a timed run may use, 1 or more
 */
public record EvaluationOptions(
        @Option(value = "records run at once while counting errors", defaultsTo = "256")
        int batchSize,

        @Option(value = "whether to time single runs at batch 1", defaultsTo = "true")
        boolean latency,

        @Option(value = "runs before the timed ones", defaultsTo = "50")
        int warmUp,

        @Option(value = "timed runs", defaultsTo = "500") int runs,

        @Option(value = "threads that a timed run may use", defaultsTo = "1")
        int threads) {

    /** Batches of 256; 500 timed runs on one thread after 50 to warm up. */
    public static final EvaluationOptions DEFAULTS = new EvaluationOptions(256, true, 50, 500, 1);

    public EvaluationOptions {
        atLeast("batch-size", batchSize, 1);
        atLeast("warm-up", warmUp, 0);
        atLeast("runs", runs, 1);
        atLeast("threads", threads, 1);
    }

    /** The same without timing. */
    public EvaluationOptions withoutLatency() {
        return new EvaluationOptions(batchSize, false, warmUp, runs, threads);
    }

    /** The same with another number of records run at once. */
    public EvaluationOptions withBatchSize(int newBatchSize) {
        return new EvaluationOptions(newBatchSize, latency, warmUp, runs, threads);
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "Option " + option + " is " + value + ", but it must be " + least + " or more.");
        }
    }
}
