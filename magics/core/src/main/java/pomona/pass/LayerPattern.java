package pomona.pass;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import pomona.graph.LayerWeight;

/**
 * Chooses layers by the name of their operator or weight: {@code *} stands for any text, {@code ?} for one character,
 * commas separate patterns. What the {@code layers} option of every technique means.
 *
 * @param text the patterns
 */
public record LayerPattern(String text) {

    public LayerPattern {
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException("Option layers is empty; it is a name or a pattern such as fc*.");
        }
    }

    /**
     * The candidates that match, in their order.
     *
     * @param network the network's name, for messages
     * @throws IllegalArgumentException if one of the patterns matches no candidate; the message has the nearest names
     */
    public List<LayerWeight> select(String network, List<LayerWeight> candidates) {
        Set<LayerWeight> chosen = new LinkedHashSet<>();
        for (String glob : text.split(",")) {
            Pattern pattern = compile(glob.strip());
            List<LayerWeight> matches = candidates.stream()
                    .filter(weight -> pattern.matcher(weight.layer()).matches()
                            || pattern.matcher(weight.name()).matches())
                    .toList();
            if (matches.isEmpty()) {
                Set<String> names = candidates.stream()
                        .flatMap(weight -> Stream.of(weight.layer(), weight.name()))
                        .collect(Collectors.toCollection(LinkedHashSet::new));
                throw new IllegalArgumentException("No layer of network " + network + " is named " + glob.strip()
                        + NearestNames.suggest(glob.strip(), names));
            }
            chosen.addAll(matches);
        }
        return candidates.stream().filter(chosen::contains).toList();
    }

    private static Pattern compile(String glob) {
        String regex = Arrays.stream(glob.split("(?<=[*?])|(?=[*?])"))
                .map(part -> part.equals("*") ? ".*" : part.equals("?") ? "." : Pattern.quote(part))
                .collect(Collectors.joining());
        return Pattern.compile(regex, Pattern.DOTALL);
    }
}
