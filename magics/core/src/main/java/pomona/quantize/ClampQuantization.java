package pomona.quantize;

import java.util.ArrayList;
import java.util.List;
import pomona.graph.FreshNames;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Quantization as textbooks describe it: weights beyond a threshold take the threshold, and what is left is rounded to
 * whole levels; needs no data.
 *
 * <p>Level n of {@code levels} stands for n/levels of the threshold, with the weight's sign; a weight halfway between two
 * levels takes the even one. Levels are stored as signed bytes, with a DequantizeLinear operator that makes the weight of
 * the same name. Needs operator set 13, which older ones are rewritten in.
 *
 * <p>Source: Gersho and Gray, Vector Quantization and Signal Compression, 1992, section 5.2 (uniform quantizers and
 * overload).
 *
 * @param threshold the largest magnitude of a weight, above 0; or 0 for the largest that each layer has, so that nothing
 *     is cut
 * @param levels how many levels there are on each side of zero, 1 to 127
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 */
public record ClampQuantization(
        @Option(value = "largest magnitude of a weight; 0 for the largest in each layer", defaultsTo = "0")
        double threshold,

        @Option(value = "levels on each side of zero, 1 to 127", defaultsTo = "127")
        int levels,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers)
        implements Pass {

    private static final int MOST = 127;

    public ClampQuantization {
        if (!(threshold >= 0 && threshold < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("threshold must be 0 or more; it was " + threshold + ".");
        }
        if (levels < 1 || levels > MOST) {
            throw new IllegalArgumentException("levels is " + levels + "; it is from 1 to " + MOST + ".");
        }
        new LayerPattern(layers);
    }

    /** Quantizes all layers. */
    public ClampQuantization(double threshold, int levels) {
        this(threshold, levels, "*");
    }

    /** The step of provenance also names the layers that stayed float, and why. */
    @Override
    public Network apply(Network network) {
        return UntouchedLayers.of(layers).withStep(transform(network), step());
    }

    @Override
    public Network transform(Network network) {
        FloatLayers floats = FloatLayers.of(network, "clamp quantization", layers);
        NetworkBuilder builder = floats.network().toBuilder();
        FreshNames names = new FreshNames(floats.network());
        List<Node> nodes = new ArrayList<>();
        for (LayerWeight layer : floats.layers()) {
            float[] values = layer.tensor().toFloatArray();
            long[] shape = layer.tensor().shape();
            float[] scale = threshold == 0
                    ? QuantizedWeight.scales(values, shape, -1, levels)
                    : new float[] {(float) (threshold / levels)};
            String bytes = names.value(layer.name() + ".int8");
            String step = names.value(layer.name() + ".scale");
            builder.removeWeight(layer.name())
                    .weight(
                            bytes,
                            QuantizedWeight.of(values, shape, -1, scale, levels).values())
                    .weight(step, Tensor.scalar(scale[0]));
            String node = names.node(layer.name() + ".dequantize");
            nodes.add(Node.of("DequantizeLinear", node, List.of(bytes, step), layer.name()));
        }
        nodes.addAll(floats.network().nodes());
        return builder.nodes(nodes).build();
    }
}
