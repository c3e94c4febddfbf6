package pomona.evaluate;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import pomona.graph.Network;
import pomona.pass.Progress;

/**
 * How much worse a network gets when one layer alone is made smaller, layer by layer and level by level, without
 * training.
 *
 * <p>A scan keeps what it has measured: when it was interrupted, {@link #run()} goes on where it stopped.
 */
public final class Sensitivity {

    private static final String PERCENT = "error %";

    /** Makes the network in which one layer is changed to a level. */
    @FunctionalInterface
    public interface Variant {
        Network of(String layer, double level);
    }

    private final Network network;
    private final List<String> layers;
    private final List<Double> levels;
    private final Variant variant;
    private final ToDoubleFunction<Network> error;
    private final String quantity;
    private final Map<String, Map<Double, Double>> measured = new LinkedHashMap<>();
    private double baseline = Double.NaN;

    /**
     * A scan that has measured nothing yet.
     *
     * @param layers the names of the layers
     * @param levels how far each layer is changed, such as sparsities; in ascending order
     * @param variant makes the network in which one layer is changed
     * @param error what gets worse, in percent; less is better
     * @throws IllegalArgumentException if there are no layers or no levels, or levels do not ascend
     */
    public Sensitivity(
            Network network,
            List<String> layers,
            List<Double> levels,
            Variant variant,
            ToDoubleFunction<Network> error) {
        this(network, layers, levels, variant, error, PERCENT);
    }

    /**
     * A scan of something else than an error in percent.
     *
     * @param quantity what gets worse, with its unit, such as {@code loss rise}
     */
    public Sensitivity(
            Network network,
            List<String> layers,
            List<Double> levels,
            Variant variant,
            ToDoubleFunction<Network> error,
            String quantity) {
        if (layers.isEmpty() || levels.isEmpty()) {
            throw new IllegalArgumentException(
                    "A scan needs layers and levels; it was given " + layers.size() + " and " + levels.size() + ".");
        }
        for (int i = 1; i < levels.size(); i++) {
            if (!(levels.get(i) > levels.get(i - 1))) {
                throw new IllegalArgumentException(
                        "Levels ascend; " + levels.get(i) + " follows " + levels.get(i - 1) + ".");
            }
        }
        this.network = network;
        this.layers = List.copyOf(layers);
        this.levels = List.copyOf(levels);
        this.variant = variant;
        this.error = error;
        this.quantity = quantity;
    }

    /** A scan of the errors of a classifier on a data set; see the other constructor. */
    public Sensitivity(
            Network network, List<String> layers, List<Double> levels, Variant variant, RandomAccessDataset data) {
        this(network, layers, levels, variant, changed -> Evaluation.errorPercent(changed, data));
    }

    /**
     * Measures what has not been measured yet.
     *
     * @return this scan
     * @throws CancellationException if the thread was interrupted; what was measured is kept
     */
    public Sensitivity run() {
        try (Progress progress = Progress.start("sensitivity of " + network.name(), size())) {
            if (Double.isNaN(baseline)) {
                baseline = error.applyAsDouble(network);
            }
            progress.advance(done(), "");
            for (String layer : layers) {
                for (double level : levels) {
                    if (Double.isNaN(error(layer, level))) {
                        measure(layer, level);
                        progress.advance(1, note(layer, level));
                    }
                }
            }
        }
        return this;
    }

    private void measure(String layer, double level) {
        if (Thread.interrupted()) {
            throw new CancellationException("The scan of network " + network.name() + " was interrupted after " + done()
                    + " of " + size() + " measurements; run it again to go on from there.");
        }
        double value = error.applyAsDouble(variant.of(layer, level));
        measured.computeIfAbsent(layer, l -> new LinkedHashMap<>()).put(level, value);
    }

    private String note(String layer, double level) {
        double value = error(layer, level);
        return quantity.equals(PERCENT)
                ? String.format(Locale.ROOT, "%s at %s: error %.2f %%", layer, level, value)
                : String.format(Locale.ROOT, "%s at %s: %s %.3g", layer, level, quantity, value);
    }

    /** What was measured, with its unit: {@code error %} unless the scan was made for something else. */
    public String quantity() {
        return quantity;
    }

    /** The name of the network. */
    public String network() {
        return network.name();
    }

    /** The layers, in the order of the network. */
    public List<String> layers() {
        return layers;
    }

    /** The levels, in ascending order. */
    public List<Double> levels() {
        return levels;
    }

    /** The error of the network as it is, in percent; NaN when it was not measured yet. */
    public double baseline() {
        return baseline;
    }

    /** The error with one layer at a level, in percent; NaN when it was not measured yet. */
    public double error(String layer, double level) {
        return measured.getOrDefault(layer, Collections.emptyMap()).getOrDefault(level, Double.NaN);
    }

    /** Whether everything was measured. */
    public boolean isComplete() {
        return done() == size();
    }

    private long size() {
        return (long) layers.size() * levels.size();
    }

    private long done() {
        return measured.values().stream().mapToLong(Map::size).sum();
    }

    /**
     * The greatest level of each layer at which the error rises by no more than some points when this layer alone is
     * changed; layers that can not bear the lowest level stay at 0. In the form that the option {@code targets} of
     * pruning takes, such as {@code conv1=0.5, fc1=0.9}.
     *
     * <p>Rises add up, roughly, when all layers are changed at once.
     *
     * @param points how much the error may rise, in percentage points
     */
    public String targets(double points) {
        return layers.stream().map(layer -> layer + "=" + target(layer, points)).collect(Collectors.joining(", "));
    }

    private double target(String layer, double points) {
        double target = 0;
        for (double level : levels) {
            if (!(error(layer, level) - baseline <= points)) {
                break;
            }
            target = level;
        }
        return target;
    }

    /** One line: what was scanned and how far. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "sensitivity of %s: %d layers at %s, %s as it is, %d of %d measured",
                network.name(),
                layers.size(),
                levels,
                quantity.equals(PERCENT)
                        ? String.format(Locale.ROOT, "error %.2f %%", baseline)
                        : String.format(Locale.ROOT, "%s %.3g", quantity, baseline),
                done(),
                size());
    }
}
