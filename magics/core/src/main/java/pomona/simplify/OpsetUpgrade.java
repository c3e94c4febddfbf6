package pomona.simplify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.pass.Pass;

/**
 * Rewrites a network of operator set 10, 11 or 12 in operator set 13, which has a scale for each channel; newer networks
 * stay as they are.
 *
 * <p>What moved from attributes to inputs is moved (axes of Squeeze, Unsqueeze and ReduceSum, sizes of Split, bounds of
 * Clip, amounts of Pad), and Softmax keeps its meaning where that is possible. Sources: the change logs of the ONNX
 * operator specification, sets 11 to 13.
 *
 * @throws IllegalArgumentException from {@link #transform}, if an operator can not be rewritten
 */
public record OpsetUpgrade() implements Pass {

    /** The operator set that networks are rewritten in. */
    public static final long TARGET = 13;

    /** The oldest operator set that can be rewritten. */
    public static final long OLDEST = 10;

    @Override
    public Network transform(Network network) {
        if (network.opset() >= TARGET) {
            return network;
        }
        if (network.opset() < OLDEST) {
            throw new IllegalArgumentException(
                    "Network " + network.name() + " is written in operator set " + network.opset()
                            + "; it can be rewritten from " + OLDEST + " on, so export it again in a newer one.");
        }
        Upgrade upgrade = new Upgrade(network, network.toBuilder(), ShapeInference.of(network));
        List<Node> nodes = network.nodes().stream().map(upgrade::rewrite).toList();
        return upgrade.builder().nodes(nodes).opset("", TARGET).build();
    }

    private record Upgrade(Network network, NetworkBuilder builder, Map<String, Value> shapes) {

        Node rewrite(Node node) {
            boolean nested = node.attributes().values().stream().anyMatch(a -> a instanceof Attribute.Subgraph);
            if (nested) {
                throw refusal(node, "it has a sub-graph");
            }
            if (!node.domain().isEmpty()) {
                return node;
            }
            return switch (node.op()) {
                case "Squeeze", "Unsqueeze", "ReduceSum" -> toInput(node, "axes", 1);
                case "Split" -> toInput(node, "split", 1);
                case "Softmax", "LogSoftmax", "Hardmax" -> softmax(node);
                case "Dropout" -> node.hasInput(1) ? node : without(node, "ratio");
                case "Clip" -> toInput(toInput(node, "min", 1), "max", 2);
                case "Pad" -> toInput(toInput(node, "pads", 1), "value", 2);
                case "Scatter" ->
                    new Node(
                            node.name(),
                            "",
                            "ScatterElements",
                            node.inputs(),
                            node.outputs(),
                            node.attributes(),
                            node.extra());
                case "Resize", "Upsample" -> resize(node);
                default -> node;
            };
        }

        /** Up to set 12 the dimensions from the axis on count as one; that is the same only for the last one. */
        private Node softmax(Node node) {
            Value input = shapes.get(node.input(0));
            int rank = input.shape() == null ? -1 : input.shape().size();
            long axis = node.integer("axis", 1);
            if (rank < 0 || (axis < 0 ? axis + rank : axis) != rank - 1) {
                throw refusal(node, "its axis is not known to be the last one");
            }
            return node.with("axis", Attribute.of(-1));
        }

        private Node resize(Node node) {
            if (network.opset() < 11) {
                throw refusal(node, "it computes places in another way since set 11");
            }
            return node;
        }

        /** Makes a constant input of an attribute, if it is there. */
        private Node toInput(Node node, String attribute, int place) {
            Attribute value = node.attributes().get(attribute);
            if (value == null) {
                return node;
            }
            String name = builder.freshName(node.output() + "." + attribute);
            builder.weight(name, tensor(value, node));
            List<String> inputs = new ArrayList<>(node.inputs());
            while (inputs.size() <= place) {
                inputs.add("");
            }
            inputs.set(place, name);
            return without(node, attribute).withInputs(inputs);
        }

        private Tensor tensor(Attribute value, Node node) {
            if (value instanceof Attribute.Ints ints) {
                long[] values =
                        ints.values().stream().mapToLong(Long::longValue).toArray();
                return Tensor.ofLongs(values, values.length);
            } else if (value instanceof Attribute.Real real) {
                return Tensor.scalar(real.value());
            }
            throw refusal(node, "an attribute has a type that it should not have");
        }

        private static Node without(Node node, String attribute) {
            Map<String, Attribute> rest = new LinkedHashMap<>(node.attributes());
            rest.remove(attribute);
            return new Node(node.name(), node.domain(), node.op(), node.inputs(), node.outputs(), rest, node.extra());
        }

        private IllegalArgumentException refusal(Node node, String reason) {
            return new IllegalArgumentException("Operator " + node.label() + " (" + node.op() + ") of network "
                    + network.name() + " can not be rewritten from operator set " + network.opset() + " to " + TARGET
                    + ": " + reason + "; export the network again in a newer one.");
        }
    }
}
