package pomona.quantize;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import pomona.graph.Network;
import pomona.graph.Step;

/**
 * What a search for layers to leave in float, or to give 16 bits, measured and decided by. It is kept in the step of
 * provenance.
 *
 * @param verdict a sentence on what was found, and why; two where two searches followed each other, none where nothing was
 *     searched for
 * @param alone the outputs' signal-to-noise ratio in decibels when a layer alone is quantized, by the layer's name; infinite
 *     without noise
 * @param races the networks that were timed in turns, in their order
 */
public record LayerSearch(String verdict, Map<String, Double> alone, List<LayerRace> races) {

    /** Nothing was searched for. */
    public static final LayerSearch NONE = new LayerSearch("", Map.of(), List.of());

    private static final String VERDICT = "searched";
    private static final String ALONE = "alone";
    private static final String RACES = "races";

    private static final Pattern RATIO = Pattern.compile("(.+)=([0-9.]+|-[0-9.]+|Infinity) dB");

    private static final Pattern RACE =
            Pattern.compile("(.+?)(?: \\.\\. (.+))? in (float|integers) ([0-9.]+) us after ([0-9.]+) us(, kept|)");

    public LayerSearch {
        alone = Collections.unmodifiableMap(new LinkedHashMap<>(alone));
        races = List.copyOf(races);
    }

    /** What the steps of a network tell of its last search; {@link #NONE} when there was none. */
    public static LayerSearch of(Network network) {
        LayerSearch found = NONE;
        for (Step step : network.provenance()) {
            Map<String, String> options = step.options();
            if (options.containsKey(VERDICT)) {
                found = new LayerSearch(
                        options.get(VERDICT),
                        ratios(options.getOrDefault(ALONE, "")),
                        races(options.getOrDefault(RACES, "")));
            }
        }
        return found;
    }

    /** This search and another one that followed it. */
    LayerSearch and(LayerSearch next) {
        Map<String, Double> all = new LinkedHashMap<>(alone);
        all.putAll(next.alone);
        List<LayerRace> both = new ArrayList<>(races);
        both.addAll(next.races);
        return new LayerSearch((verdict + " " + next.verdict).strip(), all, both);
    }

    /** Writes what {@link #of} reads. */
    void addTo(Map<String, String> options) {
        if (!verdict.isEmpty()) {
            options.put(VERDICT, verdict);
        }
        if (!alone.isEmpty()) {
            options.put(
                    ALONE,
                    alone.entrySet().stream()
                            .map(entry -> entry.getKey() + "=" + number(entry.getValue()) + " dB")
                            .collect(Collectors.joining("; ")));
        }
        if (!races.isEmpty()) {
            options.put(RACES, races.stream().map(LayerSearch::text).collect(Collectors.joining("; ")));
        }
    }

    private static String text(LayerRace race) {
        return race.first() + (race.first().equals(race.last()) ? "" : " .. " + race.last()) + " in "
                + (race.inFloat() ? "float " : "integers ") + number(race.micros()) + " us after "
                + number(race.microsBefore()) + " us" + (race.won() ? ", kept" : "");
    }

    private static String number(double value) {
        return Double.isInfinite(value) ? "Infinity" : String.format(Locale.ROOT, "%.1f", value);
    }

    private static Map<String, Double> ratios(String text) {
        Map<String, Double> ratios = new LinkedHashMap<>();
        for (String part : text.split("; ")) {
            Matcher matcher = RATIO.matcher(part);
            if (matcher.matches()) {
                ratios.put(matcher.group(1), Double.valueOf(matcher.group(2)));
            }
        }
        return ratios;
    }

    private static List<LayerRace> races(String text) {
        List<LayerRace> races = new ArrayList<>();
        for (String part : text.split("; ")) {
            Matcher matcher = RACE.matcher(part);
            if (matcher.matches()) {
                String last = matcher.group(2) == null ? matcher.group(1) : matcher.group(2);
                races.add(new LayerRace(
                        matcher.group(1),
                        last,
                        matcher.group(3).equals("float"),
                        Double.parseDouble(matcher.group(4)),
                        Double.parseDouble(matcher.group(5)),
                        !matcher.group(6).isEmpty()));
            }
        }
        return races;
    }
}
