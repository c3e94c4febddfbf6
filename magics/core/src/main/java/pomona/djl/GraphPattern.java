package pomona.djl;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** The nodes of a graph, to be asked who makes a value, who takes it, and whether it is a certain number. */
final class GraphPattern {

    private final Map<String, Node> makers = new HashMap<>();
    private final Map<String, Set<Node>> takers = new HashMap<>();
    private final Map<String, Tensor> constants;
    private final Set<String> outputs;

    GraphPattern(List<Node> nodes, Map<String, Tensor> constants, List<String> outputs) {
        this.constants = constants;
        this.outputs = new HashSet<>(outputs);
        for (Node node : nodes) {
            node.outputs().forEach(output -> makers.put(output, node));
            node.takes().forEach(input -> takers.computeIfAbsent(input, k -> new HashSet<>())
                    .add(node));
        }
    }

    /** The node that makes a value if it is that operator, else null. */
    Node maker(String value, String op) {
        Node maker = makers.get(value);
        return maker != null && maker.is(op) ? maker : null;
    }

    /** The constant of that name, or null. */
    Tensor constant(String value) {
        return constants.get(value);
    }

    /** Whether a value is a constant of one element, close to that number. */
    boolean isNumber(String value, double number) {
        Tensor constant = constants.get(value);
        return constant != null
                && constant.size() == 1
                && constant.type().isFloating()
                && Math.abs(constant.toFloatArray()[0] - number) <= 1e-6 * Math.abs(number);
    }

    /** The one number that a value is, or NaN. */
    float number(String value) {
        Tensor constant = constants.get(value);
        boolean single =
                constant != null && constant.size() == 1 && constant.type().isFloating();
        return single ? constant.toFloatArray()[0] : Float.NaN;
    }

    /** The other one of a node's two inputs, or null when the first is none of them. */
    static String other(Node node, String input) {
        if (node.inputs().size() != 2) {
            return null;
        }
        return node.input(0).equals(input) ? node.input(1) : node.input(1).equals(input) ? node.input(0) : null;
    }

    /** Whether nobody outside of these nodes takes what those but the last make. */
    boolean isClosed(Set<Node> nodes, Node last) {
        for (Node node : nodes) {
            for (String output : node.outputs()) {
                boolean inside = node == last
                        || !outputs.contains(output) && nodes.containsAll(takers.getOrDefault(output, Set.of()));
                if (!inside) {
                    return false;
                }
            }
        }
        return true;
    }
}
