package pomona.simplify;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.FreshNames;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Stores a weight that several sub-graphs of a graph have alike once, in the graph around them. */
final class EqualWeights {

    /** Smaller weights, in bytes, stay where they are. */
    private static final long SMALLEST = 1024;

    private final Network network;
    private final Map<Tensor, String> outside = new HashMap<>();

    private EqualWeights(Network network) {
        this.network = network;
    }

    /** The network with such weights outside; itself when there are none. */
    static Network hoisted(Network network) {
        EqualWeights equal = new EqualWeights(network);
        Map<String, Tensor> hoisted = equal.find();
        if (equal.outside.isEmpty()) {
            return network;
        }
        NetworkBuilder builder = network.toBuilder();
        hoisted.forEach(builder::weight);
        return builder.nodes(network.nodes().stream().map(equal::hoisted).toList())
                .build();
    }

    /** Chooses the weights, and gives those that are not outside yet, by the names that they get there. */
    private Map<String, Tensor> find() {
        Map<Tensor, String> known = new HashMap<>();
        network.weights().forEach((name, tensor) -> {
            if (tensor.bytes() >= SMALLEST) {
                known.putIfAbsent(tensor, name);
            }
        });
        FreshNames names = new FreshNames(network);
        Map<Tensor, String> first = new LinkedHashMap<>();
        Map<String, Tensor> hoisted = new LinkedHashMap<>();
        for (Node node : network.nodes()) {
            for (Attribute attribute : node.attributes().values()) {
                if (attribute instanceof Attribute.Subgraph inner) {
                    movable(inner.value()).forEach((name, tensor) -> {
                        if (known.containsKey(tensor)) {
                            outside.put(tensor, known.get(tensor));
                        } else if (first.putIfAbsent(tensor, name) != null) {
                            String free = names.value(name);
                            known.put(tensor, free);
                            outside.put(tensor, free);
                            hoisted.put(free, tensor);
                        }
                    });
                }
            }
        }
        return hoisted;
    }

    /** The large weights of a graph that are no outputs, which keep their names. */
    private static Map<String, Tensor> movable(Graph graph) {
        Set<String> kept = new HashSet<>();
        addOutputs(graph, kept);
        Map<String, Tensor> movable = new LinkedHashMap<>();
        graph.weights().forEach((name, tensor) -> {
            if (tensor.bytes() >= SMALLEST && !kept.contains(name)) {
                movable.put(name, tensor);
            }
        });
        return movable;
    }

    private static void addOutputs(Graph graph, Set<String> outputs) {
        graph.outputs().forEach(output -> outputs.add(output.name()));
        for (Node node : graph.nodes()) {
            for (Attribute attribute : node.attributes().values()) {
                if (attribute instanceof Attribute.Subgraph inner) {
                    addOutputs(inner.value(), outputs);
                }
            }
        }
    }

    private Node hoisted(Node node) {
        Node changed = node;
        for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
            if (attribute.getValue() instanceof Attribute.Subgraph inner) {
                Map<String, String> names = new HashMap<>();
                movable(inner.value()).forEach((name, tensor) -> {
                    if (outside.containsKey(tensor)) {
                        names.put(name, outside.get(tensor));
                    }
                });
                changed = changed.with(attribute.getKey(), new Attribute.Subgraph(renamed(inner.value(), names)));
            }
        }
        return changed;
    }

    /** A graph without the weights of these names, in which whoever took them takes those of the other names. */
    private static Graph renamed(Graph graph, Map<String, String> names) {
        if (names.isEmpty()) {
            return graph;
        }
        Map<String, Tensor> weights = new LinkedHashMap<>(graph.weights());
        weights.keySet().removeAll(names.keySet());
        return new Graph(
                graph.name(),
                graph.inputs(),
                graph.outputs(),
                graph.nodes().stream().map(node -> renamed(node, names)).toList(),
                weights,
                graph.values().stream()
                        .filter(value -> !names.containsKey(value.name()))
                        .toList(),
                graph.extra());
    }

    private static Node renamed(Node node, Map<String, String> names) {
        List<String> inputs = node.inputs().stream()
                .map(input -> names.getOrDefault(input, input))
                .toList();
        Node changed = node.withInputs(inputs);
        for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
            if (attribute.getValue() instanceof Attribute.Subgraph inner) {
                changed = changed.with(attribute.getKey(), new Attribute.Subgraph(renamed(inner.value(), names)));
            }
        }
        return changed;
    }
}
