package pomona.quantize;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Which values of a network depend on no input of it, and the weights that they are made of. */
final class ConstantParts {

    private final Network network;
    private final Map<String, Node> producers;
    private final Set<String> made = new HashSet<>();

    ConstantParts(Network network) {
        this.network = network;
        this.producers = network.graph().producers();
        for (Node node : network.nodes()) {
            boolean plain = node.attributes().values().stream().noneMatch(Attribute.Subgraph.class::isInstance);
            boolean constant = node.inputs().stream().allMatch(input -> input.isEmpty() || isConstant(input));
            if (plain && constant && (node.is("Constant") || !node.inputs().isEmpty())) {
                made.addAll(node.outputs());
            }
        }
    }

    boolean isConstant(String value) {
        return network.weights().containsKey(value) || made.contains(value);
    }

    /** The weights that constant values are made of, by name; those of other values are left out. */
    Map<String, Tensor> under(Collection<String> values) {
        Map<String, Tensor> found = new LinkedHashMap<>();
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(values);
        while (!open.isEmpty()) {
            String value = open.poll();
            if (value.isEmpty() || !seen.add(value) || !isConstant(value)) {
                continue;
            }
            Tensor weight = network.weights().get(value);
            if (weight != null) {
                found.put(value, weight);
            } else {
                open.addAll(producers.get(value).inputs());
            }
        }
        return found;
    }

    /** The operators that make a constant value of weights. */
    List<Node> makers(String value) {
        Set<Node> found = new java.util.LinkedHashSet<>();
        Deque<String> open = new ArrayDeque<>(List.of(value));
        while (!open.isEmpty()) {
            Node maker = producers.get(open.poll());
            if (maker != null && found.add(maker)) {
                open.addAll(maker.inputs());
            }
        }
        return List.copyOf(found);
    }
}
