package pomona.djl;

import static pomona.djl.Operator.of;
import static pomona.djl.Operator.unary;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import java.util.function.BiFunction;
import pomona.graph.Node;

/** Activation functions. */
final class ActivationOps {

    private static final float SELU_ALPHA = 1.67326319217681884765625f;
    private static final float SELU_GAMMA = 1.05070102214813232421875f;
    private static final float SQRT_TWO_OVER_PI = (float) Math.sqrt(2 / Math.PI);

    private ActivationOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Relu", unary(x -> x.getNDArrayInternal().relu()));
        operators.put("LeakyRelu", of(ActivationOps::leakyRelu));
        operators.put("PRelu", of(c -> prelu(c.in(0), c.in(1))));
        operators.put("ThresholdedRelu", of(c -> {
            NDArray x = c.in(0);
            return x.mul(x.gt(c.node().real("alpha", 1)).toType(x.getDataType(), true));
        }));
        operators.put("Elu", of(c -> c.in(0).getNDArrayInternal().elu(c.node().real("alpha", 1))));
        operators.put("Celu", of(ActivationOps::celu));
        operators.put("Selu", of(ActivationOps::selu));
        operators.put("Sigmoid", unary(x -> x.getNDArrayInternal().sigmoid()));
        operators.put(
                "HardSigmoid",
                of(c -> hardSigmoid(
                        c.in(0), c.node().real("alpha", 0.2f), c.node().real("beta", 0.5f))));
        operators.put("HardSwish", unary(x -> x.mul(hardSigmoid(x, 1 / 6f, 0.5f))));
        operators.put("Tanh", unary(NDArray::tanh));
        operators.put("Softplus", unary(x -> x.getNDArrayInternal().softPlus()));
        operators.put("Softsign", unary(x -> x.getNDArrayInternal().softSign()));
        operators.put("Mish", unary(x -> x.mul(x.getNDArrayInternal().softPlus().tanh())));
        operators.put("Gelu", of(c -> gelu(c.in(0), c.node())));
        operators.put("Softmax", of(c -> alongAxis(c, NDArray::softmax)));
        operators.put("LogSoftmax", of(c -> alongAxis(c, NDArray::logSoftmax)));
        operators.put("Clip", of(ActivationOps::clip));
        operators.put("Dropout", of(ActivationOps::dropout));
    }

    private static NDArray leakyRelu(Call call) {
        return call.in(0).getNDArrayInternal().leakyRelu(call.node().real("alpha", 0.01f));
    }

    private static NDArray prelu(NDArray x, NDArray slope) {
        NDArray positive = x.getNDArrayInternal().relu();
        NDArray negative = x.neg().getNDArrayInternal().relu();
        return positive.sub(negative.mul(slope));
    }

    private static NDArray celu(Call call) {
        float alpha = call.node().real("alpha", 1);
        return Scalars.times(
                Scalars.times(call.in(0), 1 / alpha).getNDArrayInternal().elu(1), alpha);
    }

    private static NDArray selu(Call call) {
        float alpha = call.node().real("alpha", SELU_ALPHA);
        float gamma = call.node().real("gamma", SELU_GAMMA);
        NDArray x = call.in(0);
        if (alpha == SELU_ALPHA && gamma == SELU_GAMMA) {
            return x.getNDArrayInternal().selu();
        }
        return Scalars.times(x.getNDArrayInternal().elu(alpha), gamma);
    }

    private static NDArray hardSigmoid(NDArray x, float alpha, float beta) {
        return Scalars.times(x, alpha).add(beta).clip(0f, 1f);
    }

    private static NDArray gelu(NDArray x, Node node) {
        if (node.text("approximate", "none").equals("tanh")) {
            NDArray cubic = Scalars.times(x.mul(x).mul(x), 0.044715);
            NDArray inner = Scalars.times(x.add(cubic), SQRT_TWO_OVER_PI);
            return Scalars.times(x.mul(inner.tanh().add(1f)), 0.5);
        }
        return x.getNDArrayInternal().gelu();
    }

    /** Before operator set 13 all dimensions from the axis on were taken as one. */
    private static NDArray alongAxis(Call call, BiFunction<NDArray, Integer, NDArray> function) {
        NDArray x = call.in(0);
        Shape shape = x.getShape();
        int axis = call.axis("axis", call.opset() >= 13 ? -1 : 1, shape.dimension());
        if (call.opset() >= 13 || axis == shape.dimension() - 1) {
            return function.apply(x, axis);
        }
        NDArray flat = x.reshape(shape.slice(0, axis).size(), shape.slice(axis).size());
        return function.apply(flat, 1).reshape(shape);
    }

    private static NDArray clip(Call call) {
        float least = call.number(1, call.node().real("min", Float.NEGATIVE_INFINITY));
        float most = call.number(2, call.node().real("max", Float.POSITIVE_INFINITY));
        NDArray x = call.in(0);
        if (!x.getDataType().isFloating()) {
            return x.toType(ai.djl.ndarray.types.DataType.FLOAT64, true)
                    .clip(least, most)
                    .toType(x.getDataType(), true);
        }
        return x.clip(least, most);
    }

    private static NDArray dropout(Call call) {
        float ratio = call.number(1, call.node().real("ratio", 0.5f));
        NDArray x = call.in(0);
        return call.training() && ratio > 0
                ? x.getNDArrayInternal().dropout(x, ratio, true).head()
                : x;
    }
}
