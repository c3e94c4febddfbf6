package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import pomona.graph.Network;
import pomona.pass.Option;

/**
 * Sets weights to zero whose removal changes the loss least, to first order: the square of weight times gradient, over
 * batches.
 *
 * <p>Source: Molchanov et al., Importance Estimation for Neural Network Pruning, 2019 (arXiv 1906.10771), equation 8,
 * for single weights.
 *
 * @param sparsity the share of weights to be zero, from 0 up to but not including 1; those that are zero already count
 * @param scope among which weights the target is reached
 * @param sample on which records gradients are measured
 * @param selection which weights may go, and in what pieces
 */
public record TaylorPruning(
        @Option(value = "share of weights to be zero, from 0 up to but not including 1", defaultsTo = "0.5")
        double sparsity,

        @Option(
                value = "global: of all layers together; layer: of each layer; output: of each output",
                defaultsTo = "global")
        Scope scope,

        @Option("on which records gradients are measured") GradientSample sample,

        @Option("which weights, in what pieces") Selection selection)
        implements Sparsification {

    public TaylorPruning {
        SparsityCuts.check(sparsity, scope, selection);
        Checks.notNull(sample, "sample", "a GradientSample of labelled data");
    }

    /** Prunes all layers together, on 1024 records. */
    public TaylorPruning(double sparsity, RandomAccessDataset data) {
        this(sparsity, Scope.GLOBAL, GradientSample.of(data), Selection.ALL);
    }

    @Override
    public TaylorPruning withSparsity(double target) {
        return new TaylorPruning(target, scope, sample, selection);
    }

    @Override
    public Network transform(Network network) {
        SparsityCuts cuts = new SparsityCuts(sparsity, scope, selection);
        return sample.prune(network, cuts, "Taylor", (weight, gradient, square) -> weight * weight * square);
    }
}
