package pomona.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Shape rules of operators that work element by element, with broadcasting. */
final class ElementwiseShapes {

    /** Operators whose only output is like their first input. */
    private static final String SAME = "Identity Relu LeakyRelu PRelu Elu Selu Celu ThresholdedRelu Sigmoid HardSigmoid"
            + " HardSwish Tanh Softplus Softsign Gelu Mish Swish Erf Exp Log Sqrt Reciprocal Neg Abs Sign Ceil Floor Round"
            + " Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Clip Softmax LogSoftmax Hardmax Shrink CumSum"
            + " CumProd Trilu ScatterND ScatterElements Scatter Not BitwiseNot ReverseSequence SwiGLU";

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
        rules.put("com.microsoft:BiasGelu", ShapeRule.one(c -> new ValueType(c.type(0), broadcastAll(c, 0))));
        rules.put("Pow", ShapeRule.one(c -> new ValueType(c.type(0), broadcastAll(c, 0))));
        rules.put("IsNaN", ShapeRule.one(c -> new ValueType(ElementType.BOOL, c.shape(0))));
        rules.put("IsInf", ShapeRule.one(c -> new ValueType(ElementType.BOOL, c.shape(0))));
        rules.put("Where", ShapeRule.one(c -> new ValueType(c.type(1), broadcastAll(c, 0))));
        rules.put("BitCast", ShapeRule.one(c -> new ValueType(c.typeOf("to"), bitCast(c))));
        rules.put("Cast", ShapeRule.one(ElementwiseShapes::cast));
        rules.put("CastLike", ShapeRule.one(c -> new ValueType(c.type(1), c.shape(0))));
    }

    private static ValueType cast(ShapeContext context) {
        int code = Math.toIntExact(context.node().integer("to", -1));
        // A type that is younger than this library leaves the shape known.
        boolean known = Arrays.stream(ElementType.values()).anyMatch(type -> type.code() == code);
        return new ValueType(known ? ElementType.ofCode(code) : null, context.shape(0));
    }

    /** The bytes of the last dimension are read as elements of another width. */
    private static List<Dimension> bitCast(ShapeContext context) {
        ElementType to = context.typeOf("to");
        ElementType from = context.type(0);
        return to != null && from != null && to.bits() == from.bits() ? context.shape(0) : null;
    }

    private static List<Dimension> broadcastAll(ShapeContext context, int first) {
        List<Dimension> shape = context.shape(first);
        for (int i = first + 1; i < context.node().inputs().size(); i++) {
            shape = Dimensions.broadcast(shape, context.shape(i));
        }
        return shape;
    }
}
