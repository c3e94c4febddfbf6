package pomona.prune;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.graph.LayerWeight;
import pomona.pass.LayerPattern;

/**
 * Sparsities of single layers, by name or pattern; a later entry has the last word. Layers without an entry share the
 * technique's own target.
 */
public final class LayerTargets {

    /** No layer has a target of its own. */
    public static final LayerTargets NONE = new LayerTargets(Map.of());

    private final Map<String, Double> targets;

    private LayerTargets(Map<String, Double> targets) {
        this.targets = Collections.unmodifiableMap(new LinkedHashMap<>(targets));
        this.targets.forEach((pattern, sparsity) -> {
            if (!(sparsity >= 0 && sparsity < 1)) {
                throw new IllegalArgumentException("Sparsity " + sparsity + " of layer " + pattern
                        + " is out of range; it is from 0 up to but not including 1.");
            }
        });
    }

    /** Targets by layer name or pattern, from 0 up to but not including 1 each. */
    public static LayerTargets of(Map<String, Double> targets) {
        return new LayerTargets(targets);
    }

    /** Reads a list such as {@code conv1=0.3, fc*=0.95}; {@code none} is the empty list. */
    public static LayerTargets parse(String text) {
        Map<String, Double> targets = new LinkedHashMap<>();
        if (text.isBlank() || text.strip().equals("none")) {
            return NONE;
        }
        for (String entry : text.split(",")) {
            int equals = entry.lastIndexOf('=');
            try {
                targets.put(
                        entry.substring(0, equals).strip(),
                        Double.valueOf(entry.substring(equals + 1).strip()));
            } catch (NumberFormatException | IndexOutOfBoundsException e) {
                throw new IllegalArgumentException(
                        "Target " + entry.strip()
                                + " is not understood; it is a layer and its sparsity, such as fc*=0.95.",
                        e);
            }
        }
        return new LayerTargets(targets);
    }

    /** The targets by layer name or pattern. */
    public Map<String, Double> targets() {
        return targets;
    }

    /**
     * The target of each weight that has one of its own, by the weight's name.
     *
     * @throws IllegalArgumentException if a pattern matches none of the candidates; the message has the nearest names
     */
    Map<String, Double> of(String network, List<LayerWeight> candidates) {
        Map<String, Double> chosen = new LinkedHashMap<>();
        targets.forEach((pattern, sparsity) -> new LayerPattern(pattern)
                .select(network, candidates)
                .forEach(weight -> chosen.put(weight.name(), sparsity)));
        return chosen;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LayerTargets t && t.targets.equals(targets);
    }

    @Override
    public int hashCode() {
        return targets.hashCode();
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        return targets.isEmpty()
                ? "none"
                : targets.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(", "));
    }
}
