package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of signal processing: Fourier transforms and windows. */
final class SignalShapes {

    private SignalShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("DFT", ShapeRule.one(c -> new ValueType(c.type(0), dft(c))));
        rules.put("STFT", ShapeRule.one(c -> new ValueType(c.type(0), stft(c))));
        rules.put(
                "MelWeightMatrix",
                ShapeRule.one(c -> new ValueType(typeOr(c), List.of(bins(c.size(1)), Dimensions.of(c.size(0))))));
        for (String op : List.of("HannWindow", "HammingWindow", "BlackmanWindow")) {
            rules.put(op, ShapeRule.one(c -> new ValueType(typeOr(c), List.of(Dimensions.of(c.size(0))))));
        }
    }

    private static ElementType typeOr(ShapeContext context) {
        ElementType type = context.typeOf("output_datatype");
        return type == null ? ElementType.FLOAT : type;
    }

    /** A real signal of n samples has n / 2 + 1 frequencies. */
    private static Dimension bins(SizeExpression length) {
        return length == null
                ? Dimension.UNKNOWN
                : Dimensions.of(length.floorDividedBy(2).plus(1));
    }

    private static List<Dimension> dft(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (in == null) {
            return null;
        }
        boolean attribute = context.scope().opset() < 20;
        SizeExpression given = attribute || !context.node().hasInput(2)
                ? SizeExpression.of(context.node().integer("axis", attribute ? 1 : -2))
                : context.size(2);
        List<Dimension> shape = new ArrayList<>(in);
        boolean oneSided = context.node().integer("onesided", 0) != 0;
        boolean inverse = context.node().integer("inverse", 0) != 0;
        shape.set(in.size() - 1, Dimension.of(oneSided && inverse ? 1 : 2));
        if (given == null || !given.isConstant()) {
            for (int i = 0; i < in.size() - 1; i++) {
                shape.set(i, oneSided || context.node().hasInput(1) ? Dimension.UNKNOWN : in.get(i));
            }
            return shape;
        }
        int axis = Math.toIntExact(given.constant() < 0 ? given.constant() + in.size() : given.constant());
        SizeExpression length = context.node().hasInput(1) ? context.size(1) : SizeExpression.of(in.get(axis));
        boolean half = oneSided && !inverse;
        if (oneSided && inverse && !context.node().hasInput(1)) {
            length = length == null ? null : length.plus(-1).times(2);
        }
        shape.set(axis, half ? bins(length) : Dimensions.of(length));
        return shape;
    }

    private static List<Dimension> stft(ShapeContext context) {
        boolean oneSided = context.node().integer("onesided", 1) != 0;
        SizeExpression step = context.size(1);
        SizeExpression length = context.node().hasInput(3) ? context.size(3) : null;
        if (length == null && context.node().hasInput(2)) {
            length = SizeExpression.of(context.dim(2, 0));
        }
        SizeExpression signal = SizeExpression.of(context.dim(0, 1));
        boolean known = signal != null && length != null && step != null && step.isConstant() && step.constant() > 0;
        Dimension frames = known
                ? Dimensions.of(
                        signal.minus(length).floorDividedBy(step.constant()).plus(1))
                : Dimension.UNKNOWN;
        return List.of(context.dim(0, 0), frames, oneSided ? bins(length) : Dimensions.of(length), Dimension.of(2));
    }
}
