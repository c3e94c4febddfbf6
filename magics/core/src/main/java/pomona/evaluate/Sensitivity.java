package pomona.evaluate;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
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

    /** What a level is. */
    public enum Level {
        /** The share of a layer's weights that are zero. */
        SPARSITY("sparsity") {
            @Override
            public String text(List<Double> levels) {
                return "sparsity " + numbers(levels);
            }
        },
        /** The bits of a layer's weights. */
        BITS("bits") {
            @Override
            public String text(List<Double> levels) {
                return numbers(levels) + " bits";
            }
        };

        private final String axis;

        Level(String axis) {
            this.axis = axis;
        }

        /** Levels in words: {@code sparsity 0.5 and 0.9}, {@code 2, 4 and 8 bits}. */
        public abstract String text(List<Double> levels);

        /** A level in words: {@code sparsity 0.5}, {@code 8 bits}. */
        public String text(double level) {
            return text(List.of(level));
        }

        /** What levels are called on an axis. */
        public String axis() {
            return axis;
        }

        private static String numbers(List<Double> levels) {
            String text = levels.stream().map(Level::number).collect(Collectors.joining(", "));
            int last = text.lastIndexOf(", ");
            return last < 0 ? text : text.substring(0, last) + " and" + text.substring(last + 1);
        }

        private static String number(double level) {
            return level == Math.rint(level) ? Long.toString((long) level) : Double.toString(level);
        }
    }

    /**
     * What is measured of each network.
     *
     * @param quantity its name with its unit
     * @param moreIsBetter whether larger numbers are better ones
     */
    public record Measure(String quantity, boolean moreIsBetter) {

        /** Wrong answers of a hundred. */
        public static final Measure ERROR = new Measure("error %", false);

        /** The power of the outputs over that of their difference to those of the network as it is, in decibels. */
        public static final Measure SIGNAL_TO_NOISE = new Measure("signal-to-noise dB", true);
    }

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
    private final Level level;
    private final Measure measure;
    private final Map<String, String> names;
    private final Map<String, Map<Double, Double>> measured = new LinkedHashMap<>();
    private double baseline = Double.NaN;

    /**
     * A scan of errors in percent over sparsities that has measured nothing yet.
     *
     * @param layers the names of the layers' weights
     * @param levels how far each layer is changed, in ascending order
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
        this(network, layers, levels, variant, error, Level.SPARSITY, Measure.ERROR);
    }

    /**
     * A scan of anything.
     *
     * @param value measures a network
     * @param level what the levels are
     * @param measure what the value is
     */
    public Sensitivity(
            Network network,
            List<String> layers,
            List<Double> levels,
            Variant variant,
            ToDoubleFunction<Network> value,
            Level level,
            Measure measure) {
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
        this.error = value;
        this.level = level;
        this.measure = measure;
        this.names = LayerNames.of(network);
    }

    /** A scan of the errors of a classifier on a data set over sparsities; see the other constructors. */
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
        try (Progress progress = Progress.startWhole("sensitivity of " + network.name(), size())) {
            if (Double.isNaN(baseline)) {
                baseline = value(() -> network);
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
        double value = value(() -> variant.of(layer, level));
        measured.computeIfAbsent(layer, l -> new LinkedHashMap<>()).put(level, value);
    }

    private double value(Supplier<Network> changed) {
        if (Thread.interrupted()) {
            throw interrupted(null);
        }
        try {
            return error.applyAsDouble(changed.get());
        } catch (CancellationException e) {
            throw interrupted(e);
        }
    }

    /** @param within what the measurement said that was under way, or null */
    private CancellationException interrupted(CancellationException within) {
        CancellationException stop = new CancellationException("The scan of network " + network.name()
                + " was interrupted after " + done() + " of " + size()
                + " measurements; run it again to go on from there.");
        stop.initCause(within);
        return stop;
    }

    private String note(String layer, double value) {
        return name(layer) + " at " + level.text(value) + ": " + text(error(layer, value));
    }

    private String text(double value) {
        return measure.equals(Measure.ERROR)
                ? String.format(Locale.ROOT, "error %.2f %%", value)
                : String.format(Locale.ROOT, "%s %.3g", measure.quantity(), value);
    }

    /** What was measured. */
    public Measure measure() {
        return measure;
    }

    /** What the levels are. */
    public Level level() {
        return level;
    }

    /** The name by which people know the layer of a weight. */
    public String name(String layer) {
        return names.getOrDefault(layer, layer);
    }

    /** The name of the network. */
    public String network() {
        return network.name();
    }

    /** The layers' weights, in the order of the network. */
    public List<String> layers() {
        return layers;
    }

    /** The levels, in ascending order. */
    public List<Double> levels() {
        return levels;
    }

    /**
     * What was measured of the network as it is, the error in percent or another measure: infinite for a signal-to-noise ratio,
     * NaN when it was not measured yet.
     */
    public double baseline() {
        return baseline;
    }

    /** The error, or another measure, with one layer at a level; NaN when it was not measured yet. */
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
     * @param points how much the error may rise, in percentage points; or the least that a measure may be of which more is
     *     better
     */
    public String targets(double points) {
        return layers.stream().map(layer -> layer + "=" + target(layer, points)).collect(Collectors.joining(", "));
    }

    private double target(String layer, double points) {
        double target = 0;
        for (double level : levels) {
            double value = error(layer, level);
            if (!(measure.moreIsBetter() ? value >= points : value - baseline <= points)) {
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
                "sensitivity of %s: %d %s at %s, %s, %d of %d measured",
                network.name(),
                layers.size(),
                layers.size() == 1 ? "layer" : "layers",
                level.text(levels),
                Double.isInfinite(baseline) ? measure.quantity() : text(baseline) + " as it is",
                done(),
                size());
    }
}
