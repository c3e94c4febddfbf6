package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import pomona.evaluate.Activations;
import pomona.graph.Network;
import pomona.graph.Tensor;

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

    Map<String, double[]> measure(RandomAccessDataset data, long records) {
        Map<String, Sum> sums = new LinkedHashMap<>();
        axes.keySet().forEach(value -> sums.put(value, new Sum()));
        Activations.forEachBatch(
                "measure means of " + network.name(), network, axes.keySet(), data, records, (batch, tensors) -> {
                    PaddingMask padding = mask.isEmpty()
                            ? null
                            : PaddingMask.of(mask, batch.feeds().get(mask));
                    tensors.forEach((value, tensor) -> add(sums.get(value), axes.get(value), tensor, padding));
                });
        Map<String, double[]> means = new LinkedHashMap<>();
        sums.forEach((value, sum) -> means.put(value, sum.means()));
        return means;
    }

    private static void add(Sum sum, int axis, Tensor tensor, PaddingMask padding) {
        long[] shape = tensor.shape();
        int place = axis < 0 ? shape.length - 1 : axis;
        int channels = Math.toIntExact(shape[place]);
        int inner = (int) Arrays.stream(shape, place + 1, shape.length).reduce(1, (a, b) -> a * b);
        float[] values = tensor.toFloatArray();
        boolean positions = padding != null && inner == 1 && shape.length == 3 && shape[0] == padding.batch();
        if (!positions) {
            sum.add(values, channels, inner);
            return;
        }
        int size = values.length / padding.batch();
        for (int record = 0; record < padding.batch(); record++) {
            float[] one = Arrays.copyOfRange(values, record * size, (record + 1) * size);
            sum.add(padding.real(one, record, Arrays.copyOfRange(shape, 1, 3)), channels, 1);
        }
    }
}
