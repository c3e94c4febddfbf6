package pomona.quantize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.evaluate.Evaluation;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;
import pomona.onnx.Onnx;
import pomona.quantize.MixedPrecision.LayerCost;
import pomona.quantize.MixedPrecisionQuantization.Order;

/** Measures what layers cost and what they save when each alone is quantized. */
final class LayerCosts {

    /** Random directions that the curvature is averaged over. */
    private static final int PROBES = 4;

    private final Network network;
    private final MeasuredRecords records;
    private final Order order;
    private final double error;
    private final long bytes;
    private final OutputNoise noise;
    private final Map<String, LayerCost> measured = new LinkedHashMap<>();
    private Map<String, Double> curvature;

    /**
     * Measures nothing yet.
     *
     * @param network the network of floats
     * @param records labelled validation data
     * @param error its error in percent
     */
    LayerCosts(Network network, MeasuredRecords records, Order order, double error) {
        this.network = network;
        this.records = records;
        this.order = order;
        this.error = error;
        this.bytes = Onnx.size(network);
        this.noise = new OutputNoise(network, records.head(FloatLayerSearch.MOST_RECORDS));
    }

    /** All that were measured. */
    List<LayerCost> all() {
        return new ArrayList<>(measured.values());
    }

    /** What one layer costs in a scheme; measured once. */
    LayerCost of(String layer, LayerScheme scheme) {
        return measured.computeIfAbsent(scheme + " " + layer, key -> measure(layer, scheme));
    }

    private LayerCost measure(String layer, LayerScheme scheme) {
        Network alone = new PrecisionMix(Map.of(layer, scheme)).of(network, records);
        double cost =
                order == Order.HESSIAN ? rise(layer, scheme) : Evaluation.errorPercent(alone, records.data()) - error;
        return new LayerCost(layer, scheme, cost, noise.of(alone), bytes - Onnx.size(alone));
    }

    /** What the curvature predicts; of a table of embeddings, which has none here, nothing. */
    private double rise(String layer, LayerScheme scheme) {
        if (curvature == null) {
            List<String> layers = LayerWeight.of(network).stream()
                    .filter(weight -> weight.tensor().type() == ElementType.FLOAT)
                    .map(LayerWeight::name)
                    .toList();
            curvature = new HashMap<>(HessianTrace.means(network, layers, records.data(), PROBES, 0));
        }
        Double mean = curvature.get(layer);
        if (mean == null) {
            return 0;
        }
        float[] before = network.weight(layer).toFloatArray();
        return 0.5 * mean * SignalToNoise.difference(before, near(layer, scheme));
    }

    /** The numbers that a scheme has for the weights of a layer. */
    private float[] near(String layer, LayerScheme scheme) {
        Tensor weight = network.weight(layer);
        if (scheme == LayerScheme.FLOAT16) {
            return HalfTensors.of(weight, ElementType.FLOAT16, TensorStore.of(2 * weight.size()))
                    .toFloatArray();
        }
        return LayerScheme.WEIGHTS
                .quantize(network, List.of(layer), scheme.bits(), records)
                .weight(layer)
                .toFloatArray();
    }
}
