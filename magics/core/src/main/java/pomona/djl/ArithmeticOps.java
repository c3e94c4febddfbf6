package pomona.djl;

import static pomona.djl.Operator.of;
import static pomona.djl.Operator.unary;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.types.DataType;
import java.util.Locale;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Arithmetic on elements, and products of matrices. */
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
        addUnary(operators);
        operators.put("Mod", of(ArithmeticOps::modulo));
        operators.put("Det", Operator.torch("torch.det({0})"));
        operators.put("Einsum", of(ArithmeticOps::einsum));
    }

    private static void addUnary(Map<String, Operator> operators) {
        operators.put("Sqrt", unary(NDArray::sqrt));
        operators.put("Exp", unary(NDArray::exp));
        operators.put("Log", unary(NDArray::log));
        operators.put("Neg", unary(NDArray::neg));
        operators.put("Abs", unary(NDArray::abs));
        operators.put("Erf", unary(NDArray::erf));
        operators.put("Floor", unary(NDArray::floor));
        operators.put("Ceil", unary(NDArray::ceil));
        operators.put("Round", unary(NDArray::round));
        operators.put("Sign", unary(NDArray::sign));
        operators.put("Reciprocal", Operator.torch("torch.reciprocal({0})"));
        for (String name : "Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh".split(" ")) {
            operators.put(name, Operator.torch("torch." + name.toLowerCase(Locale.ROOT) + "({0})"));
        }
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

    /** The result is of the base's type; a fractional exponent of an integer is used as it is. */
    private static NDArray power(NDArray base, NDArray exponent) {
        if (!base.getDataType().isFloating() && exponent.getDataType().isFloating()) {
            return base.toType(exponent.getDataType(), false).pow(exponent).toType(base.getDataType(), false);
        }
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

    /** The remainder has the sign of the divisor, or of the dividend as in C. */
    private static NDArray modulo(Call call) {
        boolean asInC = call.node().integer("fmod", 0) != 0;
        return call.torch(asInC ? "torch.fmod({0}, {1})" : "torch.remainder({0}, {1})");
    }

    private static NDArray einsum(Call call) {
        String operands =
                IntStream.range(0, call.count()).mapToObj(i -> "{" + i + "}").collect(Collectors.joining(", "));
        return call.torch("torch.einsum({}, [" + operands + "])", call.node().text("equation", ""));
    }
}
