package pomona.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts nodes after those whose outputs they take, keeping the given order wherever it is already right. */
final class TopologicalOrder {

    private TopologicalOrder() {}

    static List<Node> sort(String network, List<Node> nodes, List<Value> inputs, Collection<String> weights) {
        Map<String, Node> producers = producers(network, nodes);
        Set<String> known = new HashSet<>(weights);
        inputs.forEach(input -> known.add(input.name()));
        List<Node> sorted = new ArrayList<>(nodes.size());
        List<Node> waiting = nodes;
        while (!waiting.isEmpty()) {
            List<Node> blocked = new ArrayList<>();
            for (Node node : waiting) {
                if (known.containsAll(needs(node))) {
                    sorted.add(node);
                    known.addAll(node.outputs());
                } else {
                    blocked.add(node);
                }
            }
            if (blocked.size() == waiting.size()) {
                throw stuck(network, blocked.get(0), known, producers);
            }
            waiting = blocked;
        }
        return sorted;
    }

    static void checkOutputs(Graph graph) {
        Set<String> made = new HashSet<>(graph.producers().keySet());
        made.addAll(graph.weights().keySet());
        graph.inputs().forEach(input -> made.add(input.name()));
        for (Value output : graph.outputs()) {
            if (!made.contains(output.name())) {
                throw new IllegalArgumentException(
                        "Network " + graph.name() + " has an output " + output.name() + " that no operator makes.");
            }
        }
    }

    private static Map<String, Node> producers(String network, List<Node> nodes) {
        Map<String, Node> producers = new HashMap<>();
        for (Node node : nodes) {
            for (String output : node.outputs()) {
                Node other = output.isEmpty() ? null : producers.put(output, node);
                if (other != null) {
                    boolean alike = other.label().equals(node.label());
                    throw new IllegalArgumentException("Network " + network + " makes the value " + output
                            + " twice, in " + other.label() + (alike ? " (" + other.op() + ")" : "") + " and in "
                            + node.label() + (alike ? " (" + node.op() + ")" : "") + "; a value has one maker.");
                }
            }
        }
        return producers;
    }

    /** The values a node takes, those that its sub-graphs take from outside included. */
    static Set<String> needs(Node node) {
        Set<String> needs = new LinkedHashSet<>();
        node.inputs().stream().filter(input -> !input.isEmpty()).forEach(needs::add);
        needs.addAll(captures(node));
        return needs;
    }

    /** The values that a node's sub-graphs take from outside. */
    static Set<String> captures(Node node) {
        Set<String> captures = new LinkedHashSet<>();
        for (Attribute attribute : node.attributes().values()) {
            if (attribute instanceof Attribute.Subgraph subgraph) {
                captures.addAll(freeValues(subgraph.value()));
            }
        }
        return captures;
    }

    private static Set<String> freeValues(Graph graph) {
        Set<String> bound = new HashSet<>(graph.weights().keySet());
        graph.inputs().forEach(input -> bound.add(input.name()));
        graph.nodes().forEach(node -> bound.addAll(node.outputs()));
        Set<String> free = new LinkedHashSet<>();
        graph.nodes().forEach(node -> free.addAll(needs(node)));
        graph.outputs().forEach(output -> free.add(output.name()));
        free.removeAll(bound);
        return free;
    }

    private static IllegalArgumentException stuck(
            String network, Node node, Set<String> known, Map<String, Node> producers) {
        for (String need : needs(node)) {
            if (!known.contains(need) && !producers.containsKey(need)) {
                return new IllegalArgumentException("Network " + network + ": operator " + node.label()
                        + " takes the value " + need + ", which nothing makes.");
            }
        }
        return new IllegalArgumentException(
                "Network " + network + ": operator " + node.label() + " depends on itself; a graph has no cycles.");
    }
}
