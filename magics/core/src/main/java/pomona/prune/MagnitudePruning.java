package pomona.prune;

import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.Option;

/**
 * Sets the weights of smallest magnitude to zero until a given share of them is zero.
 *
 * <p>The share is of all weights of the chosen layers as they were made, so weights that are zero already count: to
 * prune by 0.5 and then by 0.8 is to prune by 0.8. The number of zeros is exact (the product of share and count, rounded
 * to the nearest whole number); of weights with equal magnitude the first ones go. Biases, normalizations and embeddings
 * stay as they are unless {@code layers} names them: {@code *} does not mean them, {@code *, table} does.
 *
 * <p>Source: Han et al., Learning both Weights and Connections for Efficient Neural Networks, 2015 (arXiv 1506.02626);
 * global choice as in Frankle and Carbin, The Lottery Ticket Hypothesis, 2019 (arXiv 1803.03635), section 4.
 *
 * @param sparsity the share of weights to be zero, from 0 up to but not including 1
 * @param scope among which weights the target is reached
 * @param norm what a block of weights is worth; single weights go in the same order by either
 * @param selection which weights may go, and in what pieces
 */
public record MagnitudePruning(
        @Option(value = "share of weights to be zero, from 0 up to but not including 1", defaultsTo = "0.5")
        double sparsity,

        @Option(
                value = "global: the smallest of all layers together; layer: of each layer; output: of each output",
                defaultsTo = "global")
        Scope scope,

        @Option(value = "of blocks: l1, the mean of magnitudes, or l2, that of their squares", defaultsTo = "l1")
        BlockNorm norm,

        @Option("which weights, in what pieces") Selection selection)
        implements Sparsification {

    public MagnitudePruning {
        SparsityCuts.check(sparsity, scope, selection);
        Checks.notNull(norm, "norm", "l1 or l2");
    }

    /** Prunes blocks by the mean of their magnitudes. */
    public MagnitudePruning(double sparsity, Scope scope, Selection selection) {
        this(sparsity, scope, BlockNorm.L1, selection);
    }

    /** Prunes some layers. */
    public MagnitudePruning(double sparsity, Scope scope, String layers) {
        this(sparsity, scope, Selection.layers(layers));
    }

    /** Prunes all layers. */
    public MagnitudePruning(double sparsity, Scope scope) {
        this(sparsity, scope, Selection.ALL);
    }

    /** Prunes all layers together. */
    public MagnitudePruning(double sparsity) {
        this(sparsity, Scope.GLOBAL);
    }

    @Override
    public MagnitudePruning withSparsity(double target) {
        return new MagnitudePruning(target, scope, norm, selection);
    }

    @Override
    public Network transform(Network network) {
        return new SparsityCuts(sparsity, scope, selection)
                .prune(network, weight -> squares() ? squared(weight) : new PrunableWeight(weight));
    }

    /** Squares need memory of their own, so they are taken only where they change the order. */
    private boolean squares() {
        return norm == BlockNorm.L2 && selection.granularity().isBlock();
    }

    private static PrunableWeight squared(LayerWeight weight) {
        float[] values = weight.tensor().toFloatArray();
        return new ScoredWeight(weight, "L2", element -> (double) values[element] * values[element]);
    }
}
