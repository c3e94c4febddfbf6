package pomona.prune;

import java.util.List;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.LayerPattern;
import pomona.pass.Option;

/**
 * Which weights may go, and in what pieces: the options that all techniques share that set single weights to zero.
 *
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate,
 *     {@code !} takes away
 * @param granularity in what pieces weights go
 * @param targets layers with a sparsity of their own
 * @param minimumKept the share of weights that each layer keeps at least, from 0 to 1; layers with a target of their own
 *     keep to that
 */
public record Selection(
        @Option(value = "weight or operator names, with * and ?, separated by commas; ! takes away", defaultsTo = "*")
        String layers,

        @Option(value = "weight, a block such as 4x1 (rows x columns), or N:M such as 2:4", defaultsTo = "weight")
        Granularity granularity,

        @Option(value = "layers with a sparsity of their own, such as conv1=0.3,fc*=0.95", defaultsTo = "none")
        LayerTargets targets,

        @Option(value = "share of weights that each layer keeps at least, 0 to 1", defaultsTo = "0")
        double minimumKept) {

    /** Every weight of every layer, one by one. */
    public static final Selection ALL = new Selection("*", Granularity.WEIGHT, LayerTargets.NONE, 0);

    public Selection {
        new LayerPattern(layers);
        Checks.notNull(granularity, "granularity", "weight, a block such as 4x1, or N:M such as 2:4");
        Checks.notNull(targets, "targets", "layers with sparsities such as conv1=0.3, or none");
        if (!(minimumKept >= 0 && minimumKept <= 1)) {
            throw new IllegalArgumentException("minimum-kept must be 0 to 1; it was " + minimumKept + ".");
        }
    }

    /** Every weight of some layers, one by one. */
    public static Selection layers(String pattern) {
        return ALL.withLayers(pattern);
    }

    /**
     * The layers of a network whose weights may go.
     *
     * @throws IllegalArgumentException if there is none
     */
    public List<LayerWeight> of(Network network) {
        return PrunableWeights.of(network, layers).layers();
    }

    public Selection withLayers(String pattern) {
        return new Selection(pattern, granularity, targets, minimumKept);
    }

    public Selection withGranularity(Granularity pieces) {
        return new Selection(layers, pieces, targets, minimumKept);
    }

    public Selection withTargets(LayerTargets own) {
        return new Selection(layers, granularity, own, minimumKept);
    }

    public Selection withMinimumKept(double share) {
        return new Selection(layers, granularity, targets, share);
    }
}
