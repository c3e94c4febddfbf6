package pomona.quantize;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.NetworkBuilder;
import pomona.graph.Tensor;

/** Small constants that the operators of several weights take: each is stored once. */
final class SharedConstants {

    private final NetworkBuilder builder;
    private final FreshNames names;
    private final Map<String, String> made = new HashMap<>();

    SharedConstants(NetworkBuilder builder, FreshNames names) {
        this.builder = builder;
        this.names = names;
    }

    /** A vector of 64-bit integers; the same wish means the same values. */
    String longs(String wish, long... values) {
        return get(wish, () -> Tensor.ofLongs(values, values.length));
    }

    /** A vector of 32-bit integers. */
    String ints(String wish, int... values) {
        return get(wish, () -> Tensor.ofInts(values, values.length));
    }

    /** Signed bytes in a shape. */
    String bytes(String wish, byte[] values, long... shape) {
        return get(wish, () -> Tensor.ofBytes(ElementType.INT8, values, shape));
    }

    /** A 64-bit integer without dimensions. */
    String scalar(String wish, long value) {
        return get(wish, () -> Tensor.scalar(value));
    }

    private String get(String wish, Supplier<Tensor> tensor) {
        return made.computeIfAbsent(wish, w -> {
            String name = names.value("codebooks." + wish);
            builder.weight(name, tensor.get());
            return name;
        });
    }
}
