package pomona.quantize;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import pomona.graph.Network;
import pomona.graph.Step;

/**
 * The layers that measurement left in float or gave 16 bits, as provenance tells of them: {@code auto (conv1, fc2)}.
 *
 * @param wish what was asked for: a number, {@code auto} or {@code slower}
 * @param layers the layers that were found
 */
record SparedLayers(String wish, List<String> layers) {

    private static final Pattern TEXT = Pattern.compile("(auto|slower|[0-9]+) \\((.+)\\)");

    private static final String SENSITIVE = "sensitive";

    /** What stands between a layer and why it can not be quantized. */
    static final String STAYS = " stays float: ";

    /** The options of steps that may tell of layers. */
    private static final List<String> OPTIONS = List.of("keepFloat", "sixteenBits");

    SparedLayers {
        layers = List.copyOf(layers);
    }

    /** Why layers of a network were spared, by their names; empty when none was. */
    static Map<String, String> reasons(Network network) {
        Map<String, String> reasons = new LinkedHashMap<>();
        for (Step step : network.provenance()) {
            for (String option : OPTIONS) {
                parse(step.options().getOrDefault(option, ""))
                        .ifPresent(spared -> spared.layers().forEach(layer -> reasons.put(layer, spared.reason())));
            }
            for (String left : step.options().getOrDefault("leftFloat", "").split("; ")) {
                int end = left.indexOf(STAYS);
                if (end > 0) {
                    reasons.put(left.substring(0, end), left.substring(end + STAYS.length()));
                }
            }
            String mixed = step.options().getOrDefault("inFloat", "none");
            if (!mixed.equals("none")) {
                Arrays.asList(mixed.split(", ")).forEach(layer -> reasons.put(layer, SENSITIVE));
            }
        }
        return reasons;
    }

    /** The option's text in a step of provenance. */
    String text() {
        return layers.isEmpty() ? wish : wish + " (" + String.join(", ", layers) + ")";
    }

    private static Optional<SparedLayers> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new SparedLayers(
                        matcher.group(1), Arrays.asList(matcher.group(2).split(", "))))
                : Optional.empty();
    }

    private String reason() {
        return wish.equals(KeptLayers.SLOWER.toString()) ? "slower as integers" : SENSITIVE;
    }
}
