package pomona.graph;

import java.util.List;
import java.util.Map;

/** Shape rules of operators that work element by element, with broadcasting. */
final class ElementwiseShapes {

    /** Operators whose first output is like their first input. */
    private static final String SAME = "Identity Relu LeakyRelu PRelu Elu Selu Celu ThresholdedRelu Sigmoid HardSigmoid"
            + " HardSwish Tanh Softplus Softsign Gelu Mish Erf Exp Log Sqrt Reciprocal Neg Abs Sign Ceil Floor Round Sin"
            + " Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Clip Softmax LogSoftmax Hardmax Dropout"
            + " BatchNormalization InstanceNormalization LayerNormalization GroupNormalization LpNormalization LRN"
            + " MeanVarianceNormalization Shrink CumSum Trilu ScatterND ScatterElements Not BitwiseNot";

    private static final String BROADCAST =
            "Add Sub Mul Div Mod Min Max Mean Sum And Or Xor BitShift BitwiseAnd BitwiseOr BitwiseXor";

    private static final String COMPARE = "Equal Less LessOrEqual Greater GreaterOrEqual";

    private ElementwiseShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        for (String op : SAME.split(" ")) {
            rules.put(op, ShapeRule.one(c -> new ValueType(c.type(0), c.shape(0))));
        }
        for (String op : BROADCAST.split(" ")) {
            rules.put(op, ShapeRule.one(c -> new ValueType(c.type(0), broadcastAll(c, 0))));
        }
        for (String op : COMPARE.split(" ")) {
            rules.put(op, ShapeRule.one(c -> new ValueType(ElementType.BOOL, broadcastAll(c, 0))));
        }
        rules.put("Pow", ShapeRule.one(c -> new ValueType(c.type(0), broadcastAll(c, 0))));
        rules.put("IsNaN", ShapeRule.one(c -> new ValueType(ElementType.BOOL, c.shape(0))));
        rules.put("IsInf", ShapeRule.one(c -> new ValueType(ElementType.BOOL, c.shape(0))));
        rules.put("Where", ShapeRule.one(c -> new ValueType(c.type(1), broadcastAll(c, 0))));
        rules.put("Cast", ShapeRule.one(ElementwiseShapes::cast));
        rules.put("CastLike", ShapeRule.one(c -> new ValueType(c.type(1), c.shape(0))));
    }

    private static ValueType cast(ShapeContext context) {
        long code = context.node().integer("to", -1);
        return new ValueType(ElementType.ofCode(Math.toIntExact(code)), context.shape(0));
    }

    private static List<Dimension> broadcastAll(ShapeContext context, int first) {
        List<Dimension> shape = context.shape(first);
        for (int i = first + 1; i < context.node().inputs().size(); i++) {
            shape = Dimensions.broadcast(shape, context.shape(i));
        }
        return shape;
    }
}
