package pomona.quantize;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import pomona.graph.LayerWeight;
import pomona.pass.LayerPattern;

/**
 * How many bits the weights of each layer take, from 1 to 8: one number for all, numbers by layer name or pattern, or
 * both; a later entry has the last word. Layers without a number stay as they are.
 */
public final class LayerBits {

    private static final int MOST = 8;

    private final Integer all;
    private final Map<String, Integer> byPattern;

    private LayerBits(Integer all, Map<String, Integer> byPattern) {
        this.all = all == null ? null : checked(all, "");
        this.byPattern = Collections.unmodifiableMap(new LinkedHashMap<>(byPattern));
        this.byPattern.forEach((pattern, bits) -> checked(bits, " of layer " + pattern));
    }

    /** The same number for all layers, 1 to 8. */
    public static LayerBits of(int bits) {
        return new LayerBits(bits, Map.of());
    }

    /** Numbers by layer name or pattern, 1 to 8 each; layers that match none stay as they are. */
    public static LayerBits of(Map<String, Integer> byPattern) {
        if (byPattern.isEmpty()) {
            throw notUnderstood("", null);
        }
        return new LayerBits(null, byPattern);
    }

    /** Reads a number, a list such as {@code conv*=8, fc*=5}, or a list that begins with the number of all others. */
    public static LayerBits parse(String text) {
        Integer all = null;
        Map<String, Integer> byPattern = new LinkedHashMap<>();
        for (String entry : text.split(",", -1)) {
            int equals = entry.lastIndexOf('=');
            try {
                int bits = Integer.parseInt(entry.substring(equals + 1).strip());
                if (equals >= 0) {
                    byPattern.put(entry.substring(0, equals).strip(), bits);
                } else if (all == null) {
                    all = bits;
                } else {
                    throw notUnderstood(entry, null);
                }
            } catch (NumberFormatException e) {
                throw notUnderstood(entry, e);
            }
        }
        return new LayerBits(all, byPattern);
    }

    /**
     * The bits of each weight that has a number, by the weight's name and in the order of the candidates.
     *
     * @throws IllegalArgumentException if a pattern matches none of the candidates; the message has the nearest names
     */
    Map<String, Integer> of(String network, List<LayerWeight> candidates) {
        Map<String, Integer> chosen = new LinkedHashMap<>();
        candidates.forEach(weight -> chosen.put(weight.name(), all));
        byPattern.forEach((pattern, bits) -> new LayerPattern(pattern)
                .select(network, candidates)
                .forEach(weight -> chosen.put(weight.name(), bits)));
        chosen.values().removeIf(Objects::isNull);
        return chosen;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LayerBits b && Objects.equals(b.all, all) && b.byPattern.equals(byPattern);
    }

    @Override
    public int hashCode() {
        return Objects.hash(all, byPattern);
    }

    /** The text that {@link #parse} reads. */
    @Override
    public String toString() {
        return Stream.concat(
                        Stream.ofNullable(all).map(String::valueOf),
                        byPattern.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private static int checked(int bits, String of) {
        if (bits < 1 || bits > MOST) {
            throw new IllegalArgumentException("Option bits is " + bits + of + ", but it is from 1 to " + MOST + ".");
        }
        return bits;
    }

    private static IllegalArgumentException notUnderstood(String entry, Exception cause) {
        return new IllegalArgumentException(
                "Option bits is " + entry.strip() + ", but it is a number from 1 to 8, or a layer and its number,"
                        + " such as fc*=5.",
                cause);
    }
}
