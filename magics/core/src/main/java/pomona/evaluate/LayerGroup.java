package pomona.evaluate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Network;
import pomona.graph.Node;

/**
 * Operators that make one layer: a main one; those that prepare its constants or quantize its input; and, after a
 * product, the casts, scales and biases that follow.
 *
 * @param core the main operator
 * @param nodes all operators of the layer
 * @param output the value that leaves the layer
 */
record LayerGroup(Node core, List<Node> nodes, String output) {

    private static final Set<String> PRODUCTS = Set.of(
            "Gemm",
            "MatMul",
            "MatMulNBits",
            "MatMulInteger",
            "QLinearMatMul",
            "Conv",
            "ConvInteger",
            "QLinearConv",
            "ConvTranspose");

    private static final Set<String> AFTER_PRODUCT = Set.of("Add", "Mul", "Cast");

    private static final Set<String> QUANTIZERS = Set.of("QuantizeLinear", "DequantizeLinear");

    /** The layers of a network in the order of their main operators. */
    static List<LayerGroup> of(Network network) {
        return new Grouping(network).group();
    }

    /** Whether this is a product with a weight, a linear or convolutional layer. */
    boolean isProduct() {
        return PRODUCTS.contains(core.op());
    }

    private static final class Grouping {

        private final Network network;
        private final Map<String, Node> producers;
        private final Set<String> inputs = new HashSet<>();
        private final Set<String> helpers = new HashSet<>();
        private final Set<String> pulled = new HashSet<>();
        private final Map<String, Integer> groupOf = new HashMap<>();
        private final List<LayerGroup> groups = new ArrayList<>();

        Grouping(Network network) {
            this.network = network;
            this.producers = network.graph().producers();
            network.signature().inputs().forEach(input -> inputs.add(input.name()));
        }

        List<LayerGroup> group() {
            for (Node node : network.nodes()) {
                if (isHelper(node)) {
                    helpers.addAll(node.outputs());
                } else {
                    place(node);
                }
            }
            return groups;
        }

        /** Operators that only prepare what another takes: constants, quantized inputs, scales. */
        private boolean isHelper(Node node) {
            // What is worked out from a shape prepares a Reshape, an Expand and the like.
            if (node.is("DynamicQuantizeLinear") || node.is("Shape") || node.is("Size")) {
                return true;
            }
            if (PRODUCTS.contains(node.op())) {
                return false;
            }
            boolean quantizer = QUANTIZERS.contains(node.op());
            return node.inputs().stream()
                    .allMatch(input -> input.isEmpty() || isPrepared(input) || quantizer && inputs.contains(input));
        }

        private boolean isPrepared(String value) {
            return network.weights().containsKey(value) || helpers.contains(value);
        }

        private void place(Node node) {
            int group = groupToJoin(node);
            List<Node> members = new ArrayList<>();
            node.inputs().forEach(input -> pull(input, members));
            members.add(node);
            if (group < 0) {
                group = groups.size();
                groups.add(new LayerGroup(node, members, node.outputs().isEmpty() ? "" : node.output()));
            } else {
                LayerGroup joined = groups.get(group);
                members.addAll(0, joined.nodes());
                groups.set(group, new LayerGroup(joined.core(), members, node.output()));
            }
            for (String output : node.outputs()) {
                groupOf.put(output, group);
            }
        }

        private int groupToJoin(Node node) {
            boolean quantizer = node.domain().isEmpty() && QUANTIZERS.contains(node.op());
            boolean follower = node.domain().isEmpty() && AFTER_PRODUCT.contains(node.op());
            int group = -1;
            if (quantizer || follower) {
                for (String input : node.inputs()) {
                    Integer from = groupOf.get(input);
                    // A product with itself is no scale: it begins an activation.
                    if (from != null && group < 0) {
                        group = from;
                    } else if (!isPrepared(input)) {
                        return -1;
                    }
                }
            }
            boolean allowed = group >= 0
                    && (quantizer || PRODUCTS.contains(groups.get(group).core().op()));
            return allowed ? group : -1;
        }

        /** Takes the helpers behind a value into a layer, unless another layer has them. */
        private void pull(String value, List<Node> members) {
            Node maker = helpers.contains(value) ? producers.get(value) : null;
            if (maker != null && pulled.add(maker.output())) {
                maker.inputs().forEach(input -> pull(input, members));
                members.add(maker);
            }
        }
    }
}
