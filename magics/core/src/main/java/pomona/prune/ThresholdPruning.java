package pomona.prune;

import java.util.List;
import pomona.graph.Network;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Sets every weight to zero whose magnitude is below a threshold.
 *
 * <p>With the unit {@code STANDARD_DEVIATIONS} each layer has its own threshold, a multiple of the standard deviation of
 * all its weights (zeros included). Weights of exactly the threshold stay. Biases, normalizations and embeddings stay as
 * they are unless {@code layers} names them.
 *
 * <p>Source: Han et al., Learning both Weights and Connections for Efficient Neural Networks, 2015 (arXiv 1506.02626),
 * section 3.
 *
 * @param threshold the magnitude below which a weight is removed, 0 or more, in the given unit
 * @param unit what the threshold is measured in
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 */
public record ThresholdPruning(
        @Option("magnitude below which a weight is removed, 0 or more, in the given unit")
        double threshold,

        @Option(value = "absolute, or standard-deviations of each layer's weights", defaultsTo = "absolute")
        ThresholdUnit unit,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers)
        implements Pass {

    public ThresholdPruning {
        if (!(threshold >= 0 && threshold < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Threshold " + threshold + " is out of range; it is 0 or more.");
        }
        Checks.notNull(unit, "unit", "absolute or standard-deviations");
        new LayerPattern(layers);
    }

    /** Prunes all layers. */
    public ThresholdPruning(double threshold, ThresholdUnit unit) {
        this(threshold, unit, "*");
    }

    @Override
    public Network transform(Network network) {
        PrunableWeights weights = PrunableWeights.named(network, layers);
        List<MagnitudeCut> cuts = weights.layers().stream()
                .map(PrunableWeight::new)
                .map(weight -> MagnitudeCut.below(weight, thresholdOf(weight)))
                .toList();
        return weights.apply(cuts);
    }

    private double thresholdOf(PrunableWeight weight) {
        return unit == ThresholdUnit.ABSOLUTE ? threshold : threshold * weight.standardDeviation();
    }
}
