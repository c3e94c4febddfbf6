package pomona.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListenerAdapter;
import java.util.concurrent.CancellationException;

/**
 * Lets DJL's own training report its progress and keep its losses.
 *
 * <pre>{@code
 * ProgressListener listener = new ProgressListener("train", 3);
 * config.addTrainingListeners(listener);
 * EasyTrain.fit(trainer, 3, data, null);
 * double[] curve = listener.history().batches();
 * }</pre>
 *
 * <p>An interrupt of the thread that trains stops it between two batches with a {@link CancellationException}.
 */
public final class ProgressListener extends TrainingListenerAdapter {

    private final String task;
    private final int epochs;
    private final LossHistory history = new LossHistory();
    private Reporter reporter;

    /**
     * @param task what to call the work where progress is shown
     * @param epochs how many epochs it will take, as told to DJL
     */
    public ProgressListener(String task, int epochs) {
        if (epochs < 1) {
            throw new IllegalArgumentException("epochs must be 1 or more; it was " + epochs + ".");
        }
        this.task = task;
        this.epochs = epochs;
    }

    /** The losses so far; the last run's losses once training begins again. */
    public LossHistory history() {
        return history;
    }

    @Override
    public void onTrainingBegin(Trainer trainer) {
        history.clear();
    }

    @Override
    public void onTrainingBatch(Trainer trainer, BatchData batchData) {
        if (Thread.interrupted()) {
            closeReporter();
            throw new CancellationException("Training was interrupted after " + history + ".");
        }
        Batch batch = batchData.getBatch();
        if (reporter == null) {
            long total = (batch.getProgressTotal() + batch.getSize() - 1) / Math.max(1, batch.getSize());
            reporter = new Reporter(task, epochs, Math.max(1, total), history);
        }
        reporter.batch(loss(trainer, batchData));
    }

    @Override
    public void onEpoch(Trainer trainer) {
        if (reporter != null) {
            reporter.endEpoch();
            if (history.epochs().length >= epochs) {
                closeReporter();
            }
        }
    }

    @Override
    public void onTrainingEnd(Trainer trainer) {
        closeReporter();
    }

    private void closeReporter() {
        if (reporter != null) {
            reporter.close();
            reporter = null;
        }
    }

    private static double loss(Trainer trainer, BatchData batchData) {
        double sum = 0;
        int parts = 0;
        for (var entry : batchData.getPredictions().entrySet()) {
            NDList labels = batchData.getLabels().get(entry.getKey());
            try (NDArray loss = trainer.getLoss().evaluate(labels, entry.getValue())) {
                sum += loss.getFloat();
                parts++;
            }
        }
        return sum / Math.max(1, parts);
    }
}
