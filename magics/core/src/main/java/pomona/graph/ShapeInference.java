package pomona.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Works out the element type and shape of every value of a network without running it.
 *
 * <p>Symbols such as {@code batch} flow through. What can not be known without running, or comes out of an operator
 * without a rule, is unknown: a dimension {@code ?}, a null shape, a null type. Rules follow the shape semantics of the
 * ONNX operator specification; each family of operators has a file of them.
 */
public final class ShapeInference {

    private static final Map<String, ShapeRule> RULES = new HashMap<>();

    static {
        ElementwiseShapes.register(RULES);
        MatrixShapes.register(RULES);
        WindowShapes.register(RULES);
        LayoutShapes.register(RULES);
        ReductionShapes.register(RULES);
        QuantizationShapes.register(RULES);
    }

    private ShapeInference() {}

    /** Every value of the network by name, inputs and weights included. */
    public static Map<String, Value> of(Network network) {
        Graph graph = network.graph();
        Map<String, Value> declared = new HashMap<>();
        graph.values().forEach(value -> declared.put(value.name(), value));
        graph.outputs().forEach(value -> declared.put(value.name(), value));
        Map<String, Value> known = new LinkedHashMap<>();
        graph.inputs().forEach(value -> known.put(value.name(), value));
        graph.weights().forEach((name, tensor) -> known.put(name, valueOf(name, tensor)));
        SizeValues sizes = new SizeValues(network, known);
        for (Node node : graph.nodes()) {
            List<ValueType> types = infer(new ShapeContext(node, network, known, sizes));
            for (int i = 0; i < node.outputs().size(); i++) {
                String name = node.outputs().get(i);
                if (!name.isEmpty()) {
                    ValueType type = i < types.size() ? types.get(i) : ValueType.UNKNOWN;
                    known.put(name, type.orElse(declared.get(name)).named(name));
                }
            }
            sizes.propagate(node);
        }
        return known;
    }

    private static List<ValueType> infer(ShapeContext context) {
        ShapeRule rule =
                context.node().domain().isEmpty() ? RULES.get(context.node().op()) : null;
        try {
            return rule == null ? List.of() : rule.infer(context);
        } catch (IndexOutOfBoundsException e) {
            // The operator's inputs do not fit it (an axis beyond the rank); whoever runs the network says so.
            return List.of();
        }
    }

    private static Value valueOf(String name, Tensor tensor) {
        return new ValueType(tensor.type(), dimensions(tensor.shape())).named(name);
    }

    static List<Dimension> dimensions(long... sizes) {
        List<Dimension> shape = new ArrayList<>(sizes.length);
        for (long size : sizes) {
            shape.add(Dimension.of(size));
        }
        return shape;
    }
}
