package pomona.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Works out the element type and shape of every value of a network without running it.
 *
 * <p>Symbols such as {@code batch} flow through, also through arithmetic on sizes: a dimension may be {@code
 * 2*sequence+1}. A symbol is taken to be the size of real data, 1 or more, and large enough for what is cut out of it. What
 * can not be known without running, or comes out of an operator without a rule, is unknown: a dimension {@code ?}, a null
 * shape, a null type. Rules follow the shape semantics of the ONNX operator specification; each family of operators has a
 * file of them.
 */
public final class ShapeInference {

    private static final Map<String, ShapeRule> RULES = new HashMap<>();

    static {
        ElementwiseShapes.register(RULES);
        NormalizationShapes.register(RULES);
        MatrixShapes.register(RULES);
        WindowShapes.register(RULES);
        ImageShapes.register(RULES);
        LayoutShapes.register(RULES);
        SliceShapes.register(RULES);
        IndexShapes.register(RULES);
        ReductionShapes.register(RULES);
        RecurrentShapes.register(RULES);
        AttentionShapes.register(RULES);
        GeneratorShapes.register(RULES);
        SignalShapes.register(RULES);
        TextShapes.register(RULES);
        QuantizationShapes.register(RULES);
        ControlFlowShapes.register(RULES);
        TrainingShapes.register(RULES);
    }

    private ShapeInference() {}

    /** Every value of the network by name, inputs and weights included, those inside sub-graphs excluded. */
    public static Map<String, Value> of(Network network) {
        return graphs(network).get(network.graph());
    }

    /** Every value of the network's graph and of each of its sub-graphs, by the graph itself (not an equal one). */
    public static Map<Graph, Map<String, Value>> graphs(Network network) {
        Map<Graph, Map<String, Value>> found = new IdentityHashMap<>();
        Scope scope = new Scope(null, network.graph(), network.opsets(), found);
        network.graph().inputs().forEach(scope::put);
        infer(scope);
        return found;
    }

    /**
     * The values that do not depend on what is fed, as far as they are small (at most 1024 elements): what operators make
     * of weights alone, and of shapes that are known. Weights themselves are not among them.
     */
    public static Map<String, Tensor> constants(Network network) {
        Scope scope = new Scope(null, network.graph(), network.opsets(), new IdentityHashMap<>());
        network.graph().inputs().forEach(scope::put);
        infer(scope);
        Map<String, Tensor> constants = new HashMap<>(scope.constants());
        constants.keySet().removeAll(network.weights().keySet());
        return constants;
    }

    /** Infers the operators of a graph whose inputs are in the scope. */
    static void infer(Scope scope) {
        Graph graph = scope.graph();
        Map<String, Value> declared = new HashMap<>();
        graph.values().forEach(value -> declared.put(value.name(), value));
        graph.outputs().forEach(value -> declared.put(value.name(), value));
        SizeValues sizes = new SizeValues(scope);
        for (Node node : graph.nodes()) {
            List<ValueType> types = infer(new ShapeContext(node, scope));
            for (int i = 0; i < node.outputs().size(); i++) {
                String name = node.outputs().get(i);
                if (!name.isEmpty()) {
                    ValueType type = i < types.size() && types.get(i) != null ? types.get(i) : ValueType.UNKNOWN;
                    scope.put(type.orElse(declared.get(name)).named(name));
                }
            }
            sizes.propagate(node);
        }
    }

    /** Operators without a rule may have sub-graphs; of what these take only the declared is known. */
    private static List<ValueType> withoutRule(ShapeContext context) {
        for (Attribute attribute : context.node().attributes().values()) {
            if (attribute instanceof Attribute.Subgraph subgraph) {
                context.scope().infer(subgraph.value(), List.of());
            }
        }
        return List.of();
    }

    private static List<ValueType> infer(ShapeContext context) {
        Node node = context.node();
        ShapeRule rule = RULES.get(node.domain().isEmpty() ? node.op() : node.domain() + ":" + node.op());
        try {
            return rule == null ? withoutRule(context) : rule.infer(context);
        } catch (IndexOutOfBoundsException | ArithmeticException | IllegalArgumentException e) {
            // The operator's inputs do not fit it (an axis beyond the rank); whoever runs the network says so.
            return List.of();
        }
    }

    static List<Dimension> dimensions(long... sizes) {
        List<Dimension> shape = new ArrayList<>(sizes.length);
        for (long size : sizes) {
            shape.add(Dimension.of(size));
        }
        return shape;
    }
}
