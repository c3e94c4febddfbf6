package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import pomona.graph.Network;
import pomona.pass.Option;

/**
 * Sets weights to zero to whose presence the loss is least sensitive: the magnitude of weight times mean gradient. Made
 * for networks before training, where one look at the data is enough.
 *
 * <p>Source: Lee et al., SNIP: Single-shot Network Pruning based on Connection Sensitivity, 2019 (arXiv 1810.02340),
 * equations 5 and 6; its normalization over all weights does not change their order.
 *
 * @param sparsity the share of weights to be zero, from 0 up to but not including 1; those that are zero already count
 * @param scope among which weights the target is reached
 * @param sample on which records gradients are measured
 * @param selection which weights may go, and in what pieces
 */
public record SnipPruning(
        @Option(value = "share of weights to be zero, from 0 up to but not including 1", defaultsTo = "0.5")
        double sparsity,

        @Option(
                value = "global: of all layers together; layer: of each layer; output: of each output",
                defaultsTo = "global")
        Scope scope,

        @Option("on which records gradients are measured") GradientSample sample,

        @Option("which weights, in what pieces") Selection selection)
        implements Sparsification {

    public SnipPruning {
        SparsityCuts.check(sparsity, scope, selection);
        Checks.notNull(sample, "sample", "a GradientSample of labelled data");
    }

    /** Prunes all layers together, on 1024 records. */
    public SnipPruning(double sparsity, RandomAccessDataset data) {
        this(sparsity, Scope.GLOBAL, GradientSample.of(data), Selection.ALL);
    }

    @Override
    public SnipPruning withSparsity(double target) {
        return new SnipPruning(target, scope, sample, selection);
    }

    @Override
    public Network transform(Network network) {
        SparsityCuts cuts = new SparsityCuts(sparsity, scope, selection);
        return sample.prune(network, cuts, "SNIP", (weight, gradient, square) -> Math.abs(weight * gradient));
    }
}
