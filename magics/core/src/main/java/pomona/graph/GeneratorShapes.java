package pomona.graph;

import java.util.List;
import java.util.Map;

/** Shape rules of operators that make values from little: ranges, random numbers, unit matrices. */
final class GeneratorShapes {

    private GeneratorShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("Range", ShapeRule.one(c -> new ValueType(c.type(0), List.of(range(c)))));
        rules.put("EyeLike", ShapeRule.one(c -> new ValueType(typeOr(c, c.type(0)), c.shape(0))));
        for (String op : List.of("RandomNormalLike", "RandomUniformLike", "Bernoulli")) {
            rules.put(op, ShapeRule.one(c -> new ValueType(typeOr(c, c.type(0)), c.shape(0))));
        }
        for (String op : List.of("RandomNormal", "RandomUniform")) {
            rules.put(
                    op,
                    ShapeRule.one(c -> new ValueType(
                            typeOr(c, ElementType.FLOAT),
                            ShapeInference.dimensions(c.node().integers("shape")))));
        }
        rules.put(
                "Multinomial",
                ShapeRule.one(c -> new ValueType(
                        typeOr(c, ElementType.INT32),
                        List.of(c.dim(0, 0), Dimension.of(c.node().integer("sample_size", 1))))));
    }

    private static ElementType typeOr(ShapeContext context, ElementType otherwise) {
        ElementType type = context.typeOf("dtype");
        return type == null ? otherwise : type;
    }

    private static Dimension range(ShapeContext context) {
        Tensor start = context.constant(0);
        Tensor limit = context.constant(1);
        Tensor step = context.constant(2);
        if (start != null && limit != null && step != null) {
            double count = Math.ceil(
                    ((double) limit.toFloatArray()[0] - start.toFloatArray()[0]) / (double) step.toFloatArray()[0]);
            return Dimension.of((long) Math.max(0, count));
        }
        SizeExpression from = context.size(0);
        SizeExpression to = context.size(1);
        SizeExpression by = context.size(2);
        boolean known = from != null && to != null && by != null && by.isConstant() && by.constant() > 0;
        return known ? Dimensions.of(to.minus(from).ceilDividedBy(by.constant())) : Dimension.UNKNOWN;
    }
}
