package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of matrix products. */
final class MatrixShapes {

    private MatrixShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("MatMul", ShapeRule.one(c -> new ValueType(c.type(0), product(c.shape(0), c.shape(1)))));
        rules.put(
                "MatMulInteger", ShapeRule.one(c -> new ValueType(ElementType.INT32, product(c.shape(0), c.shape(1)))));
        rules.put("QLinearMatMul", ShapeRule.one(c -> new ValueType(c.type(7), product(c.shape(0), c.shape(3)))));
        rules.put("Det", ShapeRule.one(c -> new ValueType(c.type(0), withoutMatrix(c.shape(0)))));
        rules.put("Einsum", ShapeRule.one(c -> new ValueType(c.type(0), EinsumShape.of(c))));
        rules.put("com.microsoft:MatMulNBits", ShapeRule.one(MatrixShapes::blocked));
        rules.put(
                "com.microsoft:DynamicQuantizeMatMul",
                ShapeRule.one(c -> new ValueType(c.type(0), product(c.shape(0), c.shape(1)))));
        rules.put(
                "com.microsoft:MatMulIntegerToFloat",
                ShapeRule.one(c -> new ValueType(c.type(2), product(c.shape(0), c.shape(1)))));
        rules.put("Gemm", ShapeRule.one(MatrixShapes::gemm));
    }

    private static List<Dimension> withoutMatrix(List<Dimension> in) {
        return in == null ? null : in.subList(0, in.size() - 2);
    }

    /** The weight is packed; its sizes are attributes. */
    private static ValueType blocked(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (in == null) {
            return new ValueType(context.type(0), null);
        }
        List<Dimension> shape = new ArrayList<>(in);
        shape.set(in.size() - 1, Dimension.of(context.node().integer("N", 0)));
        return new ValueType(context.type(0), shape);
    }

    private static ValueType gemm(ShapeContext context) {
        int rowAxis = context.node().integer("transA", 0) == 0 ? 0 : 1;
        int columnAxis = context.node().integer("transB", 0) == 0 ? 1 : 0;
        return new ValueType(
                context.type(0),
                List.of(dimension(context.shape(0), rowAxis), dimension(context.shape(1), columnAxis)));
    }

    private static Dimension dimension(List<Dimension> shape, int axis) {
        return shape == null || axis >= shape.size() ? Dimension.UNKNOWN : shape.get(axis);
    }

    /** The shape of numpy's matmul: vectors lose their dimension, leading dimensions broadcast. */
    static List<Dimension> product(List<Dimension> left, List<Dimension> right) {
        if (left == null || right == null || left.isEmpty() || right.isEmpty()) {
            return null;
        }
        List<Dimension> shape = new ArrayList<>(Dimensions.broadcast(batch(left), batch(right)));
        if (left.size() > 1) {
            shape.add(left.get(left.size() - 2));
        }
        if (right.size() > 1) {
            shape.add(right.get(right.size() - 1));
        }
        return shape;
    }

    private static List<Dimension> batch(List<Dimension> shape) {
        return shape.size() <= 2 ? List.of() : shape.subList(0, shape.size() - 2);
    }
}
