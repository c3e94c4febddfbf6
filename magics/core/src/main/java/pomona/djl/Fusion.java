package pomona.djl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Finds groups of operators that exporters make of one layer, and that the engine computes as one: a layer
 * normalization, a GELU, a product with a bias, scaled dot-product attention.
 */
final class Fusion {

    /** The domain of nodes that stand for a group; it never leaves the engine. */
    static final String DOMAIN = "pomona.engine";

    /** A group that was found: the node that stands for it, and all nodes it replaces, the last of them first. */
    private record Group(Node node, Set<Node> nodes) {}

    private final GraphPattern graph;

    private Fusion(GraphPattern graph) {
        this.graph = graph;
    }

    /**
     * The same nodes with every group in one node, at the place of the group's last.
     *
     * @param constants the graph's constants by name
     * @param outputs the names of the graph's outputs
     */
    static List<Node> of(List<Node> nodes, Map<String, Tensor> constants, List<String> outputs) {
        Fusion fusion = new Fusion(new GraphPattern(nodes, constants, outputs));
        Map<Node, Node> fused = new HashMap<>();
        Set<Node> gone = new HashSet<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node last = nodes.get(i);
            Group group = gone.contains(last) ? null : fusion.endingIn(last);
            if (group != null && group.nodes().stream().noneMatch(gone::contains)) {
                fused.put(last, group.node());
                gone.addAll(group.nodes());
            }
        }
        List<Node> result = new ArrayList<>();
        for (Node node : nodes) {
            if (fused.containsKey(node)) {
                result.add(fused.get(node));
            } else if (!gone.contains(node)) {
                result.add(node);
            }
        }
        return result;
    }

    private Group endingIn(Node last) {
        Group group =
                switch (last.domain().isEmpty() ? last.op() : "") {
                    case "Add" -> last.inputs().size() == 2 ? addition(last) : null;
                    case "Mul" -> gelu(last);
                    case "MatMul" -> attention(last);
                    default -> null;
                };
        return group != null && graph.isClosed(group.nodes(), last) ? group : null;
    }

    private Group addition(Node last) {
        for (int i = 0; i < 2; i++) {
            Tensor shift = graph.constant(last.input(i));
            if (shift != null && shift.rank() == 1) {
                Group linear = linear(last, last.input(1 - i), last.input(i), shift);
                return linear != null ? linear : layerNormalization(last, last.input(1 - i), last.input(i), shift);
            }
        }
        return null;
    }

    /** A product with a constant matrix, and a bias. */
    private Group linear(Node last, String product, String bias, Tensor shift) {
        Node multiply = graph.maker(product, "MatMul");
        Tensor weight = multiply == null ? null : graph.constant(multiply.input(1));
        if (weight == null || weight.rank() != 2 || weight.dim(1) != shift.size()) {
            return null;
        }
        Node node = group("Linear", last, multiply.input(0), multiply.input(1), bias);
        return new Group(node, Set.of(last, multiply));
    }

    /** The difference from the mean of the last axis by the root of its mean square, scaled and shifted. */
    private Group layerNormalization(Node last, String scaled, String bias, Tensor shift) {
        Node scale = graph.maker(scaled, "Mul");
        for (int i = 0; scale != null && i < 2; i++) {
            Node divide = graph.maker(scale.input(i), "Div");
            Tensor weight = graph.constant(scale.input(1 - i));
            Node root = divide == null ? null : graph.maker(divide.input(1), "Sqrt");
            Node padded = root == null ? null : graph.maker(root.input(0), "Add");
            if (padded != null && weight != null && Arrays.equals(weight.shape(), shift.shape())) {
                return normalized(last, scale, divide, root, padded, scale.input(1 - i), bias);
            }
        }
        return null;
    }

    private Group normalized(Node last, Node scale, Node divide, Node root, Node padded, String weight, String bias) {
        for (int i = 0; i < 2; i++) {
            float epsilon = graph.number(padded.input(i));
            Node variance = graph.maker(padded.input(1 - i), "ReduceMean");
            Node square = variance == null || !overLastAxis(variance) ? null : squareOf(variance.input(0));
            Node difference = graph.maker(divide.input(0), "Sub");
            Node squared = square == null ? null : graph.maker(square.input(0), "Sub");
            Node mean = difference == null ? null : graph.maker(difference.input(1), "ReduceMean");
            boolean fits = !Float.isNaN(epsilon)
                    && squared != null
                    && mean != null
                    && overLastAxis(mean)
                    && mean.input(0).equals(difference.input(0))
                    && squared.inputs().equals(difference.inputs());
            if (fits) {
                Node node = new Node(
                                last.name(),
                                "",
                                "LayerNormalization",
                                List.of(difference.input(0), weight, bias),
                                last.outputs(),
                                Map.of(),
                                last.extra())
                        .with("epsilon", Attribute.of(epsilon));
                return new Group(
                        node,
                        new LinkedHashSet<>(List.of(
                                last, scale, divide, root, padded, variance, square, squared, difference, mean)));
            }
        }
        return null;
    }

    private Node squareOf(String value) {
        Node power = graph.maker(value, "Pow");
        if (power != null) {
            return graph.isNumber(power.input(1), 2) ? power : null;
        }
        Node product = graph.maker(value, "Mul");
        return product != null && product.input(0).equals(product.input(1)) ? product : null;
    }

    private boolean overLastAxis(Node reduction) {
        Tensor given = reduction.hasInput(1) ? graph.constant(reduction.input(1)) : null;
        long[] axes = given == null ? reduction.integers("axes") : given.toLongArray();
        return axes.length == 1 && axes[0] == -1 && reduction.integer("keepdims", 1) != 0;
    }

    /** Half of x times one more than the error function of x by the root of two (Hendrycks and Gimpel 2016). */
    private Group gelu(Node last) {
        List<String> factors = new ArrayList<>();
        Set<Node> nodes = new LinkedHashSet<>();
        factors(last, factors, nodes);
        for (String factor : factors) {
            Node plusOne = graph.maker(factor, "Add");
            for (int i = 0; plusOne != null && i < 2; i++) {
                Node error = graph.maker(plusOne.input(i), "Erf");
                Node inner = error == null || !graph.isNumber(plusOne.input(1 - i), 1) ? null : innerOfGelu(error);
                List<String> rest = new ArrayList<>(factors);
                rest.remove(factor);
                if (inner != null
                        && rest.size() == 2
                        && rest.remove(inner.input(0))
                        && graph.isNumber(rest.get(0), 0.5)) {
                    nodes.addAll(List.of(plusOne, error, inner));
                    Node node = Node.of("Gelu", last.name(), List.of(inner.input(0)), last.output());
                    return new Group(node, nodes);
                }
            }
        }
        return null;
    }

    private Node innerOfGelu(Node error) {
        Node divide = graph.maker(error.input(0), "Div");
        if (divide != null) {
            return graph.isNumber(divide.input(1), Math.sqrt(2)) ? divide : null;
        }
        Node multiply = graph.maker(error.input(0), "Mul");
        return multiply != null && graph.isNumber(multiply.input(1), Math.sqrt(0.5)) ? multiply : null;
    }

    /** The factors of a product of up to three. */
    private void factors(Node product, List<String> factors, Set<Node> nodes) {
        nodes.add(product);
        for (String input : product.inputs()) {
            Node inner = factors.size() + nodes.size() < 4 ? graph.maker(input, "Mul") : null;
            if (inner != null && nodes.size() < 2) {
                factors(inner, factors, nodes);
            } else {
                factors.add(input);
            }
        }
    }

    /** The softmax of scaled products of queries and keys, perhaps with a mask, times values. */
    private Group attention(Node last) {
        Node softmax = graph.maker(last.input(0), "Softmax");
        if (softmax == null || softmax.integer("axis", -1) != -1 && softmax.integer("axis", -1) != 3) {
            return null;
        }
        Set<Node> nodes = new LinkedHashSet<>(List.of(last, softmax));
        String scores = softmax.input(0);
        String mask = "";
        Node masked = graph.maker(scores, "Add");
        if (masked != null) {
            boolean first = graph.maker(masked.input(0), "Div") != null || graph.maker(masked.input(0), "Mul") != null;
            nodes.add(masked);
            scores = masked.input(first ? 0 : 1);
            mask = masked.input(first ? 1 : 0);
        }
        Node scaled = graph.maker(scores, "Div") == null ? graph.maker(scores, "Mul") : graph.maker(scores, "Div");
        float factor = scaled == null ? Float.NaN : graph.number(scaled.input(1));
        Node products = scaled == null ? null : graph.maker(scaled.input(0), "MatMul");
        if (products == null || Float.isNaN(factor)) {
            return null;
        }
        nodes.addAll(List.of(scaled, products));
        Node node = group("Attention", last, products.input(0), products.input(1), last.input(1), mask)
                .with("scale", Attribute.of(scaled.is("Div") ? 1 / factor : factor));
        return new Group(node, nodes);
    }

    private static Node group(String op, Node last, String... inputs) {
        return Node.of(op, last.name(), Arrays.asList(inputs), last.output()).inDomain(DOMAIN);
    }
}
