package pomona.graph;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is known of the values of one graph; a sub-graph's scope also sees the graphs around it. */
final class Scope {

    private final Scope outer;
    private final Graph graph;
    private final Map<String, Long> opsets;
    private final Map<Graph, Map<String, Value>> found;
    private final Map<String, Value> types = new LinkedHashMap<>();
    private final Map<String, Tensor> constants = new HashMap<>();
    private final Map<String, List<SizeExpression>> sizes = new HashMap<>();

    /**
     * A scope without values but the graph's weights.
     *
     * @param outer the scope around it, or null
     * @param found gets what is known of each graph, by identity
     */
    Scope(Scope outer, Graph graph, Map<String, Long> opsets, Map<Graph, Map<String, Value>> found) {
        this.outer = outer;
        this.graph = graph;
        this.opsets = opsets;
        this.found = found;
        found.put(graph, types);
        graph.weights().forEach((name, tensor) -> {
            types.put(name, new ValueType(tensor.type(), ShapeInference.dimensions(tensor.shape())).named(name));
            constants.put(name, tensor);
        });
    }

    /** Infers a sub-graph, with what is known of its inputs, and gives its scope. */
    Scope infer(Graph body, List<ValueType> inputs) {
        Scope inner = new Scope(this, body, opsets, found);
        for (int i = 0; i < body.inputs().size(); i++) {
            Value input = body.inputs().get(i);
            ValueType given = i < inputs.size() ? inputs.get(i) : ValueType.UNKNOWN;
            inner.put(given.orElse(input).named(input.name()));
        }
        ShapeInference.infer(inner);
        return inner;
    }

    Graph graph() {
        return graph;
    }

    /** The version of the standard operator set. */
    long opset() {
        return opsets.getOrDefault("", 1L);
    }

    Map<String, Value> types() {
        return types;
    }

    void put(Value value) {
        types.put(value.name(), value);
    }

    /** What is known of a value, or null. */
    Value type(String name) {
        Value value = types.get(name);
        return value == null && outer != null ? outer.type(name) : value;
    }

    /** The type and shape of a value, each unknown if it is. */
    ValueType valueType(String name) {
        Value value = type(name);
        return value == null ? ValueType.UNKNOWN : new ValueType(value.type(), value.shape());
    }

    /** A weight, or what operators make of weights and constants alone; null when there is no such constant. */
    Tensor constant(String name) {
        Tensor tensor = constants.get(name);
        return tensor == null && outer != null ? outer.constant(name) : tensor;
    }

    /** The constants of this graph alone. */
    Map<String, Tensor> constants() {
        return constants;
    }

    void constant(String name, Tensor tensor) {
        constants.put(name, tensor);
    }

    /** The elements of an integer value that may depend on symbols, null where unknown; null when nothing is known. */
    List<SizeExpression> sizes(String name) {
        List<SizeExpression> known = sizes.get(name);
        if (known == null && !constants.containsKey(name) && outer != null) {
            return outer.sizes(name);
        }
        return known == null ? SizeValues.of(constants.get(name)) : known;
    }

    void sizes(String name, List<SizeExpression> elements) {
        sizes.put(name, elements);
    }
}
