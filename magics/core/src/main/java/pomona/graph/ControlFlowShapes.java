package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of operators with sub-graphs: If, Loop and Scan. */
final class ControlFlowShapes {

    /** A carried value of a loop loses a dimension or its rank in each round, so few rounds settle it. */
    private static final int MOST_ROUNDS = 10;

    private ControlFlowShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("If", ControlFlowShapes::branches);
        rules.put("Loop", ControlFlowShapes::loop);
        rules.put("Scan", ControlFlowShapes::scan);
    }

    private static Graph body(ShapeContext context, String attribute) {
        return context.node().attributes().get(attribute) instanceof Attribute.Subgraph subgraph
                ? subgraph.value()
                : null;
    }

    private static List<ValueType> branches(ShapeContext context) {
        List<ValueType> types = null;
        for (String branch : List.of("then_branch", "else_branch")) {
            Graph graph = body(context, branch);
            if (graph == null) {
                return List.of();
            }
            List<ValueType> made = outputs(graph, context.scope().infer(graph, List.of()), 0);
            types = types == null ? made : common(types, made);
        }
        return types;
    }

    private static List<ValueType> outputs(Graph body, Scope scope, int from) {
        return body.outputs().stream()
                .skip(from)
                .map(output -> scope.valueType(output.name()))
                .toList();
    }

    /** What holds for both of each pair. */
    private static List<ValueType> common(List<ValueType> left, List<ValueType> right) {
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            types.add(common(left.get(i), right.get(i)));
        }
        return types;
    }

    private static ValueType common(ValueType left, ValueType right) {
        ElementType type = left.type() == right.type() ? left.type() : null;
        if (left.shape() == null
                || right.shape() == null
                || left.shape().size() != right.shape().size()) {
            return new ValueType(type, null);
        }
        List<Dimension> shape = new ArrayList<>();
        for (int i = 0; i < left.shape().size(); i++) {
            Dimension dimension = left.shape().get(i);
            shape.add(dimension.equals(right.shape().get(i)) ? dimension : Dimension.UNKNOWN);
        }
        return new ValueType(type, shape);
    }

    private static List<ValueType> loop(ShapeContext context) {
        Graph body = body(context, "body");
        if (body == null) {
            return List.of();
        }
        int carried = context.node().inputs().size() - 2;
        List<ValueType> state = new ArrayList<>();
        state.add(new ValueType(ElementType.INT64, List.of()));
        state.add(new ValueType(ElementType.BOOL, List.of()));
        for (int i = 0; i < carried; i++) {
            state.add(context.scope().valueType(context.node().input(i + 2)));
        }
        Scope settled = settle(context, body, state, 2, 1, carried);
        List<ValueType> types = new ArrayList<>(state.subList(2, state.size()));
        SizeExpression trips = context.node().hasInput(0) ? context.size(0) : null;
        boolean ends = context.node().hasInput(1) || !alwaysTrue(body, settled);
        Dimension count = trips == null || ends ? Dimension.UNKNOWN : Dimensions.of(trips);
        for (ValueType scanned : outputs(body, settled, 1 + carried)) {
            types.add(stacked(scanned, count, 0));
        }
        return types;
    }

    private static boolean alwaysTrue(Graph body, Scope scope) {
        Tensor condition = scope.constant(body.outputs().get(0).name());
        return condition != null && condition.countNonZeros() > 0;
    }

    /**
     * Infers a body until what it hands to the next round is what it took.
     *
     * <p>The states of a Scan have the same shape in every round, so that both descriptions hold; what a Loop carries may
     * change.
     *
     * @param inputs what is known of the body's inputs; changed to what holds in every round
     * @param firstIn the first input that is carried: 0 for a Scan
     * @param firstOut the output that becomes that input
     * @param carried how many are carried
     */
    private static Scope settle(
            ShapeContext context, Graph body, List<ValueType> inputs, int firstIn, int firstOut, int carried) {
        Scope scope = context.scope().infer(body, inputs);
        for (int round = 0; round < MOST_ROUNDS; round++) {
            List<ValueType> made = outputs(body, scope, firstOut);
            boolean changed = false;
            for (int i = 0; i < carried; i++) {
                ValueType taken = scope.valueType(body.inputs().get(firstIn + i).name());
                ValueType next = firstIn == 0 ? taken.unite(made.get(i)) : common(taken, made.get(i));
                changed |= !next.equals(taken);
                inputs.set(firstIn + i, next);
            }
            if (!changed) {
                break;
            }
            scope = context.scope().infer(body, inputs);
        }
        return scope;
    }

    private static ValueType stacked(ValueType element, Dimension count, int axis) {
        if (element.shape() == null) {
            return element;
        }
        List<Dimension> shape = new ArrayList<>(element.shape());
        shape.add(axis < 0 ? axis + shape.size() + 1 : axis, count);
        return new ValueType(element.type(), shape);
    }

    private static List<ValueType> scan(ShapeContext context) {
        Graph body = body(context, "body");
        if (body == null) {
            return List.of();
        }
        Node node = context.node();
        boolean batched = context.scope().opset() < 9;
        int scanned = Math.toIntExact(node.integer("num_scan_inputs", 0));
        int first = batched ? 1 : 0;
        int states = node.inputs().size() - first - scanned;
        long[] axes = node.integers("scan_input_axes");
        List<ValueType> inner = new ArrayList<>();
        Dimension length = Dimension.UNKNOWN;
        Dimension batch = batched ? context.dim(first, 0) : Dimension.UNKNOWN;
        for (int i = 0; i < states + scanned; i++) {
            ValueType type = context.scope().valueType(node.input(i + first));
            if (batched) {
                type = without(type, 0);
            }
            if (i >= states && type.shape() != null) {
                int axis = i - states < axes.length ? Math.toIntExact(axes[i - states]) : 0;
                axis = axis < 0 ? axis + type.shape().size() : axis;
                length = Dimensions.unite(length, type.shape().get(axis));
                type = without(type, axis);
            }
            inner.add(type);
        }
        List<ValueType> made = outputs(body, settle(context, body, inner, 0, 0, states), 0);
        long[] outputAxes = node.integers("scan_output_axes");
        List<ValueType> types = new ArrayList<>();
        for (int i = 0; i < made.size(); i++) {
            int axis = i - states >= 0 && i - states < outputAxes.length ? Math.toIntExact(outputAxes[i - states]) : 0;
            ValueType type = i < states ? inner.get(i) : stacked(made.get(i), length, axis);
            types.add(batched ? stacked(type, batch, 0) : type);
        }
        return types;
    }

    private static ValueType without(ValueType type, int axis) {
        if (type.shape() == null) {
            return type;
        }
        List<Dimension> shape = new ArrayList<>(type.shape());
        shape.remove(axis);
        return new ValueType(type.type(), shape);
    }
}
