package pomona.evaluate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Network;
import pomona.graph.Node;

/**
 * Finds layers that exporters write as many operators: attention with its projections, layer and root-mean-square
 * normalization, and the activations Gelu and Swish.
 */
final class CompositeLayers {

    private static final int DEEPEST = 12;

    /** A layer and the operators that were found to be part of it. */
    record Composite(String operator, Set<Node> members) {}

    private final Wiring wiring;
    private final Map<String, LayerGroup> groups = new HashMap<>();

    CompositeLayers(Network network, List<LayerGroup> groups) {
        this.wiring = new Wiring(network);
        for (LayerGroup group : groups) {
            group.nodes().forEach(node -> node.outputs().forEach(output -> this.groups.put(output, group)));
        }
    }

    List<Composite> find() {
        List<Composite> found = new ArrayList<>();
        for (Node node : wiring.network().nodes()) {
            Composite composite =
                    switch (node.domain().isEmpty() ? node.op() : "") {
                        case "Sqrt" -> normalization(node);
                        case "Erf", "Tanh" -> composite("Gelu", gelu(node));
                        case "Sigmoid" -> composite("Swish", swish(node));
                        case "Softmax" -> composite("Attention", new AttentionLayer(wiring, groups).around(node));
                        default -> null;
                    };
            if (composite != null) {
                found.add(composite);
            }
        }
        return found;
    }

    private static Composite composite(String operator, Set<Node> members) {
        return members == null ? null : new Composite(operator, members);
    }

    private Composite normalization(Node sqrt) {
        Composite layer = composite("LayerNormalization", layerNorm(sqrt));
        return layer != null ? layer : composite("RMSNormalization", rmsNorm(sqrt));
    }

    /** x / sqrt(mean(x^2) + epsilon) * weight, found from the square root (Zhang and Sennrich 2019). */
    private Set<Node> rmsNorm(Node sqrt) {
        Node epsilon = wiring.maker(sqrt.input(0));
        Node mean = wiring.withConstant(epsilon, "Add") ? wiring.maker(wiring.varying(epsilon)) : null;
        Node square = mean == null ? null : wiring.maker(mean.input(0));
        if (!Wiring.isOne(mean, "ReduceMean") || !Wiring.isOne(square, "Pow", "Mul")) {
            return null;
        }
        Set<Node> members = new LinkedHashSet<>(List.of(square, mean, epsilon, sqrt));
        Node next = wiring.onlyTaker(sqrt);
        if (Wiring.isOne(next, "Reciprocal") || wiring.withConstant(next, "Div")) {
            members.add(next);
            next = wiring.onlyTaker(next);
        }
        if (!Wiring.isOne(next, "Mul", "Div") || !next.inputs().contains(square.input(0))) {
            return null;
        }
        members.add(next);
        Node weighted = wiring.onlyTaker(next);
        if (wiring.withConstant(weighted, "Mul")) {
            members.add(weighted);
        }
        return members;
    }

    /** (x - mean) / sqrt(mean((x - mean)^2) + epsilon) * weight + bias, found from the square root. */
    private Set<Node> layerNorm(Node sqrt) {
        Node epsilon = wiring.maker(sqrt.input(0));
        if (!wiring.withConstant(epsilon, "Add")) {
            return null;
        }
        Node variance = wiring.maker(wiring.varying(epsilon));
        Node square = variance == null ? null : wiring.maker(variance.input(0));
        Node centered = square == null ? null : wiring.maker(square.input(0));
        Node mean = centered == null ? null : wiring.maker(centered.input(1));
        boolean centers = Wiring.isOne(variance, "ReduceMean")
                && Wiring.isOne(square, "Pow", "Mul")
                && Wiring.isOne(centered, "Sub")
                && Wiring.isOne(mean, "ReduceMean")
                && mean.input(0).equals(centered.input(0));
        if (!centers) {
            return null;
        }
        Set<Node> members = new LinkedHashSet<>(List.of(mean, centered, square, variance, epsilon, sqrt));
        Node next = wiring.onlyTaker(sqrt);
        for (String op : new String[] {"Div", "Mul", "Add"}) {
            boolean fits = op.equals("Div") ? Wiring.isOne(next, "Div", "Reciprocal") : wiring.withConstant(next, op);
            if (!fits) {
                break;
            }
            members.add(next);
            next = wiring.onlyTaker(next);
        }
        return members.size() > 6 ? members : null;
    }

    /** x / 2 * (1 + erf(x / sqrt(2))), or the approximation by tanh, in any order of the factors. */
    private Set<Node> gelu(Node function) {
        Node plusOne = wiring.onlyTaker(function);
        if (!wiring.withConstant(plusOne, "Add")) {
            return null;
        }
        Node product = wiring.onlyTaker(plusOne);
        if (!Wiring.isOne(product, "Mul")) {
            return null;
        }
        Set<Node> members = new LinkedHashSet<>(List.of(function, plusOne, product));
        boolean halfFirst = wiring.withConstant(product, "Mul");
        if (halfFirst) {
            product = wiring.onlyTaker(product);
            if (!Wiring.isOne(product, "Mul")) {
                return null;
            }
            members.add(product);
        }
        String other = members.stream().map(Node::output).anyMatch(product.input(0)::equals)
                ? product.input(1)
                : product.input(0);
        Node half = wiring.maker(other);
        String input = other;
        Node after = wiring.onlyTaker(product);
        if (!halfFirst && wiring.withConstant(after, "Mul")) {
            members.add(after);
        } else if (!halfFirst && wiring.withConstant(half, "Mul", "Div")) {
            members.add(half);
            input = wiring.varying(half);
        }
        return collectBack(function.input(0), input, members, 0) ? members : null;
    }

    /** Adds the arithmetic between an activation's input and a value; false when it comes from elsewhere. */
    private boolean collectBack(String value, String input, Set<Node> members, int depth) {
        if (value.equals(input) || wiring.isConstant(value)) {
            return true;
        }
        Node maker = wiring.maker(value);
        boolean arithmetic = depth < DEEPEST && Wiring.isOne(maker, "Mul", "Div", "Add", "Pow");
        if (!arithmetic) {
            return false;
        }
        members.add(maker);
        return collectBack(maker.input(0), input, members, depth + 1)
                && collectBack(maker.input(1), input, members, depth + 1);
    }

    /** x * sigmoid(x). */
    private Set<Node> swish(Node sigmoid) {
        Node product = wiring.onlyTaker(sigmoid);
        boolean same = Wiring.isOne(product, "Mul") && product.inputs().contains(sigmoid.input(0));
        return same ? new LinkedHashSet<>(List.of(sigmoid, product)) : null;
    }
}
