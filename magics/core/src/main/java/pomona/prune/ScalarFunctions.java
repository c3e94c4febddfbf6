package pomona.prune;

import java.util.function.DoubleUnaryOperator;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Activations as functions of one number. */
final class ScalarFunctions {

    private ScalarFunctions() {}

    /** The function of an operator, or null when it is none of those known here. */
    static DoubleUnaryOperator of(Node node, Network network) {
        double alpha = node.real("alpha", defaultAlpha(node.op()));
        return switch (node.op()) {
            case "Relu" -> x -> Double.isNaN(x) ? x : Math.max(0, x);
            case "LeakyRelu" -> x -> x >= 0 ? x : alpha * x;
            case "Elu" -> x -> x >= 0 ? x : alpha * Math.expm1(x);
            case "ThresholdedRelu" -> x -> x > alpha || Double.isNaN(x) ? x : 0;
            case "Sigmoid" -> ScalarFunctions::sigmoid;
            case "HardSigmoid" -> x -> clamp(alpha * x + node.real("beta", 0.5f), 0, 1);
            case "HardSwish" -> x -> x * clamp(x / 6 + 0.5, 0, 1);
            case "Tanh" -> Math::tanh;
            case "Softplus" -> x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
            case "Softsign" -> x -> x / (1 + Math.abs(x));
            case "Exp" -> Math::exp;
            case "Sqrt" -> Math::sqrt;
            case "Abs" -> Math::abs;
            case "Neg" -> x -> -x;
            case "Clip" -> clip(node, network);
            default -> null;
        };
    }

    private static float defaultAlpha(String op) {
        return switch (op) {
            case "LeakyRelu" -> 0.01f;
            case "HardSigmoid" -> 0.2f;
            default -> 1;
        };
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double clamp(double x, double low, double high) {
        return Double.isNaN(x) ? x : Math.max(low, Math.min(high, x));
    }

    private static DoubleUnaryOperator clip(Node node, Network network) {
        double[] limits = {node.real("min", Float.NEGATIVE_INFINITY), node.real("max", Float.POSITIVE_INFINITY)};
        for (int i = 0; i < 2; i++) {
            Tensor limit = network.weights().get(node.input(i + 1));
            if (node.hasInput(i + 1) && (limit == null || limit.size() != 1)) {
                return null;
            }
            limits[i] = limit == null ? limits[i] : limit.toFloatArray()[0];
        }
        return x -> clamp(x, limits[0], limits[1]);
    }
}
