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
 * commas separate patterns, and a pattern after {@code !} takes away what those before it chose ({@code *, !conv1}; when
 * it comes first, it takes away from all). What the {@code layers} option of every technique means.
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
        return select(network, candidates, List.of());
    }

    /**
     * The candidates that match, and others that are asked for: those of a pattern that matches no candidate.
     *
     * @param network the network's name, for messages
     * @param others weights that {@code *} does not mean, such as biases, by their own names
     * @throws IllegalArgumentException if one of the patterns matches neither; the message has the nearest names
     */
    public List<LayerWeight> select(String network, List<LayerWeight> candidates, List<LayerWeight> others) {
        Set<LayerWeight> chosen = new LinkedHashSet<>(text.strip().startsWith("!") ? candidates : List.of());
        for (String part : text.split(",")) {
            String glob = part.strip();
            if (glob.startsWith("!")) {
                matches(glob.substring(1).strip(), network, candidates, others).forEach(chosen::remove);
            } else {
                chosen.addAll(matches(glob, network, candidates, others));
            }
        }
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException(
                    "Layers " + text + " leaves no layer of network " + network + "; choose at least one.");
        }
        return Stream.concat(candidates.stream(), others.stream())
                .filter(chosen::contains)
                .toList();
    }

    /** Whether a layer is one of those that are asked for; of a pattern that matches nothing nothing is said. */
    public boolean matches(LayerWeight layer) {
        boolean chosen = text.strip().startsWith("!");
        for (String part : text.split(",")) {
            boolean away = part.strip().startsWith("!");
            if (isNamed(compile(away ? part.strip().substring(1).strip() : part.strip()), layer)) {
                chosen = !away;
            }
        }
        return chosen;
    }

    private static boolean isNamed(Pattern pattern, LayerWeight weight) {
        return pattern.matcher(weight.layer()).matches()
                || pattern.matcher(weight.name()).matches();
    }

    private static List<LayerWeight> matches(
            String glob, String network, List<LayerWeight> candidates, List<LayerWeight> others) {
        Pattern pattern = compile(glob);
        List<LayerWeight> matches =
                candidates.stream().filter(weight -> isNamed(pattern, weight)).toList();
        if (matches.isEmpty()) {
            matches = others.stream()
                    .filter(weight -> pattern.matcher(weight.name()).matches())
                    .toList();
        }
        if (matches.isEmpty()) {
            throw new IllegalArgumentException(
                    "No layer of network " + network + " is named " + glob + nearest(glob, candidates, others));
        }
        return matches;
    }

    /** The nearest names of layers; of weights where no layer's is near. */
    private static String nearest(String glob, List<LayerWeight> candidates, List<LayerWeight> others) {
        List<String> layers =
                candidates.stream().map(LayerWeight::layer).distinct().toList();
        List<String> weights = Stream.concat(candidates.stream(), others.stream())
                .map(LayerWeight::name)
                .distinct()
                .toList();
        boolean like = NearestNames.of(glob, layers).isEmpty()
                && !NearestNames.of(glob, weights).isEmpty();
        return NearestNames.suggest(glob, like ? weights : layers);
    }

    private static Pattern compile(String glob) {
        String regex = Arrays.stream(glob.split("(?<=[*?])|(?=[*?])"))
                .map(part -> part.equals("*") ? ".*" : part.equals("?") ? "." : Pattern.quote(part))
                .collect(Collectors.joining());
        return Pattern.compile(regex, Pattern.DOTALL);
    }
}
