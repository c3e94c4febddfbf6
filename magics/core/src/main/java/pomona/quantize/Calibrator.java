package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.djl.RuntimeSession;
import pomona.evaluate.FedBatch;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.pass.Progress;

/** Measures ranges of activations on data, one batch at a time. */
final class Calibrator {

    /** Activations of one batch take about this much memory, in bytes. */
    private static final long MEMORY = 64L << 20;

    private static final int LARGEST_BATCH = 64;

    private final Network network;
    private final Map<String, ObservedRange> observed = new LinkedHashMap<>();

    Calibrator(Network network, Collection<String> values, Calibration calibration, double percentile) {
        this.network = network;
        values.forEach(value -> observed.put(value, new ObservedRange(calibration, percentile)));
    }

    Map<String, ActivationRange> run(RandomAccessDataset data, int samples) {
        Map<String, Value> shapes = ShapeInference.of(network);
        Set<String> inputs =
                network.signature().inputs().stream().map(Value::name).collect(Collectors.toSet());
        List<Value> inside = new ArrayList<>();
        observed.keySet().stream().filter(name -> !inputs.contains(name)).forEach(name -> inside.add(shapes.get(name)));
        // A network needs an output, also when only its inputs are measured.
        List<Value> outputs = inside.isEmpty() ? network.signature().outputs() : inside;
        Network watched = network.toBuilder().outputs(outputs).build();
        long records = Math.min(samples, data.size());
        try (RuntimeSession session = RuntimeSession.open(watched);
                Progress progress = Progress.start("calibrate " + network.name(), records)) {
            FedBatch.forEach(watched, data, batchSize(outputs), records, batch -> {
                batch.feeds().forEach(this::observe);
                session.run(batch.feeds()).forEach(this::observe);
                progress.advance(batch.size(), "");
            });
        }
        Map<String, ActivationRange> ranges = new LinkedHashMap<>();
        observed.forEach((name, range) -> ranges.put(name, range.range()));
        return ranges;
    }

    private void observe(String name, Tensor tensor) {
        ObservedRange range = observed.get(name);
        if (range != null && !range.add(tensor.toFloatArray())) {
            throw new IllegalArgumentException("Value " + name + " of network " + network.name()
                    + " is NaN or infinite on the calibration data; a network to quantize gives finite values.");
        }
    }

    private static int batchSize(List<Value> outputs) {
        long bytes = 1;
        for (Value output : outputs) {
            long elements = 4;
            for (Dimension dimension : output.shape() == null ? List.<Dimension>of() : output.shape()) {
                elements *= dimension.isFixed() ? dimension.size() : 1;
            }
            bytes += elements;
        }
        return (int) Math.max(1, Math.min(LARGEST_BATCH, MEMORY / bytes));
    }
}
