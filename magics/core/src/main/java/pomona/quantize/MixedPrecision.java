package pomona.quantize;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.evaluate.Latency;
import pomona.graph.Network;

/**
 * What a search for a mix of precisions found, and what it measured on the way.
 *
 * @param network the network that was chosen
 * @param floats the network as it was
 * @param chosen what was measured of the chosen one
 * @param trials all networks that were measured, in the order of the search
 * @param layers what each layer costs when it alone is quantized, scheme by scheme
 * @param order what the costs of layers are
 * @param inFloat the weights of layers that could be quantized and stayed in float
 * @param testErrorOfFloats wrong answers of a hundred on the test data of the network as it was; NaN without such data
 * @param testError the same of the network that was chosen
 */
public record MixedPrecision(
        Network network,
        Trial floats,
        Trial chosen,
        List<Trial> trials,
        List<LayerCost> layers,
        MixedPrecisionQuantization.Order order,
        List<String> inFloat,
        double testErrorOfFloats,
        double testError) {

    /** How a summary begins when no layer is quantized. */
    static final String FLOATS = "floats: ";

    /** How it ends when every network that was tried has too many errors. */
    static final String NONE_WITHIN = "no mix is within the budget";

    static final String SAVES_NOTHING = "saves nothing";

    static final String NOT_FASTER = "not faster";

    public MixedPrecision {
        trials = List.copyOf(trials);
        layers = List.copyOf(layers);
        inFloat = List.copyOf(inFloat);
    }

    /**
     * One network that was measured.
     *
     * @param schemes how layers are quantized, by their weights; others are floats
     * @param error wrong answers of a hundred on the validation data
     * @param bytes the size of the file
     * @param micros the median time of a run at batch 1, in microseconds; NaN when it was not timed
     * @param microsOfFloats the median time of the network of floats, run in turns with this one; NaN when it was not timed
     * @param withinBudget whether the error may be chosen
     */
    public record Trial(
            Map<String, LayerScheme> schemes,
            double error,
            long bytes,
            double micros,
            double microsOfFloats,
            boolean withinBudget) {

        public Trial {
            schemes = Collections.unmodifiableMap(new LinkedHashMap<>(schemes));
        }

        /** How many layers are quantized. */
        public int quantized() {
            return schemes.size();
        }

        /** How many times as fast as the network of floats; under 1 is slower, NaN when not timed. */
        public double speedup() {
            return microsOfFloats / micros;
        }

        /** How layers are quantized: {@code floats}, {@code static}, or {@code 3 weight-only, 1 int4}. */
        public String mix() {
            Map<LayerScheme, Long> counts = schemes.values().stream()
                    .collect(Collectors.groupingBy(
                            scheme -> scheme, () -> new EnumMap<>(LayerScheme.class), Collectors.counting()));
            return switch (counts.size()) {
                case 0 -> "floats";
                case 1 -> counts.keySet().iterator().next().toString();
                default ->
                    counts.entrySet().stream()
                            .map(entry -> entry.getValue() + " " + entry.getKey())
                            .collect(Collectors.joining(", "));
            };
        }

        Trial timed(List<Double> floatsAndThis) {
            return new Trial(schemes, error, bytes, floatsAndThis.get(1), floatsAndThis.get(0), withinBudget);
        }
    }

    /**
     * What one layer alone costs.
     *
     * @param layer its weight
     * @param scheme how it was quantized
     * @param cost the rise of the error in points; or of the loss, as the curvature predicts it
     * @param noise the power of the outputs' noise beside that of the outputs, when this layer alone is quantized
     * @param bytes how much smaller the file is when this layer alone is quantized
     */
    public record LayerCost(String layer, LayerScheme scheme, double cost, double noise, long bytes) {

        /** What the layer costs in one number: where errors do not rise, the noise of the outputs decides. */
        double price() {
            return Math.max(0, cost) + noise;
        }

        /** The outputs' signal-to-noise ratio in decibels; infinite without noise. */
        public double decibels() {
            return SignalToNoise.decibels(1, noise);
        }
    }

    /** How many times as fast as the network of floats; under 1 is slower, NaN when not timed. */
    public double speedup() {
        return chosen.speedup();
    }

    /** How each quantized layer is stored: {@code weight-only: conv1.weight; int4: fc1.weight, fc2.weight}. */
    String forms() {
        Map<LayerScheme, List<String>> forms = new EnumMap<>(LayerScheme.class);
        chosen.schemes().forEach((layer, scheme) -> forms.computeIfAbsent(scheme, s -> new ArrayList<>())
                .add(layer));
        return forms.isEmpty()
                ? "none"
                : forms.entrySet().stream()
                        .map(form -> form.getKey() + ": " + String.join(", ", form.getValue()))
                        .collect(Collectors.joining("; "));
    }

    /**
     * Why each layer stayed in float while others did not, as a step of provenance tells of it; empty when none did: it would make
     * the file no smaller in any scheme, networks with it within the budget were no better, or it costs too much of the error.
     *
     * @param goal what was to be won
     */
    String whyFloat(MixedPrecisionQuantization.Goal goal) {
        return chosen.schemes().isEmpty()
                ? ""
                : inFloat.stream()
                        .map(layer -> layer + SparedLayers.STAYS + reason(layer, goal))
                        .collect(Collectors.joining("; "));
    }

    private String reason(String layer, MixedPrecisionQuantization.Goal goal) {
        boolean smallest = goal == MixedPrecisionQuantization.Goal.SMALLEST;
        boolean larger =
                layers.stream().filter(cost -> cost.layer().equals(layer)).allMatch(cost -> cost.bytes() <= 0);
        if (smallest && larger) {
            return SAVES_NOTHING;
        }
        boolean bearable = trials.stream()
                .filter(Trial::withinBudget)
                .map(trial -> trial.schemes().keySet())
                .anyMatch(quantized -> quantized.contains(layer)
                        && quantized.containsAll(chosen.schemes().keySet()));
        return bearable ? smallest ? SAVES_NOTHING : NOT_FASTER : SparedLayers.SENSITIVE;
    }

    /** One line: how many layers are quantized, and what time and size became of it. */
    public String summary() {
        if (chosen.schemes().isEmpty()) {
            boolean any = trials.stream().anyMatch(trial -> trial.withinBudget() && trial.quantized() > 0);
            return any ? FLOATS + "no mix within the budget is better" : FLOATS + NONE_WITHIN;
        }
        boolean several = chosen.schemes().values().stream().distinct().count() > 1;
        return String.format(
                Locale.ROOT,
                "%d of %d layers %s, %s, %,d bytes of %,d",
                chosen.quantized(),
                chosen.quantized() + inFloat.size(),
                several ? "(" + chosen.mix() + ")" : chosen.mix(),
                Latency.speed(speedup()).replace("the same", "as fast as floats"),
                chosen.bytes(),
                floats.bytes());
    }
}
