package pomona.quantize;

import java.util.List;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.Option;

/**
 * What is done before and after a network is quantized so that it loses less; none of it costs anything while the network
 * runs, but for the operators that smoothing may add.
 *
 * @param equalize whether to make neighbouring layers alike in range, see {@link CrossLayerEqualization}
 * @param smooth how much of the activations' outliers to move into weights, from 0 (off) to 1, see {@link SmoothQuant}
 * @param rounding how weights are rounded
 * @param biasCorrection whether to move biases until means are those of the network of floats, see {@link BiasCorrection}
 */
public record Refinement(
        @Option(value = "whether to make neighbouring layers alike in range first", defaultsTo = "false")
        boolean equalize,

        @Option(
                value = "how much of activations' outliers to move into weights: 0 is off, 0.5 is usual, up to 1",
                defaultsTo = "0")
        double smooth,

        @Option(value = "nearest, or adaptive, which learns where to round on the data", defaultsTo = "nearest")
        Rounding rounding,

        @Option(value = "whether to move biases until means are those of floats", defaultsTo = "false")
        boolean biasCorrection) {

    /** Nothing is done. */
    public static final Refinement NONE = new Refinement(false, 0, Rounding.NEAREST, false);

    /** The option of provenance that names the layers that were not refined. */
    static final String UNREFINED = "unrefined";

    public Refinement {
        if (!(smooth >= 0 && smooth <= 1)) {
            throw new IllegalArgumentException("Option smooth is " + smooth + ", but it must be from 0 (off) to 1.");
        }
        if (rounding == null) {
            throw new IllegalArgumentException("Option rounding was not given; it is nearest or adaptive.");
        }
    }

    /** Only smooths. */
    public static Refinement smooth(double alpha) {
        return new Refinement(false, alpha, Rounding.NEAREST, false);
    }

    /**
     * Refuses a correction of biases that no layer can have, before anything is measured.
     *
     * @param layers the layers to quantize, which are in no branch and no body
     */
    void refuseUncorrectable(Network floats, List<LayerWeight> layers) {
        if (biasCorrection && layers.stream().noneMatch(layer -> CorrectableLayer.canBe(floats, layer.node()))) {
            throw BiasCorrection.nothing(floats);
        }
    }

    /** The network with its channels scaled, which gives what the given one gives. */
    Network scaled(Network plain, MeasuredRecords records, String layers) {
        Network network = equalize ? new CrossLayerEqualization().transform(plain) : plain;
        return smooth > 0
                ? new SmoothQuant(records.data(), records.count(), smooth, true, layers)
                        .withMask(records.mask())
                        .transform(network)
                : network;
    }

    /** The network with the weights of some layers on the steps that they will have. */
    Network rounded(
            Network scaled, List<LayerWeight> layers, MeasuredRecords records, boolean perChannel, int largest) {
        if (rounding == Rounding.NEAREST) {
            return scaled;
        }
        int bits = 33 - Integer.numberOfLeadingZeros(largest);
        return new AdaptiveRounding(
                        records.data(),
                        records.count(),
                        bits,
                        perChannel,
                        AdaptiveRounding.DEFAULT_STEPS,
                        "*",
                        records.mask())
                .round(scaled, layers);
    }

    /** The quantized network with its last corrections. */
    Network corrected(Network scaled, Network quantized, MeasuredRecords records) {
        return biasCorrection
                ? new BiasCorrection(scaled, records.data(), records.count(), records.mask()).transform(quantized)
                : quantized;
    }
}
