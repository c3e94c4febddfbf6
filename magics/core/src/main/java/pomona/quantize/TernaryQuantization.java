package pomona.quantize;

import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Leaves the weights of a layer three values: a scale, its negative, and zero, in 2 bits each; needs no data.
 *
 * <p>Weights whose magnitude is up to {@code threshold} times the layer's mean magnitude become zero, and the others the
 * mean magnitude of those others, with their sign. Stored as by {@link WeightSharingQuantization}; for learning, since
 * without training the outputs change much. Needs operator set 13, which older ones are rewritten in.
 *
 * <p>Source: Li et al., Ternary Weight Networks, 2016 (arXiv 1605.04711), section 2.
 *
 * @param threshold what share of the mean magnitude a weight must exceed to stay, 0 or more
 * @param layout how the indices are stored
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 */
public record TernaryQuantization(
        @Option(value = "share of the mean magnitude that a weight must exceed, 0 or more", defaultsTo = "0.7")
        double threshold,

        @Option(value = "how indices are stored: auto, bytes, packed or gaps", defaultsTo = "packed")
        IndexLayout layout,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers)
        implements Pass {

    public TernaryQuantization {
        if (!(threshold >= 0 && threshold < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("threshold must be 0 or more; it was " + threshold + ".");
        }
        if (layout == null) {
            throw new IllegalArgumentException("Option layout was not given; it is auto, bytes, packed or gaps.");
        }
        new LayerPattern(layers);
    }

    /** Quantizes all layers with the paper's threshold of 0.7. */
    public TernaryQuantization() {
        this(0.7, IndexLayout.PACKED, "*");
    }

    /** The step of provenance also names the layers that stayed float, and why. */
    @Override
    public Network apply(Network network) {
        return UntouchedLayers.of(layers).withStep(transform(network), step());
    }

    @Override
    public Network transform(Network network) {
        FloatLayers floats = FloatLayers.of(network, "ternary quantization", layers);
        return floats.withStored(storage -> {
            for (LayerWeight layer : floats.layers()) {
                IndexedWeight ternary = ternary(layer);
                storage.store(ternary, layout.of(ternary.nonZeros(), ternary.indices().length));
            }
        });
    }

    private IndexedWeight ternary(LayerWeight layer) {
        float[] values = layer.tensor().toFloatArray();
        double sum = 0;
        for (float value : values) {
            sum += Math.abs(value);
        }
        double least = threshold * sum / values.length;
        double kept = 0;
        int count = 0;
        for (int i = 0; i < values.length; i++) {
            if (Math.abs(values[i]) > least) {
                kept += Math.abs(values[i]);
                count++;
            } else {
                values[i] = 0;
            }
        }
        float scale = count == 0 ? 1 : (float) (kept / count);
        return IndexedWeight.of(layer.name(), layer.tensor().shape(), values, new float[] {-scale, scale}, true);
    }
}
