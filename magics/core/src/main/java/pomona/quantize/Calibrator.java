package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.evaluate.Activations;
import pomona.evaluate.FiniteCheck;
import pomona.evaluate.PaddingMask;
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
        FiniteCheck check = new FiniteCheck(exposed.network(), "quantize", name -> exposed.places()
                .get(name)
                .value());
        Activations.forEachBatch(
                "calibrate " + network.name(),
                exposed.network(),
                observed.keySet(),
                data,
                samples,
                (batch, tensors) -> {
                    PaddingMask padding = PaddingMask.of(settings.mask(), batch);
                    Map<String, List<Tensor>> records = new LinkedHashMap<>();
                    tensors.forEach((name, tensor) -> records.put(name, padding.records(tensor)));
                    check.check(records, batch.size());
                    records.entrySet().parallelStream().forEach(entry -> entry.getValue()
                            .forEach(one -> observed.get(entry.getKey()).add(one.toFloatArray())));
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
}
