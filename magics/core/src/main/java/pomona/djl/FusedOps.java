package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.Map;

/** What {@link Fusion} makes of groups of operators. */
final class FusedOps {

    private FusedOps() {}

    static Map<String, Operator> operators() {
        return Map.of(
                "Linear", Operator.torch("torch.linear({0}, {1}.t(), {2})"), "Attention", of(FusedOps::attention));
    }

    /** Keys come turned already, as the product takes them. */
    private static NDArray attention(Call call) {
        float scale = call.node().real("scale", 1);
        long[] queries = call.shape(0);
        long[] keys = call.shape(1);
        long[] values = call.shape(2);
        boolean usual = queries.length == 4
                && keys.length == 4
                && values.length == 4
                && Arrays.equals(queries, 0, 2, keys, 0, 2)
                && Arrays.equals(queries, 0, 2, values, 0, 2)
                && (!call.has(3) || call.in(3).getDataType() == call.in(0).getDataType());
        if (usual) {
            return call.torch(
                    "torch.scaled_dot_product_attention({0}, torch.transpose({1}, -2, -1), {2}, {3}, 0., False, scale={})",
                    scale);
        }
        String scores = "torch.matmul({0}, {1}) * {}";
        return call.torch(
                "torch.matmul(torch.softmax(" + scores + (call.has(3) ? " + {3}" : "") + ", -1), {2})", scale);
    }
}
