package pomona.quantize;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import pomona.djl.OperatorTimes;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * How long each layer takes on ONNX Runtime before and after quantization, with the operators joined that ONNX Runtime
 * joins where it serves a network, on one thread: the mean of the middle half of several runs. The time of an input's
 * quantization counts in the first layer that takes it.
 *
 * @param before microseconds in one run of the network of floats, by the layer's name
 * @param after microseconds in one run of the quantized network, by the layer's name
 * @param allBefore microseconds in all operators of the network of floats
 * @param allAfter microseconds in all operators of the quantized network
 */
public record LayerTimes(Map<String, Double> before, Map<String, Double> after, double allBefore, double allAfter) {

    public LayerTimes {
        before = Collections.unmodifiableMap(new LinkedHashMap<>(before));
        after = Collections.unmodifiableMap(new LinkedHashMap<>(after));
    }

    /**
     * Runs both networks several times.
     *
     * @param before the network of floats
     * @param after what quantization made of it
     * @param feeds a tensor for each input, by name
     * @param runs how many runs to take the middle half of, 1 or more
     * @throws IllegalArgumentException if ONNX Runtime refuses a network or the feeds
     */
    public static LayerTimes measure(Network before, Network after, Map<String, Tensor> feeds, int runs) {
        Map<String, Double> was = OperatorTimes.measureFused(before, feeds, runs, 1);
        Map<String, Double> is = OperatorTimes.measureFused(after, feeds, runs, 1);
        QuantizedLayers layers = new QuantizedLayers(before, after);
        Map<String, Double> layersBefore = new LinkedHashMap<>();
        Map<String, Double> layersAfter = new LinkedHashMap<>();
        Set<String> counted = new HashSet<>();
        for (String layer : layers.names()) {
            layersBefore.put(
                    layer, was.getOrDefault(layers.operatorBefore(layer).output(), Double.NaN));
            double sum = 0;
            for (Node node : layers.operatorsAfter(layer)) {
                sum += counted.add(node.output()) ? is.getOrDefault(node.output(), 0.0) : 0;
            }
            layersAfter.put(layer, sum > 0 ? sum : Double.NaN);
        }
        return new LayerTimes(layersBefore, layersAfter, sum(was), sum(is));
    }

    private static double sum(Map<String, Double> times) {
        return times.values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
