package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Map;

/** Normalizations. */
final class NormalizationOps {

    private NormalizationOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("BatchNormalization", of(NormalizationOps::batch));
        operators.put("LayerNormalization", of(NormalizationOps::layer));
    }

    /** While training, the running mean and variance are updated in place. */
    private static NDArray batch(Call call) {
        NDArray x = call.in(0);
        float momentum = call.node().real("momentum", 0.9f);
        float epsilon = call.node().real("epsilon", 1e-5f);
        // Axis -1 is the engine's word for the channels' own place, which spares it two transpositions.
        return x.getNDArrayInternal()
                .batchNorm(x, call.in(3), call.in(4), call.in(1), call.in(2), -1, momentum, epsilon, call.training())
                .head();
    }

    private static NDArray layer(Call call) {
        NDArray x = call.in(0);
        int axis = call.axis("axis", -1, call.rank(0));
        Shape normalized = x.getShape().slice(axis);
        NDArray scale = call.in(1).broadcast(normalized);
        NDArray shift =
                call.has(2) ? call.in(2).broadcast(normalized) : call.manager().zeros(normalized, x.getDataType());
        float epsilon = call.node().real("epsilon", 1e-5f);
        return x.getNDArrayInternal()
                .layerNorm(x, normalized, scale, shift, epsilon)
                .head();
    }
}
