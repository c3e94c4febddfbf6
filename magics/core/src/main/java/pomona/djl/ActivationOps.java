package pomona.djl;

import static pomona.djl.Operator.of;
import static pomona.djl.Operator.unary;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
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
        operators.put("PRelu", of(ActivationOps::prelu));
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
        operators.put("Hardmax", of(c -> alongAxis(c, ActivationOps::hardmax)));
        operators.put(
                "Swish",
                of(c -> c.torch("{0} * torch.sigmoid({0} * {})", c.node().real("alpha", 1))));
        operators.put(
                "SwiGLU",
                of(c -> c.torch("{0} * torch.sigmoid({0} * {}) * {1}", c.node().real("alpha", 1))));
        operators.put("Shrink", of(ActivationOps::shrink));
        operators.put("Clip", of(ActivationOps::clip));
        operators.put("Dropout", ActivationOps::dropout);
    }

    private static NDArray leakyRelu(Call call) {
        return call.in(0).getNDArrayInternal().leakyRelu(call.node().real("alpha", 0.01f));
    }

    /** Before operator set 7 a vector of slopes was one for each channel. */
    private static NDArray prelu(Call call) {
        NDArray x = call.in(0);
        NDArray slope = call.in(1);
        if (call.opset() < 7 && call.rank(1) == 1) {
            long[] channels = Shapes.ones(call.rank(0) - 1);
            channels[0] = slope.size();
            slope = slope.reshape(channels);
        }
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

    private static NDArray hardmax(NDArray x, int axis) {
        return TorchFunction.one(
                "torch.zeros_like({0}).scatter({}, torch.argmax({0}, {}, True), 1)", new NDArray[] {x}, axis, axis);
    }

    private static NDArray shrink(Call call) {
        float lambda = call.node().real("lambd", 0.5f);
        float bias = call.node().real("bias", 0);
        return call.torch("""
                x = {0}
                inner = torch.where(x > {}, x - {}, torch.zeros_like(x))
                return torch.where(x < {}, x + {}, inner).to(x.dtype)
                """, lambda, bias, -lambda, bias);
    }

    /** Limits are arrays of the same type since operator set 11; the lower one gives way to the upper. */
    private static NDArray clip(Call call) {
        if (call.has(1) || call.has(2)) {
            String text = call.has(1) ? "torch.maximum({0}, {1})" : "{0}";
            return call.torch(call.has(2) ? "torch.minimum(" + text + ", {2})" : text);
        }
        float least = call.node().real("min", Float.NEGATIVE_INFINITY);
        float most = call.node().real("max", Float.POSITIVE_INFINITY);
        boolean none = least == Float.NEGATIVE_INFINITY && most == Float.POSITIVE_INFINITY;
        return none ? call.in(0) : call.torch("torch.clamp({0}, {}, {})", least, most);
    }

    /** Drops while training, or always when the graph itself says that it is training. */
    private static NDList dropout(Call call) {
        float ratio = call.number(1, call.node().real("ratio", 0.5f));
        boolean drops = ratio > 0 && (call.training() || call.number(2, 0) != 0);
        NDArray x = call.in(0);
        if (!call.wants(1)) {
            return new NDList(
                    drops ? x.getNDArrayInternal().dropout(x, ratio, true).head() : x);
        }
        NDArray kept = drops
                ? call.torch("torch.bernoulli(torch.full_like({0}, {}))", 1 - ratio)
                : call.torch("torch.ones_like({0})");
        NDArray y = drops ? Scalars.times(x.mul(kept), 1 / (1 - ratio)) : x;
        return new NDList(y, kept.toType(DataType.BOOLEAN, false));
    }
}
