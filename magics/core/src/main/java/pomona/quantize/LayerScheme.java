package pomona.quantize;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.simplify.OpsetUpgrade;

/** How single layers are quantized when their sensitivity is measured or a mix is searched for. */
public enum LayerScheme {
    /** Weights and activations to 8 bits, ranges from data; see {@link StaticQuantization}. */
    STATIC(8, 13),
    /** Weights to 8 bits, activations while the network runs; see {@link DynamicQuantization}. */
    DYNAMIC(8, 11),
    /** Weights stored in 8 bits, computed in floats; see {@link WeightOnlyQuantization}. */
    WEIGHT_ONLY(8, 13),
    /** Weights stored in 4 bits, in blocks of 32, computed in floats; see {@link WeightOnlyQuantization}. */
    INT4(4, BlockQuantizer.OPSET),
    /** Weights stored as float16, computed in floats; see {@link Float16Quantization}. */
    FLOAT16(16, 13),
    /** Weights rounded to the nearest of the steps that some bits have, in a network of floats. */
    WEIGHTS(8, 0);

    /** Records that ranges are measured on for each layer. */
    private static final int SAMPLES = 128;

    private final int bits;
    private final long opset;

    /** @param opset the oldest operator set that it is written in */
    LayerScheme(int bits, long opset) {
        this.bits = bits;
        this.opset = opset;
    }

    /** The bits of a weight; of {@link #WEIGHTS} the most there may be. */
    public int bits() {
        return bits;
    }

    /** The scheme as it is written in a magic, such as {@code weight-only}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The weights of linear and convolutional layers, and the tables of embeddings, in the order of the network. */
    static List<LayerWeight> candidates(Network network) {
        Map<String, LayerWeight> candidates = new LinkedHashMap<>();
        LayerWeight.of(network).forEach(layer -> candidates.put(layer.name(), layer));
        BlockTargets.tables(network).forEach(table -> candidates.putIfAbsent(table.name(), table));
        return new ArrayList<>(candidates.values());
    }

    /** Whether a layer of a network can be quantized in this way; whoever else takes its weight then takes integers too. */
    boolean takes(LayerWeight layer, Network network) {
        boolean table = layer.node().is("Gather");
        boolean linear = layer.node().is("Gemm") || layer.node().is("MatMul");
        boolean straight = layer.node().input(1).equals(layer.name());
        return switch (this) {
            case STATIC -> straight && (linear || layer.node().is("Conv")) && isAlone(layer, network);
            case DYNAMIC -> straight && linear && isAlone(layer, network);
            case WEIGHT_ONLY -> true;
            case INT4 ->
                linear && layer.tensor().rank() == 2 || table && layer.tensor().dim(0) >= BlockTargets.FEWEST_ROWS;
            case FLOAT16 -> HalfTensors.beyondFloat16(layer.tensor()) == 0;
            case WEIGHTS -> !table;
        };
    }

    /** Whether products and convolutions alone read a weight, all as the second thing they take. */
    private static boolean isAlone(LayerWeight layer, Network network) {
        return new WeightReaders(network)
                .obstacle(
                        layer.layer(),
                        layer.node(),
                        reader -> reader.place() == 1 && reader.node() != null && QdqPlanner.isProduct(reader.node()))
                .isEmpty();
    }

    /**
     * Refuses a network that can not be written in the operator set that this scheme needs.
     *
     * @param names the weights of the layers to quantize; without any nothing is needed
     */
    void checkOpset(Network network, Collection<String> names) {
        if (!names.isEmpty() && network.opset() < opset) {
            // What is older than dynamic quantization takes is written in 13 there, too.
            new OpsetUpgrade(Math.max(opset, 13)).transform(network);
        }
    }

    /**
     * The network with some layers of floats quantized and all others left, which may be quantized in another way already
     * unless the scheme is {@link #STATIC}.
     *
     * @param names the weights of those layers
     * @param bits bits of a weight, those of the scheme unless weights alone are rounded
     * @param records what ranges are measured on: the first 128 of them
     */
    Network quantize(Network network, Collection<String> names, int bits, MeasuredRecords records) {
        String layers = String.join(",", names);
        return switch (this) {
            case STATIC ->
                new StaticQuantization(
                                records.data(), SAMPLES, Calibration.MIN_MAX, 99.99, true, ReducedRange.AUTO, layers)
                        .with(new RangeSettings(Calibration.MIN_MAX, 99.99, ActivationType.UINT8, records.mask()))
                        .transform(network);
            case DYNAMIC -> new DynamicQuantization(true, ReducedRange.AUTO, layers).beside(network);
            case WEIGHT_ONLY -> new WeightOnlyQuantization(true, layers).beside(network);
            case INT4 -> new WeightOnlyQuantization(BlockFormat.INT4, WeightRange.MSE, layers).beside(network);
            case FLOAT16 -> Float16Quantization.weights(network, names);
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
