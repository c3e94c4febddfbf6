package pomona.quantize;

import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Leaves of each weight its sign, in 1 bit, and of each output of a layer a scale: the mean magnitude of its weights;
 * needs no data.
 *
 * <p>A weight of zero counts as positive. Activations stay floats. For learning, since without training the outputs
 * change much. Needs operator set 13, which older ones are rewritten in.
 *
 * <p>Source: Rastegari et al., XNOR-Net, 2016 (arXiv 1603.05279), section 3.1 (Binary-Weight-Networks).
 *
 * @param perChannel whether each output of a layer has its own scale, as in the paper, or all share one
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 */
public record BinaryQuantization(
        @Option(value = "one scale for each output of a layer, not one for the layer", defaultsTo = "true")
        boolean perChannel,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers)
        implements Pass {

    public BinaryQuantization {
        new LayerPattern(layers);
    }

    /** Quantizes all layers, with a scale for each output. */
    public BinaryQuantization() {
        this(true, "*");
    }

    /** The step of provenance also names the layers that stayed float, and why. */
    @Override
    public Network apply(Network network) {
        return UntouchedLayers.of(layers).withStep(transform(network), step());
    }

    @Override
    public Network transform(Network network) {
        FloatLayers floats = FloatLayers.of(network, "binary quantization", layers);
        return floats.withStored(storage -> floats.layers().forEach(layer -> store(layer, storage)));
    }

    private void store(LayerWeight layer, IndexStorage storage) {
        float[] scales = scales(layer);
        float one = perChannel ? 1 : scales[0];
        float[] values = layer.tensor().toFloatArray();
        byte[] bits = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bits[i] = (byte) (values[i] < 0 ? 0 : 1);
        }
        float[] codebook = {-one, one};
        IndexedWeight signs = new IndexedWeight(layer.name(), layer.tensor().shape(), bits, codebook, false);
        if (perChannel) {
            storage.storeScaled(signs, scales, layer.outputAxis());
        } else {
            storage.store(signs, IndexLayout.PACKED);
        }
    }

    /** The mean magnitude of each output's weights, or of all. */
    private float[] scales(LayerWeight layer) {
        float[] values = layer.tensor().toFloatArray();
        long[] shape = layer.tensor().shape();
        int axis = perChannel ? layer.outputAxis() : -1;
        int channels = perChannel ? Math.toIntExact(shape[axis]) : 1;
        int inner = QuantizedWeight.inner(shape, axis);
        double[] sums = new double[channels];
        for (int i = 0; i < values.length; i++) {
            sums[i / inner % channels] += Math.abs(values[i]);
        }
        float[] scales = new float[channels];
        for (int c = 0; c < channels; c++) {
            scales[c] = (float) (sums[c] * channels / values.length);
        }
        return scales;
    }
}
