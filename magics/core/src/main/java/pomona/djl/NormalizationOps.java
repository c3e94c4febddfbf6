package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;

/** Normalizations. */
final class NormalizationOps {

    private NormalizationOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("BatchNormalization", NormalizationOps::batch);
        operators.put("LayerNormalization", NormalizationOps::layer);
        operators.put("InstanceNormalization", of(NormalizationOps::instance));
        operators.put("GroupNormalization", of(NormalizationOps::group));
        operators.put("RMSNormalization", of(NormalizationOps::rootMeanSquare));
        operators.put("LpNormalization", of(NormalizationOps::length));
        operators.put("MeanVarianceNormalization", of(NormalizationOps::meanVariance));
        operators.put("LRN", of(NormalizationOps::localResponse));
    }

    /** While training, the running mean and variance are updated in place. */
    private static NDList batch(Call call) {
        NDArray x = call.in(0);
        float momentum = call.node().real("momentum", 0.9f);
        float epsilon = call.node().real("epsilon", 1e-5f);
        if (call.node().integer("training_mode", 0) != 0) {
            return batchStatistics(call, momentum, epsilon);
        }
        // Axis -1 is the engine's word for the channels' own place, which spares it two transpositions.
        return new NDList(x.getNDArrayInternal()
                .batchNorm(x, call.in(3), call.in(4), call.in(1), call.in(2), -1, momentum, epsilon, call.training())
                .head());
    }

    /** A graph that asks for the batch's statistics itself gets the moved ones as outputs. */
    private static NDList batchStatistics(Call call, float momentum, float epsilon) {
        long[] axes = LongStream.range(0, call.rank(0)).filter(i -> i != 1).toArray();
        long[] channels = Shapes.ones(call.rank(0));
        channels[1] = -1;
        return call.torchAll(
                """
                x = {0}
                mean = torch.mean(x, {}, True)
                variance = torch.mean((x - mean) * (x - mean), {}, True)
                scale = torch.reshape({1}, {})
                shift = torch.reshape({2}, {})
                y = (x - mean) * torch.rsqrt(variance + {}) * scale + shift
                return [y, {3} * {} + mean.reshape([-1]) * {}, {4} * {} + variance.reshape([-1]) * {}]
                """, axes, axes, channels, channels, epsilon, momentum, 1 - momentum, momentum, 1 - momentum);
    }

    private static NDList layer(Call call) {
        NDArray x = call.in(0);
        int axis = call.axis("axis", -1, call.rank(0));
        long[] normalized = Arrays.copyOfRange(call.shape(0), axis, call.rank(0));
        float epsilon = call.node().real("epsilon", 1e-5f);
        NDArray[] inputs = {x, whole(call, 1, normalized), whole(call, 2, normalized)};
        NDArray y = TorchFunction.one("torch.layer_norm({0}, {}, {1}, {2}, {})", inputs, normalized, epsilon);
        if (!call.wants(1) && !call.wants(2)) {
            return new NDList(y);
        }
        long[] axes = LongStream.range(axis, call.rank(0)).toArray();
        NDList statistics = TorchFunction.list("""
                mean = torch.mean({0}, {}, True)
                return [mean, torch.rsqrt(torch.mean(({0} - mean) * ({0} - mean), {}, True) + {})]
                """, inputs, axes, axes, epsilon);
        statistics.add(0, y);
        return statistics;
    }

    /** A scale or shift for each element; null when it is left out. */
    private static NDArray whole(Call call, int index, long[] normalized) {
        NDArray array = call.optional(index);
        if (array == null || Arrays.equals(array.getShape().getShape(), normalized)) {
            return array;
        }
        return array.broadcast(new ai.djl.ndarray.types.Shape(normalized));
    }

    private static NDArray instance(Call call) {
        return call.torch(
                "torch.instance_norm({0}, {1}, {2}, None, None, True, 0., {}, False)",
                call.node().real("epsilon", 1e-5f));
    }

    /** Scale and shift are for groups before operator set 21, for channels since. */
    private static NDArray group(Call call) {
        long groups = call.node().integer("num_groups", 1);
        float epsilon = call.node().real("epsilon", 1e-5f);
        long each = call.opset() < 21 ? call.shape(0)[1] / groups : 1;
        return call.torch(
                "torch.group_norm({0}, {}, torch.repeat_interleave({1}, {}), torch.repeat_interleave({2}, {}), {})",
                groups, each, each, epsilon);
    }

    private static NDArray rootMeanSquare(Call call) {
        long[] axes = LongStream.range(call.axis("axis", -1, call.rank(0)), call.rank(0))
                .toArray();
        // Narrow floats are averaged in wider ones.
        return call.torch("""
                x = {0}
                wide = x.to(torch.promote_types(x.dtype, 6))
                return (wide * torch.rsqrt(torch.mean(wide * wide, {}, True) + {})).to(x.dtype) * {1}
                """, axes, call.node().real("epsilon", 1e-5f));
    }

    /** A vector of length 0 stays what it is. */
    private static NDArray length(Call call) {
        int axis = call.axis("axis", -1, call.rank(0));
        long p = call.node().integer("p", 2);
        String norm = p == 1 ? "torch.sum(torch.abs({0}), [{}], True)" : "torch.sqrt(torch.sum({0} * {0}, [{}], True))";
        return call.torch("n = " + norm + "\nreturn {0} / torch.where(n == 0, torch.ones_like(n), n)", axis);
    }

    private static NDArray meanVariance(Call call) {
        long[] axes = call.node().integers("axes", 0, 2, 3);
        return call.torch("""
                centred = {0} - torch.mean({0}, {}, True)
                return centred / (torch.sqrt(torch.mean(centred * centred, {}, True)) + 1.0e-9)
                """, axes, axes);
    }

    private static NDArray localResponse(Call call) {
        long size = call.node().integer("size", 1);
        int rank = call.rank(0);
        long[] pads = new long[2 * (rank - 1)];
        pads[2 * (rank - 2)] = (size - 1) / 2;
        pads[2 * (rank - 2) + 1] = size - 1 - (size - 1) / 2;
        return call.torch(
                """
                squares = torch.constant_pad_nd({0} * {0}, {}, 0)
                sums = torch.narrow(squares, 1, 0, {0}.size(1))
                for i in range(1, {}):
                  sums = sums + torch.narrow(squares, 1, i, {0}.size(1))
                return {0} / torch.pow(sums * {} + {}, {})
                """,
                pads,
                size,
                call.node().real("alpha", 1e-4f) / size,
                call.node().real("bias", 1),
                call.node().real("beta", 0.75f));
    }
}
