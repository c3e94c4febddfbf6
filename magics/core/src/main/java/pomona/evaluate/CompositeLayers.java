package pomona.evaluate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Finds layers that exporters write as many operators: attention with its projections, layer normalization, and the
 * activations Gelu and Swish.
 */
final class CompositeLayers {

    private static final Set<String> LAYOUT = Set.of(
            "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Split", "Slice", "Identity", "Cast", "Expand", "Gather");

    private static final Set<String> ON_SCORES = Set.of("Add", "Sub", "Mul", "Div", "Where", "Cast", "Clip");

    private static final Set<String> AFTER_SOFTMAX = Set.of("Dropout", "Cast", "Identity", "Where", "Mul");

    private static final int DEEPEST = 12;

    /** A layer and the operators that were found to be part of it. */
    record Composite(String operator, Set<Node> members) {}

    private final Network network;
    private final Map<String, Node> producers;
    private final Map<String, List<Node>> consumers;
    private final Map<String, LayerGroup> groups = new HashMap<>();

    CompositeLayers(Network network, List<LayerGroup> groups) {
        this.network = network;
        this.producers = network.graph().producers();
        this.consumers = network.graph().consumers();
        for (LayerGroup group : groups) {
            group.nodes().forEach(node -> node.outputs().forEach(output -> this.groups.put(output, group)));
        }
    }

    List<Composite> find() {
        List<Composite> found = new ArrayList<>();
        for (Node node : network.nodes()) {
            Set<Node> members =
                    switch (node.domain().isEmpty() ? node.op() : "") {
                        case "Sqrt" -> layerNorm(node);
                        case "Erf", "Tanh" -> gelu(node);
                        case "Sigmoid" -> swish(node);
                        case "Softmax" -> attention(node);
                        default -> null;
                    };
            if (members != null) {
                String operator =
                        switch (node.op()) {
                            case "Sqrt" -> "LayerNormalization";
                            case "Sigmoid" -> "Swish";
                            case "Softmax" -> "Attention";
                            default -> "Gelu";
                        };
                found.add(new Composite(operator, members));
            }
        }
        return found;
    }

    private Node maker(String value) {
        return producers.get(value);
    }

    private boolean isConstant(String value) {
        if (network.weights().containsKey(value)) {
            return true;
        }
        Node maker = maker(value);
        return maker != null && maker.is("Constant");
    }

    /** The only operator that takes a value, or null. */
    private Node onlyTaker(Node node) {
        List<Node> takers = consumers.getOrDefault(node.output(), List.of()).stream()
                .filter(taker -> !taker.is("Shape"))
                .toList();
        return takers.size() == 1 ? takers.get(0) : null;
    }

    private static boolean isOne(Node node, String... ops) {
        return node != null && node.domain().isEmpty() && Set.of(ops).contains(node.op());
    }

    /** The operator behind an operator, of two inputs of which one is constant. */
    private boolean withConstant(Node node, String... ops) {
        return isOne(node, ops) && (isConstant(node.input(0)) || isConstant(node.input(1)));
    }

    /** (x - mean) / sqrt(mean((x - mean)^2) + epsilon) * weight + bias, found from the square root. */
    private Set<Node> layerNorm(Node sqrt) {
        Node epsilon = maker(sqrt.input(0));
        if (!withConstant(epsilon, "Add")) {
            return null;
        }
        Node variance = maker(isConstant(epsilon.input(0)) ? epsilon.input(1) : epsilon.input(0));
        Node square = variance == null ? null : maker(variance.input(0));
        Node centered = square == null ? null : maker(square.input(0));
        Node mean = centered == null ? null : maker(centered.input(1));
        boolean centers = isOne(variance, "ReduceMean")
                && isOne(square, "Pow", "Mul")
                && isOne(centered, "Sub")
                && isOne(mean, "ReduceMean")
                && mean.input(0).equals(centered.input(0));
        if (!centers) {
            return null;
        }
        Set<Node> members = new LinkedHashSet<>(List.of(mean, centered, square, variance, epsilon, sqrt));
        Node next = onlyTaker(sqrt);
        for (String op : new String[] {"Div", "Mul", "Add"}) {
            boolean fits = op.equals("Div") ? isOne(next, "Div", "Reciprocal") : withConstant(next, op);
            if (!fits) {
                break;
            }
            members.add(next);
            next = onlyTaker(next);
        }
        return members.size() > 6 ? members : null;
    }

