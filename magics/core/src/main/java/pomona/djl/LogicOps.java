package pomona.djl;

import static pomona.djl.Operator.of;
import static pomona.djl.Operator.torch;
import static pomona.djl.Operator.unary;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.function.BinaryOperator;

/** Comparisons, and what works on flags and bits. */
final class LogicOps {

    private LogicOps() {}

    static void addTo(Map<String, Operator> operators) {
        binary(operators, "Equal", NDArray::eq);
        binary(operators, "Greater", NDArray::gt);
        binary(operators, "GreaterOrEqual", NDArray::gte);
        binary(operators, "Less", NDArray::lt);
        binary(operators, "LessOrEqual", NDArray::lte);
        binary(operators, "And", NDArray::logicalAnd);
        binary(operators, "Or", NDArray::logicalOr);
        binary(operators, "Xor", NDArray::logicalXor);
        operators.put("Not", unary(NDArray::logicalNot));
        operators.put("Where", of(LogicOps::where));
        operators.put("BitwiseAnd", torch("torch.bitwise_and({0}, {1})"));
        operators.put("BitwiseOr", torch("torch.bitwise_or({0}, {1})"));
        operators.put("BitwiseXor", torch("torch.bitwise_xor({0}, {1})"));
        operators.put("BitwiseNot", torch("torch.bitwise_not({0})"));
        operators.put("BitShift", of(LogicOps::shift));
        operators.put("IsNaN", torch("torch.isnan({0})"));
        operators.put("IsInf", of(LogicOps::isInfinite));
    }

    private static void binary(Map<String, Operator> operators, String name, BinaryOperator<NDArray> function) {
        operators.put(name, of(c -> function.apply(c.in(0), c.in(1))));
    }

    private static NDArray where(Call call) {
        Shape shape = Shapes.broadcast(
                call.in(0).getShape(), call.in(1).getShape(), call.in(2).getShape());
        NDArray condition = call.in(0).broadcast(shape);
        return NDArrays.where(condition, call.in(1).broadcast(shape), call.in(2).broadcast(shape));
    }

    private static NDArray shift(Call call) {
        boolean left = call.node().text("direction", "").equals("LEFT");
        return call.torch(left ? "torch.bitwise_left_shift({0}, {1})" : "torch.bitwise_right_shift({0}, {1})");
    }

    private static NDArray isInfinite(Call call) {
        boolean positive = call.node().integer("detect_positive", 1) != 0;
        boolean negative = call.node().integer("detect_negative", 1) != 0;
        if (positive && negative) {
            return call.torch("torch.isinf({0})");
        } else if (positive) {
            return call.torch("torch.isposinf({0})");
        }
        return call.torch(negative ? "torch.isneginf({0})" : "torch.zeros_like({0}, dtype=11)");
    }
}
