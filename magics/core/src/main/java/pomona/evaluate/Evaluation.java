package pomona.evaluate;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import pomona.graph.Network;

/**
 * What was measured of one network on one data set.
 *
 * @param network the network's name
 * @param records how many records of the data set were run
 * @param metrics what the network gets right and wrong, by name; of a classifier {@link #ERROR} and {@link #ACCURACY}
 * @param parameters the number of parameters
 * @param nonZeros the number of parameters that are not zero
 * @param macs multiply-accumulates of one run at batch 1, or -1 when shapes inside the network are unknown; other symbols
 *     than the batch have the sizes of the first record
 * @param fileBytes the size of the network as an ONNX file
 * @param xzBytes the size of the network as an {@code .onnx.xz} file
 * @param latency the time of one run at batch 1
 */
public record Evaluation(
        String network,
        long records,
        Map<String, Double> metrics,
        long parameters,
        long nonZeros,
        long macs,
        long fileBytes,
        long xzBytes,
        Latency latency) {

    /** Wrong answers of a hundred. */
    public static final String ERROR = "error %";

    /** Right answers of a hundred. */
    public static final String ACCURACY = "accuracy %";

    public Evaluation {
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(latency, "latency");
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** Measures with the default options; see {@link #of(Network, RandomAccessDataset, EvaluationOptions)}. */
    public static Evaluation of(Network network, RandomAccessDataset data) {
        return of(network, data, EvaluationOptions.DEFAULTS);
    }

    /**
     * Runs a classifier over a data set on ONNX Runtime and measures it. Its first output is (batch, classes), of which
     * the largest is the answer; a label is the number of the right class.
     *
     * @throws IllegalArgumentException if the data set is empty or does not fit the network
     * @throws CancellationException if the thread was interrupted
     */
    public static Evaluation of(Network network, RandomAccessDataset data, EvaluationOptions options) {
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(data, "data");
        ErrorCount errors = ErrorCount.of(network, data, options.batchSize());
        Latency latency =
                options.latency() ? LatencyProbe.measure(network, errors.firstFeeds(), options) : Latency.NOT_MEASURED;
        FileSize size = FileSize.of(network);
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(ERROR, errors.percent());
        metrics.put(ACCURACY, 100 - errors.percent());
        return new Evaluation(
                network.name(),
                errors.records(),
                metrics,
                network.parameters(),
                network.nonZeros(),
                Profile.of(network, Profile.sizes(network, errors.firstFeeds())).macs(),
                size.plain(),
                size.compressed(),
                latency);
    }

    /**
     * Runs a classifier over a data set and counts its errors, and measures nothing else.
     *
     * @return wrong answers of a hundred
     * @throws IllegalArgumentException if the data set is empty or does not fit the network
     * @throws CancellationException if the thread was interrupted
     */
    public static double errorPercent(Network network, RandomAccessDataset data) {
        return ErrorCount.of(network, data, EvaluationOptions.DEFAULTS.batchSize())
                .percent();
    }

    /**
     * Refuses data that errors can not be counted on, as its first record tells, before work begins that counts them in the
     * end.
     *
     * @throws IllegalArgumentException if the data set is empty, has no labels or does not fit the network
     */
    public static void checkCountable(Network network, RandomAccessDataset data) {
        ErrorCount.check(network, data);
    }

    /** Whether errors can be counted: the data has labels, and the network gives a row of classes for each record. */
    public static boolean isCountable(Network network, RandomAccessDataset data) {
        return ErrorCount.ofClassifier(network, data, 1) != null;
    }

    /**
     * A metric by name.
     *
     * @throws IllegalArgumentException if it was not measured
     */
    public double metric(String name) {
        Double value = metrics.get(name);
        if (value == null) {
            throw new IllegalArgumentException("Network " + network + " was not measured for " + name + "; it was for "
                    + String.join(", ", metrics.keySet()) + ".");
        }
        return value;
    }

    /** Wrong answers of a hundred. */
    public double error() {
        return metric(ERROR);
    }

    /** The same measurements under another name for the network. */
    public Evaluation named(String name) {
        return new Evaluation(name, records, metrics, parameters, nonZeros, macs, fileBytes, xzBytes, latency);
    }

    /** One line: name, metrics, sizes and time. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(network).append(": ");
        metrics.forEach((name, value) -> text.append(String.format(Locale.ROOT, "%s %.2f, ", name, value)));
        text.append(String.format(
                Locale.ROOT,
                "%,d parameters, %,d not zero, %,d bytes (%,d as .xz)",
                parameters,
                nonZeros,
                fileBytes,
                xzBytes));
        if (latency.isMeasured()) {
            text.append(String.format(Locale.ROOT, ", %.0f \u00b5s at batch 1", latency.median()));
        }
        return text.toString();
    }
}
