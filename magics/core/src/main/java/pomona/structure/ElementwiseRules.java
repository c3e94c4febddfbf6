package pomona.structure;

import java.util.List;
import java.util.Map;
import pomona.graph.Node;

/** Operators that work place by place: activations, and sums and products with broadcasting. */
final class ElementwiseRules {

    private static final String SAME = "Identity Relu LeakyRelu Elu Selu Celu ThresholdedRelu Sigmoid HardSigmoid"
            + " HardSwish Swish Tanh Softplus Softsign Gelu Mish Erf Exp Log Sqrt Reciprocal Neg Abs Sign Ceil Floor"
            + " Round Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Clip Dropout Shrink Not IsNaN IsInf Cast";

    private static final String BROADCAST = "Add Sub Mul Div Pow Mod Min Max Mean Sum PRelu Where And Or Xor Equal Less"
            + " LessOrEqual Greater GreaterOrEqual";

    private ElementwiseRules() {}

    static void register(Map<String, Rule> rules) {
        for (String op : SAME.split(" ")) {
            rules.put(op, ElementwiseRules::same);
        }
        for (String op : BROADCAST.split(" ")) {
            rules.put(op, (analysis, node) -> analysis.set(node.output(), broadcast(analysis, node, node.inputs(), 0)));
        }
    }

    /** Every output is like the first input; further inputs are settings. */
    static void same(Analysis analysis, Node node) {
        node.outputs().forEach(output -> analysis.set(output, analysis.axes(node.input(0))));
    }

    /**
     * Joins values as broadcasting aligns them, from the last axis on.
     *
     * @param skipped how many of the last axes are left out
     * @return the axes of the result, without those skipped
     */
    static int[][] broadcast(Analysis analysis, Node node, List<String> values, int skipped) {
        int rank = 0;
        for (String value : values) {
            rank = Math.max(rank, analysis.axes(value).length);
        }
        int[][] result = new int[Math.max(0, rank - skipped)][];
        for (int fromEnd = skipped + 1; fromEnd <= rank; fromEnd++) {
            result[rank - fromEnd] = meet(analysis, node, values, fromEnd);
        }
        return result;
    }

    private static int[] meet(Analysis analysis, Node node, List<String> values, int fromEnd) {
        int[] joint = null;
        boolean fixed = false;
        for (String value : values) {
            int[][] axes = analysis.axes(value);
            int axis = axes.length - fromEnd;
            if (axis < 0 || axes[axis] == null && analysis.size(value, axis) == 1) {
                continue;
            }
            int[] channels = axes[axis];
            if (channels == null) {
                fixed = true;
            } else if (joint == null || joint.length == channels.length) {
                if (joint != null) {
                    analysis.join(node, joint, channels);
                }
                joint = channels;
            } else {
                analysis.join(node, joint, channels);
                joint = joint.length > channels.length ? joint : channels;
            }
        }
        if (fixed && joint != null) {
            analysis.join(node, joint, null);
        }
        return joint;
    }
}
