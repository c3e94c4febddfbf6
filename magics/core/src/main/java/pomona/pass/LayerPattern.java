package pomona.pass;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import pomona.graph.LayerWeight;

/**
 * Chooses layers by the name that tables show, or that of their operator or weight: {@code *} stands for any text, {@code ?}
 * for one character, commas separate patterns, and a pattern after {@code !} takes away what those before it chose ({@code
 * *, !conv1}; when it comes first, it takes away from all). A name without wildcards is that of an operator or weight if
 * there is one, else one that is shown, else that of what layers are in ({@code encoder.layer.0}). What the {@code layers}
 * option of every technique means.
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
            String glob = away ? part.strip().substring(1).strip() : part.strip();
            if (isOwn(compile(glob), layer) || isShown(compile(glob), layer) || isInside(glob, layer)) {
                chosen = !away;
            }
        }
        return chosen;
    }

    private static boolean isOwn(Pattern pattern, LayerWeight weight) {
        return pattern.matcher(weight.layer()).matches()
                || pattern.matcher(weight.name()).matches();
    }

    private static boolean isShown(Pattern pattern, LayerWeight weight) {
        return pattern.matcher(weight.shown()).matches()
                || pattern.matcher(shownWithWeight(weight)).matches();
    }

    private static boolean isInside(String glob, LayerWeight weight) {
        return isExact(glob) && weight.shown().startsWith(glob + ".");
    }

    private static boolean isExact(String glob) {
        return !glob.contains("*") && !glob.contains("?");
    }

    private static List<LayerWeight> matches(
            String glob, String network, List<LayerWeight> candidates, List<LayerWeight> others) {
        Pattern pattern = compile(glob);
        Predicate<LayerWeight> own = weight -> isOwn(pattern, weight);
        Predicate<LayerWeight> shown = weight -> isShown(pattern, weight);
        return Stream.of(
                        filter(candidates, isExact(glob) ? own : own.or(shown)),
                        filter(candidates, shown),
                        filter(others, weight -> pattern.matcher(weight.name()).matches()),
                        filter(candidates, weight -> isInside(glob, weight)))
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "No layer of network " + network + " is named " + glob + nearest(glob, candidates, others)));
    }

    private static List<LayerWeight> filter(List<LayerWeight> weights, Predicate<LayerWeight> wanted) {
        return weights.stream().filter(wanted).toList();
    }

    /** How a layer is shown when another one has the same name. */
    private static String shownWithWeight(LayerWeight weight) {
        return weight.shown() + " (" + weight.name() + ")";
    }

    /** The nearest of the names that are shown; of operators, and then of weights, where no shown one is near. */
    private static String nearest(String glob, List<LayerWeight> candidates, List<LayerWeight> others) {
        List<String> all = candidates.stream().map(LayerWeight::shown).toList();
        List<String> shown = candidates.stream()
                .map(weight -> Collections.frequency(all, weight.shown()) == 1 ? weight.shown() : weight.layer())
                .distinct()
                .toList();
        List<String> operators =
                candidates.stream().map(LayerWeight::layer).distinct().toList();
        List<String> weights = Stream.concat(candidates.stream(), others.stream())
                .map(LayerWeight::name)
                .distinct()
                .toList();
        List<String> like = Stream.of(shown, operators, weights)
                .filter(names -> !NearestNames.of(glob, names).isEmpty())
                .findFirst()
                .orElse(shown);
        return NearestNames.suggest(glob, like);
    }

    private static Pattern compile(String glob) {
        String regex = Arrays.stream(glob.split("(?<=[*?])|(?=[*?])"))
                .map(part -> part.equals("*") ? ".*" : part.equals("?") ? "." : Pattern.quote(part))
                .collect(Collectors.joining());
        return Pattern.compile(regex, Pattern.DOTALL);
    }
}
