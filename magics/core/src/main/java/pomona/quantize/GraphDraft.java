package pomona.quantize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import pomona.graph.ConstantOperators;
import pomona.graph.Constants;
import pomona.graph.FreshNames;
import pomona.graph.Graph;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * A graph while it is written anew: a network's own, or one inside If, Loop or Scan, which sees the constants of the
 * graphs around it.
 */
final class GraphDraft {

    private final Graph graph;
    private final GraphDraft outer;
    private final FreshNames names;
    private final Map<String, Tensor> constants;
    private final Map<String, Tensor> weights;
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> replaced = new HashSet<>();
    private final Map<Object, Object> made = new HashMap<>();

    /**
     * Begins with the weights of a graph and no operators.
     *
     * @param outer the graph around it, or null
     */
    GraphDraft(Graph graph, GraphDraft outer, FreshNames names, long opset) {
        this.graph = graph;
        this.outer = outer;
        this.names = names;
        this.weights = new LinkedHashMap<>(graph.weights());
        this.constants = constants(graph, opset);
    }

    /** The constants that a graph has itself: weights, Constant operators, and what only moves those about. */
    static Map<String, Tensor> constants(Graph graph, long opset) {
        Map<String, Tensor> constants = new LinkedHashMap<>(graph.weights());
        for (Node node : graph.nodes()) {
            Tensor value = Constants.valueOf(node);
            Tensor moved = node.is("Identity") || node.is("Transpose") ? constants.get(node.input(0)) : null;
            if (value == null && moved != null) {
                value = node.is("Identity")
                        ? moved
                        : ConstantOperators.evaluate(node, List.of(moved), opset)
                                .get(0);
            }
            if (value != null) {
                constants.put(node.output(), value);
            }
        }
        return constants;
    }

    /** The constant of that name, or null when it is none. */
    Tensor constant(String name) {
        GraphDraft owner = owner(name);
        return owner == null ? null : owner.constants.get(name);
    }

    /** The innermost graph, from here outward, that has a constant of that name; null when none has. */
    GraphDraft owner(String name) {
        return constants.containsKey(name) ? this : outer == null ? null : outer.owner(name);
    }

    /** What was made for a key before, or what the maker makes now. */
    <T> T once(Object key, Class<T> type, Supplier<T> maker) {
        if (!made.containsKey(key)) {
            made.put(key, maker.get());
        }
        return type.cast(made.get(key));
    }

    /** Adds an operator as it is. */
    void add(Node node) {
        nodes.add(node);
    }

    /** Adds a standard operator with one output, and gives the output's name. */
    String add(String op, String wish, String... inputs) {
        String output = names.value(wish);
        nodes.add(Node.of(op, names.node(output), List.of(inputs), output));
        return output;
    }

    /** A free name for a value. */
    String value(String wish) {
        return names.value(wish);
    }

    /** A free name for an operator. */
    String node(String wish) {
        return names.node(wish);
    }

    /** Adds a weight, and gives its name. */
    String weight(String wish, Tensor tensor) {
        String name = names.value(wish);
        weights.put(name, tensor);
        return name;
    }

    /** Says that another weight stands for a constant of this graph, which goes unless somebody else takes it. */
    void replaced(String name) {
        replaced.add(name);
    }

    Map<String, Tensor> weights() {
        return weights;
    }

    /** The graph, without the constants that nobody takes any more. */
    Graph finish() {
        List<Node> kept = new ArrayList<>(nodes);
        Set<String> used = new HashSet<>();
        graph.outputs().forEach(output -> used.add(output.name()));
        for (int i = kept.size() - 1; i >= 0; i--) {
            Node node = kept.get(i);
            boolean constant = node.outputs().size() == 1 && constants.containsKey(node.output());
            if (constant && !used.contains(node.output())) {
                kept.remove(i);
                replaced.addAll(node.inputs());
            } else {
                used.addAll(node.takes());
            }
        }
        weights.keySet().removeIf(name -> replaced.contains(name) && !used.contains(name));
        Set<String> known = new HashSet<>(weights.keySet());
        kept.forEach(node -> known.addAll(node.outputs()));
        return new Graph(
                graph.name(),
                graph.inputs(),
                graph.outputs(),
                kept,
                weights,
                graph.values().stream()
                        .filter(value -> known.contains(value.name()))
                        .toList(),
                graph.extra());
    }
}
