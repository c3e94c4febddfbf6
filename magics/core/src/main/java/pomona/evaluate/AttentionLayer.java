package pomona.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Finds softmax(q k + mask) v around a softmax, with the linear layers that make q, k and v, or all three, and the one
 * that takes the result; also where positions are rotated into q and k, heads share k and v, or rows that see nothing
 * are guarded.
 */
final class AttentionLayer {

    private static final Set<String> LAYOUT = Set.of(
            "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Split", "Slice", "Identity", "Cast", "Expand", "Gather");

    private static final Set<String> ON_SCORES =
            Set.of("Add", "Sub", "Mul", "Div", "Where", "Cast", "Clip", "Reshape", "Unsqueeze", "Squeeze");

    private static final Set<String> AFTER_SOFTMAX = Set.of("Dropout", "Cast", "Identity", "Where", "Mul", "Reshape");

    private static final int DEEPEST = 24;

    private final Wiring wiring;
    private final Map<String, LayerGroup> groups;
    private final Set<Node> members = new LinkedHashSet<>();

    /**
     * @param groups the layers of single operators, by the values that their operators make
     */
    AttentionLayer(Wiring wiring, Map<String, LayerGroup> groups) {
        this.wiring = wiring;
        this.groups = groups;
    }

    /** The operators of the attention around a softmax; null when it is none. */
    Set<Node> around(Node softmax) {
        Node scores = scores(softmax.input(0), 0);
        members.add(softmax);
        Node context = context(softmax);
        if (scores == null || !Wiring.isOne(context, "MatMul")) {
            return null;
        }
        members.add(context);
        String first = context.input(0);
        boolean weightsFirst =
                members.stream().anyMatch(member -> member.outputs().contains(first));
        String values = weightsFirst ? context.input(1) : first;
        for (String operand : List.of(scores.input(0), scores.input(1), values)) {
            addProjection(operand, true, 0);
        }
        addOutput(context);
        return members;
    }

    /** The product of queries and keys behind the softmax; what lies between becomes part of the layer. */
    private Node scores(String value, int depth) {
        Node maker = wiring.maker(value);
        if (Wiring.isOne(maker, "MatMul")) {
            boolean weighted = wiring.isConstant(maker.input(0)) || wiring.isConstant(maker.input(1));
            if (!weighted) {
                members.add(maker);
            }
            return weighted ? null : maker;
        }
        if (depth > DEEPEST || !Wiring.isOne(maker, ON_SCORES)) {
            return null;
        }
        for (String input : maker.inputs()) {
            Node found = scores(input, depth + 1);
            if (found != null) {
                members.add(maker);
                return found;
            }
        }
        return null;
    }

    /** The operator that takes the weights of attention. */
    private Node context(Node softmax) {
        Node next = taker(softmax);
        while (Wiring.isOne(next, AFTER_SOFTMAX)) {
            members.add(next);
            next = taker(next);
        }
        return next;
    }

    /** The only taker of weights, or the Where that puts zeros where they are not numbers. */
    private Node taker(Node node) {
        List<Node> takers = wiring.takers(node);
        for (Node guard : takers) {
            Node where = guard.is("IsNaN") ? wiring.onlyTaker(guard) : null;
            if (takers.size() == 2 && Wiring.isOne(where, "Where") && takers.contains(where)) {
                members.add(guard);
                return where;
            }
        }
        return takers.size() == 1 ? takers.get(0) : null;
    }

    /**
     * Adds the linear layer that makes a value, and what lies between; false when no such layer is near.
     *
     * @param alone whether all between here and the product takes this value only, and so belongs to the attention
     */
    private boolean addProjection(String value, boolean alone, int depth) {
        Node maker = wiring.maker(value);
        LayerGroup group = groups.get(value);
        if (maker == null || depth > DEEPEST) {
            return false;
        }
        if (group != null && group.isProduct() && isWeighted(group)) {
            members.addAll(group.nodes());
            return true;
        }
        boolean view = Wiring.isOne(maker, LAYOUT) || wiring.withConstant(maker, "Mul", "Div");
        boolean found = false;
        for (String source : sources(maker)) {
            found |= addProjection(source, alone && view, depth + 1);
        }
        if (found || alone && view) {
            members.add(maker);
        }
        return found;
    }

    /** The inputs by which queries, keys or values may come into an operator. */
    private List<String> sources(Node node) {
        if (Wiring.isOne(node, LAYOUT) || Wiring.isOne(node, "Neg")) {
            return List.of(node.input(0));
        }
        if (Wiring.isOne(node, "Mul", "Div", "Concat") || isRotation(node)) {
            return node.inputs().stream()
                    .filter(input -> !wiring.isConstant(input))
                    .toList();
        }
        return List.of();
    }

    /** x * cosine + turned(x) * sine, or the difference of two such products (Su et al. 2021). */
    private boolean isRotation(Node node) {
        return Wiring.isOne(node, "Add", "Sub")
                && node.inputs().stream().allMatch(input -> Wiring.isOne(wiring.maker(input), "Mul"));
    }

    private boolean isWeighted(LayerGroup group) {
        return group.core().inputs().stream()
                        .map(wiring.network().weights()::get)
                        .anyMatch(AttentionLayer::isMatrix)
                || group.nodes().stream().anyMatch(n -> n.is("Constant"));
    }

    private static boolean isMatrix(Tensor weight) {
        return weight != null && weight.rank() > 1;
    }

    private void addOutput(Node context) {
        List<Node> passed = new ArrayList<>();
        Node next = wiring.onlyTaker(context);
        while (Wiring.isOne(next, LAYOUT) && passed.size() < DEEPEST) {
            passed.add(next);
            next = wiring.onlyTaker(next);
        }
        LayerGroup group = next == null ? null : groups.get(next.output());
        members.addAll(passed);
        if (group != null && group.isProduct() && isWeighted(group)) {
            members.addAll(group.nodes());
        }
    }
}
