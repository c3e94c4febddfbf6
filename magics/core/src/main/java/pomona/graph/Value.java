package pomona.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A named value that flows through a graph, with what is known of its type.
 *
 * @param name the value's name, unique in its graph
 * @param type the element type, or null when unknown or not a tensor
 * @param shape the dimensions, or null when even their number is unknown
 * @param opaque the ONNX ValueInfoProto this value was read from, kept so that what this library does not model
 *     (sequences, maps, denotations, unknown fields) survives; empty when there is none
 */
public record Value(String name, ElementType type, List<Dimension> shape, Opaque opaque) {

    public Value {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(opaque, "opaque");
        shape = shape == null ? null : List.copyOf(shape);
    }

    /** A tensor of known type whose dimensions are numbers ({@link Long}, {@link Integer}) or symbols (String). */
    public static Value of(String name, ElementType type, Object... dimensions) {
        List<Dimension> shape = Arrays.stream(dimensions)
                .map(d -> d instanceof Number n ? Dimension.of(whole(name, n)) : Dimension.of(d.toString()))
                .toList();
        return new Value(name, type, shape, Opaque.NONE);
    }

    private static long whole(String name, Number size) {
        if (size.doubleValue() != size.longValue()) {
            throw new IllegalArgumentException(
                    "Value " + name + " can not have a dimension of size " + size + "; sizes are whole numbers.");
        }
        return size.longValue();
    }

    /** The same type and shape under another name. */
    public Value named(String newName) {
        return new Value(newName, type, shape, Opaque.NONE);
    }

    /** For example {@code image float[batch,1,28,28]}. */
    @Override
    public String toString() {
        String dims = shape == null
                ? "[...]"
                : shape.stream().map(Dimension::toString).collect(Collectors.joining(",", "[", "]"));
        return name + " " + (type == null ? "?" : type.name().toLowerCase(java.util.Locale.ROOT)) + dims;
    }
}
