package pomona.simplify;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Finds operators whose output is one of their inputs, element by element. */
final class IdleOperators {

    private final Network network;
    private final Map<String, Value> shapes;
    private final Set<String> taken = new HashSet<>();

    IdleOperators(Network network) {
        this.network = network;
        this.shapes = ShapeInference.of(network);
        network.nodes().forEach(node -> taken.addAll(node.takes()));
        network.signature().outputs().forEach(output -> taken.add(output.name()));
    }

    /** The place of the input that the operator hands on, or -1 when it does something. */
    int handsOn(Node node) {
        if (!node.domain().isEmpty()
                || node.outputs().isEmpty()
                || node.inputs().isEmpty()) {
            return -1;
        }
        boolean idle =
                switch (node.op()) {
                    case "Identity" -> true;
                    case "Dropout" -> isIdleDropout(node);
                    case "Cast" -> sameType(node);
                    // The elements stay in their order, so that the same shape is the same value.
                    case "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand" -> sameShape(node, 0);
                    case "Tile" -> sameShape(node, 0);
                    case "Transpose" -> movesNothing(node);
                    case "Concat", "Sum", "Max", "Min", "Mean" -> node.inputs().size() == 1;
                    case "Pad" -> isZeros(padding(node));
                    case "Slice" -> sameShape(node, 0) && goesForward(node);
                    case "Sub" -> neutral(node, 1, 0);
                    case "Div", "Pow" -> neutral(node, 1, 1);
                    default -> false;
                };
        if (idle) {
            return 0;
        }
        double neutral = node.is("Add") ? 0 : node.is("Mul") ? 1 : Double.NaN;
        return neutral(node, 1, neutral) ? 0 : neutral(node, 0, neutral) ? 1 : -1;
    }

    private boolean isIdleDropout(Node node) {
        if (network.opset() < 7
                || node.outputs().size() > 1 && taken.contains(node.outputs().get(1))) {
            return false;
        }
        Tensor training = network.weights().get(node.input(2));
        return !node.hasInput(2) || training != null && training.countNonZeros() == 0;
    }

    private boolean sameType(Node node) {
        Value in = shapes.get(node.input(0));
        Value out = shapes.get(node.output());
        return in != null && in.type() != null && in.type() == out.type();
    }

    private boolean sameShape(Node node, int input) {
        Value in = shapes.get(node.input(input));
        Value out = shapes.get(node.output());
        return in != null
                && in.shape() != null
                && in.shape().equals(out.shape())
                && !in.shape().contains(Dimension.UNKNOWN);
    }

    private static boolean movesNothing(Node node) {
        long[] perm = node.integers("perm");
        for (int i = 0; i < perm.length; i++) {
            if (perm[i] != i) {
                return false;
            }
        }
        return perm.length > 0;
    }

    private Tensor padding(Node node) {
        List<Long> attribute =
                java.util.Arrays.stream(node.integers("pads")).boxed().toList();
        if (!attribute.isEmpty()) {
            return Tensor.ofLongs(node.integers("pads"), attribute.size());
        }
        return network.weights().get(node.input(1));
    }

    private static boolean isZeros(Tensor tensor) {
        return tensor != null && tensor.countNonZeros() == 0;
    }

    private boolean goesForward(Node node) {
        Tensor steps = network.weights().get(node.input(4));
        if (!node.hasInput(4)) {
            return true;
        }
        return steps != null && java.util.Arrays.stream(steps.toLongArray()).allMatch(step -> step > 0);
    }

    /** Whether an input is that number everywhere, and the output has the shape of the other one. */
    private boolean neutral(Node node, int place, double number) {
        Tensor tensor = network.weights().get(node.input(place));
        if (Double.isNaN(number)
                || tensor == null
                || tensor.size() > 1
                || node.inputs().size() != 2) {
            return false;
        }
        boolean simple = tensor.type().isFloating() || tensor.type().bits() >= 32;
        return simple && tensor.size() == 1 && tensor.toFloatArray()[0] == number && sameShape(node, 1 - place);
    }
}
