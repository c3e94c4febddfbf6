package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.train.GradientMoments;

/**
 * The curvature of the loss along a layer's weights: the mean of the diagonal of its Hessian, by Hutchinson's method.
 *
 * <p>All layers are moved by random signs at once, a little forth and back; the difference of the gradients, times the
 * signs, is the trace of each layer's block plus terms between layers that average out over directions. Source: Dong et
 * al., HAWQ-V2: Hessian Aware trace-Weighted Quantization of Neural Networks, 2019 (arXiv 1911.03852), section 3.1, with
 * products by finite differences.
 */
public final class HessianTrace {

    /** How far weights are moved, as a share of their root mean square. */
    private static final double DISTANCE = 0.01;

    private static final int RECORDS = 512;
    private static final int BATCH = 128;

    private HessianTrace() {}

    /**
     * The trace of each layer's Hessian divided by the number of its weights.
     *
     * @param weights the names of the layers' weights
     * @param data labelled records, of which the first 512 of an order that the seed decides are looked at
     * @param probes random directions to average over, 1 or more
     * @throws IllegalArgumentException if there is no direction, or the network can not be trained
     */
    public static Map<String, Double> means(
            Network network, List<String> weights, RandomAccessDataset data, int probes, long seed) {
        if (probes < 1) {
            throw new IllegalArgumentException("Option probes is " + probes + ", but it must be 1 or more.");
        }
        Map<String, Double> sums = new LinkedHashMap<>();
        weights.forEach(name -> sums.put(name, 0.0));
        for (int probe = 0; probe < probes; probe++) {
            long signs = seed * 31 + probe;
            Map<String, float[]> forth = gradients(moved(network, weights, signs, 1), weights, data, seed);
            Map<String, float[]> back = gradients(moved(network, weights, signs, -1), weights, data, seed);
            SplittableRandom random = new SplittableRandom(signs);
            for (String name : weights) {
                float[] values = network.weight(name).toFloatArray();
                double product = 0;
                for (int i = 0; i < values.length; i++) {
                    product += (random.nextBoolean() ? 1 : -1) * (double) (forth.get(name)[i] - back.get(name)[i]);
                }
                sums.merge(name, product / (2 * distance(values)) / values.length / probes, Double::sum);
            }
        }
        return sums;
    }

    private static Network moved(Network network, List<String> weights, long signs, int direction) {
        SplittableRandom random = new SplittableRandom(signs);
        Map<String, Tensor> changed = new LinkedHashMap<>();
        for (String name : weights) {
            Tensor tensor = network.weight(name);
            float[] values = tensor.toFloatArray();
            double distance = direction * distance(values);
            for (int i = 0; i < values.length; i++) {
                values[i] += (float) (random.nextBoolean() ? distance : -distance);
            }
            changed.put(name, Tensor.ofFloats(values, tensor.shape()));
        }
        return network.withWeights(changed);
    }

    private static double distance(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += value * (double) value;
        }
        return DISTANCE * Math.max(1e-6, Math.sqrt(squares / values.length));
    }

    private static Map<String, float[]> gradients(
            Network network, List<String> weights, RandomAccessDataset data, long seed) {
        return GradientMoments.of(network, weights, data, BATCH, RECORDS, seed).means();
    }
}
