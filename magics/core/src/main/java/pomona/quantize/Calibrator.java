package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    /**
     * What was seen of each value where it is: inside a branch or body only while that ran.
     *
     * @param values the values, by the path of the graph that they are in, as of {@link InnerGraph}
     * @return for each of these paths the ranges
     */
    Map<String, MeasuredRanges> run(Map<String, Set<String>> values, RandomAccessDataset data, int samples) {
        ExposedValues exposed = ExposedValues.of(network, values);
        Map<String, ObservedRange> observed = new LinkedHashMap<>();
        exposed.places().keySet().forEach(name -> observed.put(name, new ObservedRange(settings.calibration())));
        long[] seen = new long[1];
        Activations.forEachBatch(
                "calibrate " + network.name(),
                exposed.network(),
                observed.keySet(),
                data,
                samples,
                (batch, tensors) -> {
                    String mask = settings.mask();
                    PaddingMask padding = mask.isEmpty()
                            ? null
                            : PaddingMask.of(mask, batch.feeds().get(mask));
                    // Exceptions of parallel streams come wrapped, and not that of the first value.
                    Optional<String> broken = tensors.entrySet().parallelStream()
                            .map(entry -> observe(
                                    observed.get(entry.getKey()),
                                    exposed.places().get(entry.getKey()).value(),
                                    entry.getValue(),
                                    batch,
                                    seen[0],
                                    padding))
                            .filter(message -> !message.isEmpty())
                            .findFirst();
                    if (broken.isPresent()) {
                        throw new IllegalArgumentException(broken.get());
                    }
                    seen[0] += batch.size();
                });
        Map<String, MeasuredRanges> ranges = new LinkedHashMap<>();
        values.keySet().forEach(path -> {
            Map<String, ObservedRange> there = new LinkedHashMap<>();
            exposed.places().forEach((name, place) -> {
                if (place.path().equals(path)) {
                    there.put(place.value(), observed.get(name));
                }
            });
            ranges.put(path, new MeasuredRanges(there, settings.percentile()));
        });
        return ranges;
    }

    /** Adds what there is of a value in a batch; the sentence about what is wrong with it, or nothing. */
    private String observe(
            ObservedRange observed, String name, Tensor tensor, FedBatch batch, long before, PaddingMask padding) {
        float[] values = tensor.toFloatArray();
        long[] shape = tensor.shape();
        boolean records = shape.length > 0 && shape[0] > 0 && shape[0] % batch.size() == 0;
        int count = records ? batch.size() : 1;
        long[] one = recordShape(shape, count);
        for (int r = 0; r < count; r++) {
            int size = values.length / count;
            float[] record = count == 1 ? values : Arrays.copyOfRange(values, r * size, (r + 1) * size);
            float[] real = padding == null || !records ? record : padding.real(record, r, one);
            if (!observed.add(real)) {
                return "Value " + name + " of network " + network.name() + " is NaN or infinite on "
                        + (records && count > 1 || batch.size() == 1
                                ? "record " + (before + r + 1)
                                : "one of records " + (before + 1) + " to " + (before + batch.size()))
                        + " of the calibration data; a network to quantize gives finite values.";
            }
        }
        return "";
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
