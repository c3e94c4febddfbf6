package pomona.prune;

import java.util.List;
import pomona.graph.Network;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Sets the weights of smallest magnitude to zero until a given share of them is zero.
 *
 * <p>The share is of all weights of the chosen layers as they were made, so weights that are zero already count: to
 * prune by 0.5 and then by 0.8 is to prune by 0.8. The number of zeros is exact (the product of share and count, rounded
 * to the nearest whole number); of weights with equal magnitude the first ones go. Biases, normalizations and embeddings
 * stay as they are.
 *
 * <p>Source: Han et al., Learning both Weights and Connections for Efficient Neural Networks, 2015 (arXiv 1506.02626);
 * global choice as in Frankle and Carbin, The Lottery Ticket Hypothesis, 2019 (arXiv 1803.03635), section 4.
 *
 * @param sparsity the share of weights to be zero, from 0 up to but not including 1
 * @param scope whether all layers share one target or each has its own
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 */
public record MagnitudePruning(
        @Option(value = "share of weights to be zero, from 0 up to but not including 1", defaultsTo = "0.5")
        double sparsity,

        @Option(value = "global: the smallest of all layers together; layer: of each layer", defaultsTo = "global")
        Scope scope,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers)
        implements Pass {

    public MagnitudePruning {
        if (!(sparsity >= 0 && sparsity < 1)) {
            throw new IllegalArgumentException(
                    "Sparsity " + sparsity + " is out of range; it is from 0 up to but not including 1.");
        }
        Checks.notNull(scope, "scope", "global or layer");
        new LayerPattern(layers);
    }

    /** Prunes all layers. */
    public MagnitudePruning(double sparsity, Scope scope) {
        this(sparsity, scope, "*");
    }

    /** Prunes all layers together. */
    public MagnitudePruning(double sparsity) {
        this(sparsity, Scope.GLOBAL);
    }

    @Override
    public Network transform(Network network) {
        PrunableWeights weights = PrunableWeights.of(network, layers);
        List<MagnitudeCut> cuts = scope == Scope.GLOBAL
                ? List.of(MagnitudeCut.smallest(weights.all(), sparsity))
                : weights.all().stream()
                        .map(weight -> MagnitudeCut.smallest(List.of(weight), sparsity))
                        .toList();
        return weights.apply(cuts);
    }
}
