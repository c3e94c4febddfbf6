package pomona.djl;

import static pomona.djl.Operator.of;
import static pomona.djl.Operator.unary;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.function.BinaryOperator;

/** Arithmetic on elements, comparisons, and products of matrices. */
final class ArithmeticOps {

    private ArithmeticOps() {}

    static void addTo(Map<String, Operator> operators) {
        binary(operators, "Add", NDArray::add);
        binary(operators, "Sub", NDArray::sub);
        binary(operators, "Mul", NDArray::mul);
        binary(operators, "Div", ArithmeticOps::divide);
        binary(operators, "Pow", ArithmeticOps::power);
        binary(operators, "MatMul", NDArray::matMul);
        operators.put("Gemm", of(ArithmeticOps::gemm));
        variadic(operators, "Sum", NDArray::add);
        variadic(operators, "Max", NDArrays::maximum);
        variadic(operators, "Min", NDArrays::minimum);
        operators.put(
                "Mean",
                of(c -> Scalars.times(c.all().stream().reduce(NDArray::add).orElseThrow(), 1.0 / c.count())));
        operators.put("Sqrt", unary(NDArray::sqrt));
        operators.put("Exp", unary(NDArray::exp));
        operators.put("Log", unary(NDArray::log));
        operators.put("Neg", unary(NDArray::neg));
        operators.put("Abs", unary(NDArray::abs));
        operators.put("Erf", unary(NDArray::erf));
        operators.put("Sin", unary(NDArray::sin));
        operators.put("Cos", unary(NDArray::cos));
        operators.put("Floor", unary(NDArray::floor));
        operators.put("Ceil", unary(NDArray::ceil));
        operators.put("Round", unary(NDArray::round));
        operators.put("Sign", unary(NDArray::sign));
        operators.put("Reciprocal", unary(x -> x.onesLike().div(x)));
        addLogic(operators);
    }

    private static void addLogic(Map<String, Operator> operators) {
        binary(operators, "Equal", NDArray::eq);
        binary(operators, "Greater", NDArray::gt);
        binary(operators, "GreaterOrEqual", NDArray::gte);
        binary(operators, "Less", NDArray::lt);
        binary(operators, "LessOrEqual", NDArray::lte);
        binary(operators, "And", NDArray::logicalAnd);
        binary(operators, "Or", NDArray::logicalOr);
        binary(operators, "Xor", NDArray::logicalXor);
        operators.put("Not", unary(NDArray::logicalNot));
        operators.put("Where", of(ArithmeticOps::where));
    }

    private static void binary(Map<String, Operator> operators, String name, BinaryOperator<NDArray> function) {
        operators.put(name, of(c -> function.apply(c.in(0), c.in(1))));
    }

    private static void variadic(Map<String, Operator> operators, String name, BinaryOperator<NDArray> function) {
        operators.put(name, of(c -> c.all().stream().reduce(function).orElseThrow()));
    }

    /** The engine makes floats out of a division of integers; ONNX rounds towards zero. */
    private static NDArray divide(NDArray a, NDArray b) {
        if (a.getDataType().isFloating()) {
            return a.div(b);
        }
        return a.toType(DataType.FLOAT64, true)
                .div(b.toType(DataType.FLOAT64, true))
                .trunc()
                .toType(a.getDataType(), true);
    }

    private static NDArray power(NDArray base, NDArray exponent) {
        return base.pow(exponent.toType(base.getDataType(), false));
    }

    private static NDArray gemm(Call call) {
        float alpha = call.node().real("alpha", 1);
        float beta = call.node().real("beta", 1);
        boolean transposed = call.node().integer("transB", 0) != 0;
        NDArray a =
                call.node().integer("transA", 0) == 0 ? call.in(0) : call.in(0).transpose(1, 0);
        NDArray c = call.optional(2);
        boolean plain = transposed && alpha == 1 && (c == null || beta == 1 && call.rank(2) == 1);
        if (plain && (c == null || c.size() == call.in(1).size(0))) {
            return a.getNDArrayInternal().linear(a, call.in(1), c).head();
        }
        NDArray product = a.matMul(transposed ? call.in(1).transpose(1, 0) : call.in(1));
        product = alpha == 1 ? product : Scalars.times(product, alpha);
        if (c == null || beta == 0) {
            return product;
        }
        return product.add(beta == 1 ? c : Scalars.times(c, beta));
    }

    private static NDArray where(Call call) {
        Shape shape = Shapes.broadcast(
                call.in(0).getShape(), call.in(1).getShape(), call.in(2).getShape());
        NDArray condition = call.in(0).broadcast(shape);
        return NDArrays.where(condition, call.in(1).broadcast(shape), call.in(2).broadcast(shape));
    }
}
