package pomona.prune;

import java.util.SplittableRandom;
import pomona.graph.Network;
import pomona.pass.Option;

/**
 * Sets weights to zero at random: the control that every other choice of weights must beat.
 *
 * <p>Source: the random baseline of Blalock et al., What is the State of Neural Network Pruning?, 2020 (arXiv
 * 2003.03033), section 5.
 *
 * @param sparsity the share of weights to be zero, from 0 up to but not including 1; those that are zero already count
 * @param scope among which weights the target is reached
 * @param seed the source of the choice; the same seed makes the same one
 * @param selection which weights may go, and in what pieces
 */
public record RandomPruning(
        @Option(value = "share of weights to be zero, from 0 up to but not including 1", defaultsTo = "0.5")
        double sparsity,

        @Option(
                value = "global: of all layers together; layer: of each layer; output: of each output",
                defaultsTo = "layer")
        Scope scope,

        @Option(value = "source of the choice", defaultsTo = "0")
        long seed,

        @Option("which weights, in what pieces") Selection selection)
        implements Sparsification {

    public RandomPruning {
        SparsityCuts.check(sparsity, scope, selection);
    }

    /** Prunes each layer, with seed 0. */
    public RandomPruning(double sparsity) {
        this(sparsity, Scope.LAYER, 0, Selection.ALL);
    }

    @Override
    public RandomPruning withSparsity(double target) {
        return new RandomPruning(target, scope, seed, selection);
    }

    @Override
    public Network transform(Network network) {
        return new SparsityCuts(sparsity, scope, selection)
                .prune(
                        network,
                        weight -> new ScoredWeight(weight, "random", element -> random(weight.name(), element)));
    }

    /** Depends on seed, weight and element alone, so that elements can be scored in parallel. */
    private double random(String weight, int element) {
        long mixed = seed * 0x9E3779B97F4A7C15L + ((long) weight.hashCode() << 32) + element;
        return new SplittableRandom(mixed).nextDouble();
    }
}
