package pomona.djl;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import pomona.graph.Node;

/** The operators that run on the training engine, by name; each group of them has its own file. */
final class Operators {

    private static final Map<String, Operator> STANDARD = standard();

    /** Inputs that shape what an operator does; they are read as numbers and never learned. */
    private static final Map<String, Set<Integer>> SETTINGS = Map.of(
            "Clip", Set.of(1, 2),
            "Dropout", Set.of(1, 2),
            "Pow", Set.of(1),
            "Pad", Set.of(2),
            "Range", Set.of(0, 1, 2));

    private Operators() {}

    /** The operator of a node, or null when there is none. */
    static Operator of(Node node) {
        return node.domain().isEmpty() ? STANDARD.get(node.op()) : null;
    }

    /** Whether a float constant at that input of a node may be learned. */
    static boolean isLearned(Node node, int input) {
        return !SETTINGS.getOrDefault(node.op(), Set.of()).contains(input);
    }

    private static Map<String, Operator> standard() {
        Map<String, Operator> operators = new LinkedHashMap<>();
        ActivationOps.addTo(operators);
        ArithmeticOps.addTo(operators);
        ConvolutionOps.addTo(operators);
        NormalizationOps.addTo(operators);
        ReductionOps.addTo(operators);
        ShapeOps.addTo(operators);
        return operators;
    }
}