    /** x / 2 * (1 + erf(x / sqrt(2))), or the approximation by tanh, in any order of the factors. */
    private Set<Node> gelu(Node function) {
        Node plusOne = onlyTaker(function);
        if (!withConstant(plusOne, "Add")) {
            return null;
        }
        Node product = onlyTaker(plusOne);
        if (!isOne(product, "Mul")) {
            return null;
        }
        Set<Node> members = new LinkedHashSet<>(List.of(function, plusOne, product));
        boolean halfFirst = withConstant(product, "Mul");
        if (halfFirst) {
            product = onlyTaker(product);
            if (!isOne(product, "Mul")) {
                return null;
            }
            members.add(product);
        }
        String other = members.stream().map(Node::output).anyMatch(product.input(0)::equals)
                ? product.input(1)
                : product.input(0);
        Node half = maker(other);
        String input = other;
        Node after = onlyTaker(product);
        if (!halfFirst && withConstant(after, "Mul")) {
            members.add(after);
        } else if (!halfFirst && withConstant(half, "Mul", "Div")) {
            members.add(half);
            input = isConstant(half.input(0)) ? half.input(1) : half.input(0);
        }
        return collectBack(function.input(0), input, members, 0) ? members : null;
    }

    /** Adds the arithmetic between an activation's input and a value; false when it comes from elsewhere. */
    private boolean collectBack(String value, String input, Set<Node> members, int depth) {
        if (value.equals(input) || isConstant(value)) {
            return true;
        }
        Node maker = maker(value);
        boolean arithmetic = depth < DEEPEST && isOne(maker, "Mul", "Div", "Add", "Pow");
        if (!arithmetic) {
            return false;
        }
        members.add(maker);
        return collectBack(maker.input(0), input, members, depth + 1)
                && collectBack(maker.input(1), input, members, depth + 1);
    }

    /** x * sigmoid(x). */
    private Set<Node> swish(Node sigmoid) {
        Node product = onlyTaker(sigmoid);
        boolean same = isOne(product, "Mul") && product.inputs().contains(sigmoid.input(0));
        return same ? new LinkedHashSet<>(List.of(sigmoid, product)) : null;
    }

    /** softmax(q k + mask) v, with the linear layers that make q, k and v and the one that takes the result. */
    private Set<Node> attention(Node softmax) {
        Set<Node> members = new LinkedHashSet<>();
        Node scores = scores(softmax.input(0), members, 0);
        Node context = onlyTaker(softmax);
        members.add(softmax);
        while (context != null && AFTER_SOFTMAX.contains(context.op())) {
            members.add(context);
            context = onlyTaker(context);
        }
        if (scores == null || !isOne(context, "MatMul")) {
            return null;
        }
        members.add(context);
        String first = context.input(0);
        boolean weightsFirst =
                members.stream().anyMatch(member -> member.outputs().contains(first));
        String values = weightsFirst ? context.input(1) : first;
        for (String operand : List.of(scores.input(0), scores.input(1), values)) {
            addProjection(operand, members, 0);
        }
        addOutput(context, members);
        return members;
    }

    /** The product of queries and keys behind the softmax; what lies between becomes part of the layer. */
    private Node scores(String value, Set<Node> members, int depth) {
        Node maker = maker(value);
        if (isOne(maker, "MatMul")) {
            boolean weighted = isConstant(maker.input(0)) || isConstant(maker.input(1));
            if (!weighted) {
                members.add(maker);
            }
            return weighted ? null : maker;
        }
        if (maker == null || depth > DEEPEST || !ON_SCORES.contains(maker.op())) {
            return null;
        }
        for (String input : maker.inputs()) {
            Node found = scores(input, members, depth + 1);
            if (found != null) {
                members.add(maker);
                return found;
            }
        }
        return null;
    }

    private void addProjection(String value, Set<Node> members, int depth) {
        Node maker = maker(value);
        LayerGroup group = groups.get(value);
        if (maker == null || depth > DEEPEST) {
            return;
        }
        if (group != null && group.isProduct() && isWeighted(group)) {
            members.addAll(group.nodes());
        } else if (LAYOUT.contains(maker.op()) || withConstant(maker, "Mul", "Div")) {
            members.add(maker);
            addProjection(isConstant(maker.input(0)) ? maker.input(1) : maker.input(0), members, depth + 1);
        }
    }

    private boolean isWeighted(LayerGroup group) {
        return group.core().inputs().stream().map(network.weights()::get).anyMatch(CompositeLayers::isMatrix)
                || group.nodes().stream().anyMatch(n -> n.is("Constant"));
    }

    private static boolean isMatrix(Tensor weight) {
        return weight != null && weight.rank() > 1;
    }

    private void addOutput(Node context, Set<Node> members) {
        List<Node> passed = new ArrayList<>();
        Node next = onlyTaker(context);
        while (next != null && LAYOUT.contains(next.op()) && passed.size() < DEEPEST) {
            passed.add(next);
            next = onlyTaker(next);
        }
        LayerGroup group = next == null ? null : groups.get(next.output());
        members.addAll(passed);
        if (group != null && group.isProduct() && isWeighted(group)) {
            members.addAll(group.nodes());
        }
    }
}
