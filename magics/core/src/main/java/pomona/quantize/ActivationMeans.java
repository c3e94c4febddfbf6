package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import pomona.evaluate.Activations;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.Network;

/**
 * The mean of each channel of values inside a network, over records and positions.
 *
 * @param axes the values, each with the dimension that counts its channels; -1 is the last one
 * @param mask the input that tells padding, or none when it is empty
 */
record ActivationMeans(Network network, Map<String, Integer> axes, String mask) {

    private static final class Sum {
        private double[] sums;
        private long count;

        void add(float[] values, int channels, int inner) {
            sums = sums == null ? new double[channels] : sums;
            for (int i = 0; i < values.length; i++) {
                sums[i / inner % channels] += values[i];
            }
            count += values.length / channels;
        }

        double[] means() {
            double[] means = sums.clone();
            for (int c = 0; c < means.length; c++) {
                means[c] /= Math.max(1, count);
            }
            return means;
        }
    }

    Map<String, double[]> measure(RandomAccessDataset data, int records) {
        Map<String, Sum> sums = new LinkedHashMap<>();
        axes.keySet().forEach(value -> sums.put(value, new Sum()));
        Activations.forEachFinite(
                "measure means of " + network.name(),
                "correct",
                network,
                axes.keySet(),
                new MeasuredRecords(data, records, mask),
                (value, tensor) -> {
                    long[] shape = tensor.shape();
                    int axis = axes.get(value) < 0 ? shape.length - 1 : axes.get(value);
                    int inner =
                            (int) Arrays.stream(shape, axis + 1, shape.length).reduce(1, (a, b) -> a * b);
                    sums.get(value).add(tensor.toFloatArray(), Math.toIntExact(shape[axis]), inner);
                });
        Map<String, double[]> means = new LinkedHashMap<>();
        sums.forEach((value, sum) -> means.put(value, sum.means()));
        return means;
    }
}
