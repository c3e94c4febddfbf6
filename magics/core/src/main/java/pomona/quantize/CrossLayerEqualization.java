package pomona.quantize;

import java.util.List;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.simplify.BatchNormFolding;
import pomona.simplify.ConstantFolding;
import pomona.simplify.IdentityFolding;

/**
 * Makes the channels of neighbouring layers alike in range, so that one scale for a layer fits them all; the network
 * gives the same outputs and needs no data.
 *
 * <p>Where one layer alone leads to the next, with Relu, PRelu or pooling between at most, a channel's weights in the first
 * are divided by sqrt(r1 / r2) and in the second multiplied with it, r1 and r2 being the largest magnitudes there, again
 * and again until nothing changes; depthwise layers in the middle are scaled on both sides. Batch normalizations are
 * folded first. Outputs stay equal up to rounding (1e-5 of the largest). Biases that grow are not moved into the next
 * layer. Source: Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019 (arXiv
 * 1906.04721), section 4.1.
 *
 * @param layers which layers may be the second of a pair, by weight or operator name: {@code *} and {@code ?} are
 *     wildcards, commas separate
 */
public record CrossLayerEqualization(
        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers) implements Pass {

    /** Pairs in a row pass on what they gain; real networks settle in some ten rounds. */
    private static final int ROUNDS = 50;

    private static final double SETTLED = 1e-3;

    public CrossLayerEqualization {
        new LayerPattern(layers);
    }

    /** Equalizes all pairs of layers. */
    public CrossLayerEqualization() {
        this("*");
    }

    @Override
    public Network transform(Network network) {
        Quantizable.check(network, "cross-layer equalization");
        Network constant = new IdentityFolding().transform(new ConstantFolding().transform(network));
        Network plain = new BatchNormFolding().transform(constant);
        List<ChannelLink> pairs = pairs(plain);
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException("Network " + network.name() + " has no layers to equalize; it would be a"
                    + " Conv, Gemm or MatMul with constant weights that alone leads to another, with Relu, PRelu or"
                    + " pooling between at most.");
        }
        ChannelScaling scaling = new ChannelScaling(plain);
        double change = Double.POSITIVE_INFINITY;
        for (int round = 0; round < ROUNDS && change > SETTLED; round++) {
            change = 0;
            for (ChannelLink pair : pairs) {
                change = Math.max(change, equalize(pair, scaling));
            }
        }
        return scaling.network();
    }

    private List<ChannelLink> pairs(Network plain) {
        ChannelLinks links = new ChannelLinks(plain);
        return Quantizable.layers(plain, layers, "Conv", "ConvTranspose", "Gemm", "MatMul").stream()
                .map(LayerWeight::node)
                .map(node -> node.input(0))
                .distinct()
                .map(links::at)
                .filter(link -> link != null && links.isLayer(link.maker()))
                .toList();
    }

    /** Scales one pair, and gives how far the largest factor is from 1. */
    private static double equalize(ChannelLink pair, ChannelScaling scaling) {
        Node first = pair.maker();
        float[] made = scaling.axes(first).outputMaxima(scaling.weight(first));
        float[] met = new float[pair.channels()];
        for (Node taker : pair.takers()) {
            float[] maxima = scaling.axes(taker).inputMaxima(scaling.weight(taker), pair.channels());
            for (int c = 0; c < met.length; c++) {
                met[c] = Math.max(met[c], maxima[c]);
            }
        }
        double[] factors = new double[met.length];
        double change = 0;
        for (int c = 0; c < met.length; c++) {
            // A channel that nothing makes or nothing takes has no range to share.
            factors[c] = made[c] == 0 || met[c] == 0 ? 1 : Math.sqrt((double) made[c] / met[c]);
            change = Math.max(change, Math.abs(Math.log(factors[c])));
        }
        scaling.scale(pair, factors);
        return change;
    }
}
