package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import pomona.evaluate.Activations;
import pomona.evaluate.FedBatch;
import pomona.graph.Network;
import pomona.graph.Tensor;

/**
 * Measures ranges of activations on data, one batch at a time; of each activation only a summary of bounded size is kept.
 *
 * @param network the network of floats
 * @param settings how ranges are taken
 */
record Calibrator(Network network, RangeSettings settings) {

    /** What was seen of each value. */
    MeasuredRanges run(Collection<String> values, RandomAccessDataset data, int samples) {
        Map<String, ObservedRange> observed = new LinkedHashMap<>();
        values.forEach(value -> observed.put(value, new ObservedRange(settings.calibration())));
        long[] seen = new long[1];
        Activations.forEachBatch(
                "calibrate " + network.name(), network, observed.keySet(), data, samples, (batch, tensors) -> {
                    String mask = settings.mask();
                    PaddingMask padding = mask.isEmpty()
                            ? null
                            : PaddingMask.of(mask, batch.feeds().get(mask));
                    tensors.entrySet().parallelStream()
                            .forEach(entry ->
                                    observe(observed, entry.getKey(), entry.getValue(), batch, seen[0], padding));
                    seen[0] += batch.size();
                });
        return new MeasuredRanges(observed, settings.percentile());
    }

    private void observe(
            Map<String, ObservedRange> observed,
            String name,
            Tensor tensor,
            FedBatch batch,
            long before,
            PaddingMask padding) {
        float[] values = tensor.toFloatArray();
        long[] shape = tensor.shape();
        boolean records = shape.length > 0 && shape[0] > 0 && shape[0] % batch.size() == 0;
        int count = records ? batch.size() : 1;
        long[] one = recordShape(shape, count);
        for (int r = 0; r < count; r++) {
            int size = values.length / count;
            float[] record = count == 1 ? values : Arrays.copyOfRange(values, r * size, (r + 1) * size);
            float[] real = padding == null || !records ? record : padding.real(record, r, one);
            if (!observed.get(name).add(real)) {
                throw new IllegalArgumentException(
                        "Value " + name + " of network " + network.name() + " is NaN or infinite on "
                                + (records && count > 1 || batch.size() == 1
                                        ? "record " + (before + r + 1)
                                        : "one of records " + (before + 1) + " to " + (before + batch.size()))
                                + " of the calibration data; a network to quantize gives finite values.");
            }
        }
    }

    /** The shape of one record; positions that were laid into the dimension of records are one dimension again. */
    private static long[] recordShape(long[] shape, int records) {
        if (shape.length == 0) {
            return shape;
        }
        long[] one = shape[0] == records ? Arrays.copyOfRange(shape, 1, shape.length) : shape.clone();
        if (shape[0] != records) {
            one[0] = shape[0] / records;
        }
        return one;
    }
}
