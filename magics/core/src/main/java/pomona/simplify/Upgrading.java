package pomona.simplify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * One operator while it is rewritten in a newer operator set.
 *
 * @param network the network it stands in
 * @param to the new operator set
 * @param node the operator
 * @param values what is known of each value, null for nothing
 * @param constants the constants by name, null for what is none
 * @param taken the values that something takes
 * @param names finds free names
 * @param added gets new constants
 */
record Upgrading(
        Network network,
        long to,
        Node node,
        Function<String, Value> values,
        Function<String, Tensor> constants,
        Set<String> taken,
        FreshNames names,
        Map<String, Tensor> added) {

    /** The same with another form of the operator. */
    Upgrading with(Node changed) {
        return new Upgrading(network, to, changed, values, constants, taken, names, added);
    }

    /** Whether that operator set lies between the old and the new one, and thus its change must be made. */
    boolean crosses(long opset) {
        return network.opset() < opset && to >= opset;
    }

    /** A new constant. */
    String constant(String wish, Tensor tensor) {
        String name = names.value(wish);
        added.put(name, tensor);
        return name;
    }

    /** Makes a constant input of an attribute, if it is there. */
    Upgrading toInput(String attribute, int place) {
        Attribute value = node.attributes().get(attribute);
        return value == null
                ? this
                : with(node.without(attribute))
                        .withInput(place, constant(node.output() + "." + attribute, tensor(value)));
    }

    Upgrading withInput(int place, String name) {
        List<String> inputs = new ArrayList<>(node.inputs());
        while (inputs.size() <= place) {
            inputs.add("");
        }
        inputs.set(place, name);
        return with(node.withInputs(inputs));
    }

    private Tensor tensor(Attribute value) {
        if (value instanceof Attribute.Ints ints) {
            long[] values = ints.values().stream().mapToLong(Long::longValue).toArray();
            return Tensor.ofLongs(values, values.length);
        } else if (value instanceof Attribute.Reals reals) {
            float[] values = new float[reals.values().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = reals.values().get(i);
            }
            return Tensor.ofFloats(values, values.length);
        } else if (value instanceof Attribute.Real real) {
            return Tensor.scalar(real.value());
        } else if (value instanceof Attribute.Int integer) {
            return Tensor.ofLongs(new long[] {integer.value()}, 1);
        }
        throw refusal("an attribute has a type that it should not have");
    }

    /** The element type of an input, or null. */
    ElementType type(int input) {
        Value value = values.apply(node.input(input));
        return value == null ? null : value.type();
    }

    /** The number of dimensions of an input, or -1. */
    int rank(int input) {
        Value value = values.apply(node.input(input));
        return value == null || value.shape() == null ? -1 : value.shape().size();
    }

    /** A constant input, or null. */
    Tensor tensor(int input) {
        String name = node.input(input);
        return name.isEmpty() ? null : added.containsKey(name) ? added.get(name) : constants.apply(name);
    }

    IllegalArgumentException refusal(String reason) {
        return new IllegalArgumentException("Operator " + node.label() + " (" + node.op() + ") of network "
                + network.name() + " can not be rewritten from operator set " + network.opset() + " to " + to + ": "
                + reason + "; export the network again in a newer one.");
    }
}
