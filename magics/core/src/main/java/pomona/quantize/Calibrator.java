package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import pomona.evaluate.Activations;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** Measures ranges of activations on data, one batch at a time. */
final class Calibrator {

    private final Network network;
    private final Map<String, ObservedRange> observed = new LinkedHashMap<>();

    Calibrator(Network network, Collection<String> values, Calibration calibration, double percentile) {
        this.network = network;
        values.forEach(value -> observed.put(value, new ObservedRange(calibration, percentile)));
    }

    Map<String, ActivationRange> run(RandomAccessDataset data, int samples) {
        Activations.forEach("calibrate " + network.name(), network, observed.keySet(), data, samples, this::observe);
        Map<String, ActivationRange> ranges = new LinkedHashMap<>();
        observed.forEach((name, range) -> ranges.put(name, range.range()));
        return ranges;
    }

    private void observe(String name, Tensor tensor) {
        if (!observed.get(name).add(tensor.toFloatArray())) {
            throw new IllegalArgumentException("Value " + name + " of network " + network.name()
                    + " is NaN or infinite on the calibration data; a network to quantize gives finite values.");
        }
    }
}
