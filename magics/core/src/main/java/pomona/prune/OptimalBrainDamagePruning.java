package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import pomona.graph.Network;
import pomona.pass.Option;

/**
 * Sets weights to zero whose removal changes the loss least, to second order at a minimum: half the square of the weight
 * times the loss' curvature. The curvature is the diagonal of the empirical Fisher information, the mean squared
 * gradient.
 *
 * <p>Source: LeCun et al., Optimal Brain Damage, 1990, equation 5; the Fisher information in the curvature's place as in
 * Theis et al., Faster gaze prediction with dense networks and Fisher pruning, 2018 (arXiv 1801.05787), section 3.
 *
 * @param sparsity the share of weights to be zero, from 0 up to but not including 1; those that are zero already count
 * @param scope among which weights the target is reached
 * @param sample on which records gradients are measured; with batches of 1 the curvature is
 *     the Fisher information, with larger ones an underestimate of it
 * @param selection which weights may go, and in what pieces
 */
public record OptimalBrainDamagePruning(
        @Option(value = "share of weights to be zero, from 0 up to but not including 1", defaultsTo = "0.5")
        double sparsity,

        @Option(
                value = "global: of all layers together; layer: of each layer; output: of each output",
                defaultsTo = "global")
        Scope scope,

        @Option("on which records gradients are measured") GradientSample sample,

        @Option("which weights, in what pieces") Selection selection)
        implements Sparsification {

    public OptimalBrainDamagePruning {
        SparsityCuts.check(sparsity, scope, selection);
        Checks.notNull(sample, "sample", "a GradientSample of labelled data");
    }

    /** Prunes all layers together, on 1024 records in batches of 1. */
    public OptimalBrainDamagePruning(double sparsity, RandomAccessDataset data) {
        this(sparsity, Scope.GLOBAL, GradientSample.of(data).withBatchSize(1), Selection.ALL);
    }

    @Override
    public OptimalBrainDamagePruning withSparsity(double target) {
        return new OptimalBrainDamagePruning(target, scope, sample, selection);
    }

    @Override
    public Network transform(Network network) {
        SparsityCuts cuts = new SparsityCuts(sparsity, scope, selection);
        return sample.prune(
                network, cuts, "Optimal Brain Damage", (weight, gradient, square) -> 0.5 * weight * weight * square);
    }
}
