package pomona.quantize;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import pomona.graph.Network;
import pomona.graph.Step;

/**
 * The layers that measurement left in float or gave 16 bits, as provenance tells of them: {@code auto (conv1, fc2)}, or
 * {@code auto (conv1), slower (fc2)}.
 *
 * @param sensitive the layers that lose most
 * @param slower of the others those that are slower as integers
 */
record SparedLayers(List<String> sensitive, List<String> slower) {

    /** No layers. */
    static final SparedLayers NONE = new SparedLayers(List.of(), List.of());

    private static final Pattern TEXT =
            Pattern.compile("(?:(?:auto|[0-9]+)(?: \\((.+?)\\))?)?(?:(?:^|, )slower(?: \\((.+)\\))?)?");

    static final String SENSITIVE = "sensitive";

    private static final String NO_MIX = "no mix is better";

    private static final String SLOWER = "slower as integers";

    private static final Set<String> MEASURED = Set.of(
            SENSITIVE,
            SLOWER,
            NO_MIX,
            MixedPrecision.NONE_WITHIN,
            MixedPrecision.SAVES_NOTHING,
            MixedPrecision.NOT_FASTER);

    /** What stands between a layer and why it can not be quantized. */
    static final String STAYS = " stays float: ";

    /** The options of steps that may tell of layers. */
    private static final List<String> OPTIONS = List.of("keepFloat", "sixteenBits");

    SparedLayers {
        sensitive = List.copyOf(sensitive);
        slower = List.copyOf(slower);
    }

    /** Whether a layer was left in float by a measurement, and not since the technique does not take it. */
    static boolean isMeasured(String reason) {
        return MEASURED.contains(reason);
    }

    /** Why layers of a network were spared, by their names; empty when none was. */
    static Map<String, String> reasons(Network network) {
        Map<String, String> reasons = new LinkedHashMap<>();
        for (Step step : network.provenance()) {
            for (String option : OPTIONS) {
                SparedLayers spared = parse(step.options().getOrDefault(option, ""));
                spared.sensitive().forEach(layer -> reasons.put(layer, SENSITIVE));
                spared.slower().forEach(layer -> reasons.put(layer, SLOWER));
            }
            for (String left : step.options().getOrDefault("leftFloat", "").split("; ")) {
                int end = left.indexOf(STAYS);
                if (end > 0) {
                    reasons.put(left.substring(0, end), left.substring(end + STAYS.length()));
                }
            }
            String mixed = step.options().getOrDefault("inFloat", "none");
            if (!mixed.equals("none")) {
                String found = step.options().getOrDefault("found", "");
                String reason = !found.startsWith(MixedPrecision.FLOATS)
                        ? SENSITIVE
                        : found.endsWith(MixedPrecision.NONE_WITHIN) ? MixedPrecision.NONE_WITHIN : NO_MIX;
                Arrays.asList(mixed.split(", ")).forEach(layer -> reasons.putIfAbsent(layer, reason));
            }
        }
        return reasons;
    }

    /**
     * The option's text in a step of provenance.
     *
     * @param wish what was asked for: a number or {@code auto}, {@code slower}, or both
     */
    String text(String wish) {
        if (sensitive.isEmpty() && slower.isEmpty()) {
            return wish;
        }
        String[] parts = wish.split(",");
        boolean time = parts[parts.length - 1].equals(KeptLayers.SLOWER.toString());
        String last = named(parts[parts.length - 1], time ? slower : sensitive);
        return parts.length == 1 ? last : named(parts[0], sensitive) + ", " + last;
    }

    private static String named(String wish, List<String> layers) {
        return layers.isEmpty() ? wish : wish + " (" + String.join(", ", layers) + ")";
    }

    private static SparedLayers parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches() ? new SparedLayers(names(matcher.group(1)), names(matcher.group(2))) : NONE;
    }

    private static List<String> names(String group) {
        return group == null ? List.of() : Arrays.asList(group.split(", "));
    }
}
