package pomona.train;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import pomona.djl.Djl;
import pomona.djl.NetworkBlock;
import pomona.djl.SeededSampler;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Tensor;

/**
 * Trains networks towards an objective: the loop that fine-tuning and distillation share.
 *
 * <p>The network that goes in is left as it is. Whole batches are fed, in an order that the seed decides; progress is
 * reported to {@link pomona.pass.Progress}; an interrupt of the thread stops the run between two batches.
 */
public final class TrainingLoop {

    private final String task;
    private final Training training;
    private final boolean holdZeros;
    private final Revision revision;

    /**
     * @param task what to call the work where progress is shown
     * @param training the settings
     * @param holdZeros whether zeros in weights of two or more dimensions stay zero
     */
    public TrainingLoop(String task, Training training, boolean holdZeros) {
        this(task, training, holdZeros, (step, steps, now) -> Map.of());
    }

    /**
     * @param task what to call the work where progress is shown
     * @param training the settings
     * @param holdZeros whether zeros in weights of two or more dimensions stay zero
     * @param revision changes weights between steps
     */
    public TrainingLoop(String task, Training training, boolean holdZeros, Revision revision) {
        this.task = Objects.requireNonNull(task, "task");
        this.training = Objects.requireNonNull(training, "training");
        this.holdZeros = holdZeros;
        this.revision = Objects.requireNonNull(revision, "revision");
    }

    /** Changes a network's weights between two steps of its training, as gradual pruning does. */
    @FunctionalInterface
    public interface Revision {

        /**
         * Asked before every step.
         *
         * @param step the steps done before, from 0
         * @param steps all steps
         * @param now gives the network as it is now
         * @return the weights that change, by name and in the shapes that they have; none to leave the network as it is
         */
        Map<String, Tensor> revise(long step, long steps, Supplier<Network> now);
    }

    /**
     * Trains a network.
     *
     * @param data records of one array for each input of the network, with whatever labels the objective takes
     * @throws IllegalArgumentException if the network has an operator without a trainable form, the data does not fit its
     *     inputs, or the loss is not a number since a record is NaN or infinite
     * @throws IllegalStateException if the loss is not a number any more
     * @throws CancellationException if the thread was interrupted
     */
    public Trained run(Network network, RandomAccessDataset data, Objective objective) {
        NetworkBlock block = NetworkBlock.of(network);
        if (block.getParameters().values().stream().noneMatch(Parameter::requiresGradient)) {
            throw new IllegalArgumentException("Network " + network.name() + " has nothing to train: "
                    + (isHalf(network)
                            ? "its weights are of 16 bits, and only those of float are trained; train it as float, and"
                                    + " take 16 bits afterwards."
                            : "none of its weights is of floats and of one dimension or more."));
        }
        if (objective.takesLabels()) {
            DataCheck.labelled(network, data);
        }
        DataCheck.filled(network, data);
        LossHistory history = new LossHistory();
        long batches = (data.size() + training.batchSize() - 1) / training.batchSize();
        Engine.getEngine("PyTorch").setRandomSeed(Long.hashCode(training.seed()));
        try (Model model = Djl.model(network.name(), block);
                NDManager manager = model.getNDManager().newSubManager();
                Reporter reporter = new Reporter(task, training.epochs(), batches, history)) {
            Stepper stepper = new Stepper(
                    training, training.epochs() * batches, block.getParameters().values(), holdZeros, manager);
            Jitter jitter = new Jitter(training.jitter(), training.seed());
            Run run = new Run(
                    network, block, objective, new ParameterStore(manager, false), stepper, reporter, revision, jitter);
            SeededSampler sampler = new SeededSampler(training.seed(), training.batchSize());
            for (int epoch = 0; epoch < training.epochs(); epoch++) {
                for (Batch batch : data.getData(manager, sampler)) {
                    try (batch) {
                        double loss = run.step(batch);
                        if (!Double.isFinite(loss)) {
                            throw lost(network, data, loss, reporter.epoch());
                        }
                    }
                }
                reporter.endEpoch();
            }
            return new Trained(block.network(), history);
        } catch (IOException e) {
            throw new UncheckedIOException("The training data can not be read: " + e.getMessage(), e);
        } catch (TranslateException e) {
            throw new IllegalArgumentException("The training data can not be prepared: " + e.getMessage(), e);
        }
    }

    /** Why a loss is not a number: a record is not either, which is said here, or steps were too long. */
    private IllegalStateException lost(Network network, RandomAccessDataset data, double loss, int epoch)
            throws IOException, TranslateException {
        DataCheck.finite(network, data, training.batchSize());
        return new IllegalStateException("The loss of network " + network.name() + " became " + loss + " in epoch "
                + epoch + "; a smaller learning-rate may help.");
    }

    private static boolean isHalf(Network network) {
        return network.weights().values().stream()
                .anyMatch(weight -> weight.type() == ElementType.FLOAT16 || weight.type() == ElementType.BFLOAT16);
    }

    /** One run in progress. */
    private record Run(
            Network network,
            NetworkBlock block,
            Objective objective,
            ParameterStore store,
            Stepper stepper,
            Reporter reporter,
            Revision revision,
            Jitter jitter) {

        /** Makes one step, unless the loss that it gives is not a number. */
        double step(Batch batch) {
            if (Thread.interrupted()) {
                throw new CancellationException("Training of network " + network.name() + " was interrupted in epoch "
                        + reporter.epoch() + "; the network is as it was.");
            }
            if (reporter.isFirst()) {
                DataCheck.check(network, batch.getData());
            }
            Map<String, Tensor> revised = revision.revise(stepper.done(), stepper.steps(), block::network);
            if (!revised.isEmpty()) {
                block.load(revised);
                stepper.takeZeros(revised.keySet());
            }
            double loss = backward(batch);
            if (Double.isFinite(loss)) {
                stepper.step();
                reporter.batch(loss);
            }
            return loss;
        }

        private double backward(Batch batch) {
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDList data = jitter.shift(batch.getData());
                NDList predictions = block.forward(store, data, true);
                NDArray loss = objective.loss(predictions, data, batch.getLabels());
                collector.backward(loss);
                return loss.getFloat();
            }
        }
    }
}
