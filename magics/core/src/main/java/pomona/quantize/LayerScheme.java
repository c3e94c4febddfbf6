package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** How single layers are quantized when their sensitivity is measured or a mix is searched for. */
public enum LayerScheme {
    /** Weights and activations to 8 bits, ranges from data; see {@link StaticQuantization}. */
    STATIC,
    /** Weights to 8 bits, activations while the network runs; see {@link DynamicQuantization}. */
    DYNAMIC,
    /** Weights stored in 8 bits, computed in floats; see {@link WeightOnlyQuantization}. */
    WEIGHT_ONLY,
    /** Weights rounded to the nearest of the steps that some bits have, in a network of floats. */
    WEIGHTS;

    /** Records that ranges are measured on for each layer. */
    private static final int SAMPLES = 128;

    /** The scheme as it is written in a magic, such as {@code weight-only}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether a layer can be quantized in this way. */
    boolean takes(LayerWeight layer) {
        boolean linear = layer.node().is("Gemm") || layer.node().is("MatMul");
        boolean straight = layer.node().input(1).equals(layer.name());
        return switch (this) {
            case STATIC -> straight && (linear || layer.node().is("Conv"));
            case DYNAMIC -> straight && linear;
            case WEIGHT_ONLY, WEIGHTS -> true;
        };
    }

    /**
     * The network with some layers quantized and all others left.
     *
     * @param names the weights of those layers
     * @param bits bits of a weight, 8 unless weights alone are rounded
     * @param data records to measure ranges on
     */
    Network quantize(Network network, Collection<String> names, int bits, RandomAccessDataset data) {
        String layers = String.join(",", names);
        return switch (this) {
            case STATIC ->
                new StaticQuantization(data, SAMPLES, Calibration.MIN_MAX, 100, true, ReducedRange.AUTO, layers)
                        .transform(network);
            case DYNAMIC -> new DynamicQuantization(true, ReducedRange.AUTO, layers).transform(network);
            case WEIGHT_ONLY -> new WeightOnlyQuantization(true, layers).transform(network);
            case WEIGHTS -> rounded(network, names, bits);
        };
    }

    private static Network rounded(Network network, Collection<String> names, int bits) {
        int largest = (1 << (bits - 1)) - 1;
        Map<String, Tensor> changed = new LinkedHashMap<>();
        for (LayerWeight layer : LayerWeight.of(network)) {
            if (names.contains(layer.name())) {
                float[] values = layer.tensor().toFloatArray();
                long[] shape = layer.tensor().shape();
                int axis = layer.outputAxis();
                float[] scales = QuantizedWeight.scales(values, shape, axis, largest);
                int inner = QuantizedWeight.inner(shape, axis);
                for (int i = 0; i < values.length; i++) {
                    float scale = scales[i / inner % scales.length];
                    values[i] = (float) (Math.rint(values[i] / scale) * scale);
                }
                changed.put(layer.name(), Tensor.ofFloats(values, shape));
            }
        }
        return network.withWeights(changed);
    }
}
