package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.Map;

/** Losses that a graph computes itself. */
final class LossOps {

    private static final long NOTHING_IGNORED = -9_223_372_036_854_775_000L;

    private LossOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("NegativeLogLikelihoodLoss", call -> new NDList(loss(call, "{0}")));
        operators.put("SoftmaxCrossEntropyLoss", LossOps::crossEntropy);
    }

    private static NDArray loss(Call call, String logProbabilities) {
        long reduction =
                switch (call.node().text("reduction", "mean")) {
                    case "none" -> 0;
                    case "sum" -> 2;
                    default -> 1;
                };
        NDArray[] inputs = {call.in(0), call.in(1).toType(DataType.INT64, false), call.optional(2)};
        return TorchFunction.one(
                "torch.nll_loss_nd(" + logProbabilities + ", {1}, {2}, {}, {})",
                inputs,
                reduction,
                call.node().integer("ignore_index", NOTHING_IGNORED));
    }

    private static NDList crossEntropy(Call call) {
        NDArray loss = loss(call, "torch.log_softmax({0}, 1)");
        return call.wants(1) ? new NDList(loss, call.torch("torch.log_softmax({0}, 1)")) : new NDList(loss);
    }
}
