package pomona.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * One step of a network's provenance: the technique that was applied and its options, as text.
 *
 * @param name the technique's name, such as {@code MagnitudePruning}
 * @param options the options by name, in the order in which they were declared
 */
public record Step(String name, Map<String, String> options) {

    public Step {
        Objects.requireNonNull(name, "name");
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** For example {@code MagnitudePruning(sparsity=0.9, scope=global)}. */
    @Override
    public String toString() {
        return name
                + options.entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .collect(Collectors.joining(", ", "(", ")"));
    }
}
