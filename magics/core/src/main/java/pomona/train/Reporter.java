package pomona.train;

import java.util.Locale;
import pomona.pass.Progress;

/** Tells the progress of a training run, at most ten times a second, and keeps its losses. */
final class Reporter implements AutoCloseable {

    private static final long PAUSE_NANOS = 100_000_000;

    private final Progress progress;
    private final LossHistory history;
    private final int epochs;
    private int epoch = 1;
    private long pending;
    private long lastReport;

    Reporter(String task, int epochs, long batchesPerEpoch, LossHistory history) {
        this.progress = Progress.start(task, epochs * batchesPerEpoch);
        this.history = history;
        this.epochs = epochs;
    }

    void batch(double loss) {
        history.addBatch(loss);
        pending++;
        long now = System.nanoTime();
        if (now - lastReport >= PAUSE_NANOS) {
            report(loss);
            lastReport = now;
        }
    }

    void endEpoch() {
        history.endEpoch();
        double[] losses = history.epochs();
        report(losses[losses.length - 1]);
        epoch++;
    }

    /** Whether no batch was reported yet. */
    boolean isFirst() {
        return lastReport == 0 && pending == 0;
    }

    int epoch() {
        return epoch;
    }

    @Override
    public void close() {
        progress.close();
    }

    private void report(double loss) {
        progress.advance(
                pending, String.format(Locale.ROOT, "epoch %d/%d, loss %.4f", Math.min(epoch, epochs), epochs, loss));
        pending = 0;
    }
}
