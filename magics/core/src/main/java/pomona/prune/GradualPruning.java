package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Map;
import pomona.graph.Network;
import pomona.pass.Option;
import pomona.train.CrossEntropy;
import pomona.train.Trained;
import pomona.train.Training;
import pomona.train.TrainingLoop;

/**
 * Prunes while training goes on: the share of zero weights rises every so many steps, and what is zero stays zero.
 *
 * <p>Source: Zhu and Gupta, To Prune, or Not to Prune, 2017 (arXiv 1710.01878), section 3.
 *
 * @param sparsity the share of weights to be zero in the end, from 0 up to but not including 1
 * @param pruningSchedule how the share rises
 * @param pruningEpochs over how many epochs it rises; the epochs after them train what is left; 1 or more
 * @param every how many steps lie between two prunings; 0 for 100, or a tenth of the steps where that is less
 * @param criterion which weights go, whatever its own sparsity is; or null for the smallest of all layers together
 * @param data labelled records of one array for each input of the network
 * @param training the settings of the training
 */
public record GradualPruning(
        @Option(value = "share of weights to be zero in the end, from 0 up to but not including 1", defaultsTo = "0.5")
        double sparsity,

        // Not named schedule: that is the learning rate's.
        @Option(value = "how the share rises: linear, or cubic (fast at first)", defaultsTo = "cubic")
        PruningSchedule pruningSchedule,

        @Option(value = "over how many epochs the share rises, 1 or more", defaultsTo = "1")
        int pruningEpochs,

        @Option(
                value = "how many steps lie between two prunings; 0: 100, or a tenth of all where that is less",
                defaultsTo = "0")
        int every,

        @Option(
                value = "variable of the pruning that says which weights go; magnitude if not given",
                defaultsTo = "none")
        Sparsification criterion,

        @Option("labelled data to train on") RandomAccessDataset data,

        @Option("settings of the training") Training training)
        implements Sparsification {

    private static final long USUAL_STEPS = 100;

    private static final long FEWEST_PRUNINGS = 10;

    public GradualPruning {
        SparsityCuts.check(sparsity, Scope.GLOBAL, Selection.ALL);
        Checks.notNull(pruningSchedule, "pruning-schedule", "linear or cubic");
        if (data == null) {
            throw new IllegalArgumentException("Gradual pruning needs data to train on; none was given (option data).");
        }
        Checks.notNull(training, "training", "the settings of a training");
        GradualShare.check(pruningEpochs, training);
        if (every < 0) {
            throw new IllegalArgumentException("every must be 0 or more; it was " + every + ".");
        }
    }

    /** Prunes the smallest weights of all layers together along a cubic schedule, as often as is usual. */
    public GradualPruning(double sparsity, int pruningEpochs, RandomAccessDataset data, Training training) {
        this(sparsity, PruningSchedule.CUBIC, pruningEpochs, 0, null, data, training);
    }

    @Override
    public GradualPruning withSparsity(double target) {
        return new GradualPruning(target, pruningSchedule, pruningEpochs, every, criterion, data, training);
    }

    @Override
    public Network transform(Network network) {
        return train(network).network();
    }

    /** Does the work and gives the losses on the way as well; the provenance is left as it was. */
    public Trained train(Network network) {
        Sparsification pruning = criterion == null ? new MagnitudePruning(sparsity) : criterion;
        long batches = (data.size() + training.batchSize() - 1) / training.batchSize();
        long between =
                every > 0 ? every : Math.max(1, Math.min(USUAL_STEPS, batches * pruningEpochs / FEWEST_PRUNINGS));
        if (between >= batches * pruningEpochs && between > 1) {
            throw new IllegalArgumentException("every is " + every + ", but pruning ends after "
                    + batches * pruningEpochs + " steps (pruning-epochs " + pruningEpochs + ", " + batches
                    + " batches each); take fewer steps between prunings, or more pruning-epochs.");
        }
        GradualShare share = new GradualShare(sparsity, pruningSchedule, pruningEpochs, training);
        TrainingLoop.Revision revision = (step, steps, now) -> {
            long last = share.last(steps);
            return step > last || step % between != 0 && step != last
                    ? Map.of()
                    : pruning.withSparsity(share.at(step, steps))
                            .transform(now.get())
                            .weights();
        };
        PrunableWeights lifted = PrunableWeights.of(network, "*");
        return new TrainingLoop("prune", training, true, revision)
                .run(lifted.network(), data, CrossEntropy.of(network));
    }
}
