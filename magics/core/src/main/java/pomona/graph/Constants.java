package pomona.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads values that are fixed when a network is built: weights and the outputs of Constant operators.
 *
 * <p>Some exporters write weights as Constant operators; {@link #lift} makes them weights like any other.
 */
public final class Constants {

    private Constants() {}

    /** The same network with the tensor of every Constant operator among its weights, under the same name. */
    public static Network lift(Network network) {
        NetworkBuilder builder = network.toBuilder();
        List<Node> rest = new ArrayList<>();
        for (Node node : network.nodes()) {
            Tensor value = valueOf(node);
            if (value == null) {
                rest.add(node);
            } else {
                builder.weight(node.output(), value);
            }
        }
        return rest.size() == network.nodes().size()
                ? network
                : builder.nodes(rest).build();
    }

    /** The tensor that a Constant operator makes, or null if it is another operator or of a kind not read. */
    public static Tensor valueOf(Node node) {
        if (!node.is("Constant") || node.attributes().size() != 1) {
            return null;
        }
        Attribute value = node.attributes().values().iterator().next();
        if (value instanceof Attribute.Constant c) {
            return c.value();
        } else if (value instanceof Attribute.Int i) {
            return Tensor.scalar(i.value());
        } else if (value instanceof Attribute.Real r) {
            return Tensor.scalar(r.value());
        } else if (value instanceof Attribute.Ints ints) {
            long[] values = ints.values().stream().mapToLong(Long::longValue).toArray();
            return Tensor.ofLongs(values, values.length);
        } else if (value instanceof Attribute.Reals reals) {
            float[] values = new float[reals.values().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = reals.values().get(i);
            }
            return Tensor.ofFloats(values, values.length);
        }
        return null;
    }
}
