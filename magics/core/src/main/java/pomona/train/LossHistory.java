package pomona.train;

import java.util.Arrays;
import java.util.Locale;

/** The losses of a training run as it went, batch by batch and epoch by epoch. */
public final class LossHistory {

    private double[] batches = new double[64];
    private int batchCount;
    private double[] epochs = new double[8];
    private int epochCount;
    private int epochStart;

    /** The mean loss over each batch, in order. */
    public synchronized double[] batches() {
        return Arrays.copyOf(batches, batchCount);
    }

    /** The mean of the batches' losses in each epoch that ended, in order. */
    public synchronized double[] epochs() {
        return Arrays.copyOf(epochs, epochCount);
    }

    synchronized void addBatch(double loss) {
        if (batchCount == batches.length) {
            batches = Arrays.copyOf(batches, 2 * batchCount);
        }
        batches[batchCount++] = loss;
    }

    synchronized void endEpoch() {
        if (epochCount == epochs.length) {
            epochs = Arrays.copyOf(epochs, 2 * epochCount);
        }
        epochs[epochCount++] =
                Arrays.stream(batches, epochStart, batchCount).average().orElse(Double.NaN);
        epochStart = batchCount;
    }

    synchronized void clear() {
        batchCount = 0;
        epochCount = 0;
        epochStart = 0;
    }

    /** For example {@code 2 epochs, loss 0.3012 -> 0.1207}. */
    @Override
    public synchronized String toString() {
        if (epochCount == 0) {
            return batchCount + " batches";
        }
        if (epochCount == 1) {
            return String.format(Locale.ROOT, "1 epoch, loss %.4f", epochs[0]);
        }
        return String.format(
                Locale.ROOT, "%d epochs, loss %.4f -> %.4f", epochCount, epochs[0], epochs[epochCount - 1]);
    }
}
