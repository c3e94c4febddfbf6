package pomona.djl;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import pomona.graph.Node;

/** The operators that run on the training engine, by name; each group of them has its own file. */
final class Operators {

    /** The latest standard operator set whose changes are known here. */
    static final long LATEST_OPSET = 28;

    private static final Map<String, Operator> STANDARD = standard();

    /** Groups of standard operators that the engine computes as one; see {@link Fusion}. */
    private static final Map<String, Operator> FUSED = FusedOps.operators();

    /** Inputs that shape what an operator does; they are read as numbers and never learned. */
    private static final Map<String, Set<Integer>> SETTINGS = Map.ofEntries(
            Map.entry("Clip", Set.of(1, 2)),
            Map.entry("Dropout", Set.of(1, 2)),
            Map.entry("Pow", Set.of(1)),
            Map.entry("Pad", Set.of(2)),
            Map.entry("Range", Set.of(0, 1, 2)),
            Map.entry("OneHot", Set.of(1, 2)),
            Map.entry("Resize", Set.of(1, 2)),
            Map.entry("Upsample", Set.of(1)),
            Map.entry("CastLike", Set.of(1)),
            Map.entry("NegativeLogLikelihoodLoss", Set.of(2)),
            Map.entry("SoftmaxCrossEntropyLoss", Set.of(2)));

    /** Operators whose outputs are integers or flags, or do not depend on the values that they take. */
    private static final Set<String> WITHOUT_GRADIENT = Set.of(
            "And",
            "ArgMax",
            "ArgMin",
            "BitShift",
            "BitwiseAnd",
            "BitwiseNot",
            "BitwiseOr",
            "BitwiseXor",
            "Constant",
            "ConstantOfShape",
            "Equal",
            "EyeLike",
            "Greater",
            "GreaterOrEqual",
            "Hardmax",
            "IsInf",
            "IsNaN",
            "Less",
            "LessOrEqual",
            "NonZero",
            "Not",
            "OneHot",
            "Or",
            "Range",
            "Shape",
            "Size",
            "Xor");

    private Operators() {}

    /** The operator of a node, or null when there is none. */
    static Operator of(Node node) {
        if (node.domain().equals(Fusion.DOMAIN)) {
            return FUSED.get(node.op());
        }
        if (node.domain().equals(StraightThrough.DOMAIN)) {
            return StraightThrough.operator(node);
        }
        return node.domain().isEmpty() ? STANDARD.get(node.op()) : null;
    }

    /** Whether a float constant at that input of a node may be learned. */
    static boolean isLearned(Node node, int input) {
        return !SETTINGS.getOrDefault(node.op(), Set.of()).contains(input);
    }

    /** The names of the standard operators that run on the training engine, in alphabetical order. */
    static SortedSet<String> names() {
        SortedSet<String> names = new TreeSet<>(STANDARD.keySet());
        names.add("Constant");
        return names;
    }

    /** Whether gradients flow through that operator. */
    static boolean isDifferentiable(String name) {
        return !WITHOUT_GRADIENT.contains(name);
    }

    private static Map<String, Operator> standard() {
        Map<String, Operator> operators = new LinkedHashMap<>();
        ActivationOps.addTo(operators);
        ArithmeticOps.addTo(operators);
        AttentionOps.addTo(operators);
        ControlOps.addTo(operators);
        ConvolutionOps.addTo(operators);
        CumulativeOps.addTo(operators);
        GridOps.addTo(operators);
        IndexOps.addTo(operators);
        LayoutOps.addTo(operators);
        LogicOps.addTo(operators);
        LossOps.addTo(operators);
        NormalizationOps.addTo(operators);
        PoolingOps.addTo(operators);
        RecurrentOps.addTo(operators);
        ReductionOps.addTo(operators);
        ResizeOps.addTo(operators);
        ShapeOps.addTo(operators);
        return operators;
    }
}
