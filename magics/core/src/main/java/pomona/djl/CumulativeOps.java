package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.Map;

/** Operators that go along an axis: running sums and products, and the largest elements. */
final class CumulativeOps {

    private CumulativeOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("CumSum", of(c -> cumulate(c, "torch.cumsum", 0)));
        operators.put("CumProd", of(c -> cumulate(c, "torch.cumprod", 1)));
        operators.put("TopK", CumulativeOps::topK);
    }

    /** An exclusive sum leaves out the element itself: the running sum is moved on by one. */
    private static NDArray cumulate(Call call, String function, int first) {
        long axis = call.longs(1)[0];
        axis = axis < 0 ? axis + call.rank(0) : axis;
        boolean exclusive = call.node().integer("exclusive", 0) != 0;
        boolean reverse = call.node().integer("reverse", 0) != 0;
        String turned = reverse ? "torch.flip({0}, [" + axis + "])" : "{0}";
        String whole = function + "(x, " + axis + ").to({0}.dtype)";
        String moved = "torch.cat([torch.full_like(torch.narrow(x, {a}, 0, 1), {f}),"
                        .replace("{a}", Long.toString(axis))
                        .replace("{f}", Integer.toString(first))
                + " torch.narrow(y, " + axis + ", 0, x.size(" + axis + ") - 1)], " + axis + ")";
        String back = "torch.flip(y, [" + axis + "])";
        return call.torch("x = " + turned + "\ny = " + whole + (exclusive ? "\ny = " + moved : "")
                + (reverse ? "\ny = " + back : "") + "\nreturn y");
    }

    /** Equal elements come in the order of their places, so the sort is a stable one. */
    private static NDList topK(Call call) {
        int rank = call.rank(0);
        int axis = call.axis("axis", -1, rank);
        long k = call.has(1) ? call.longs(1)[0] : call.node().integer("k", 1);
        NDArray count = call.manager().create(k).toType(DataType.INT64, false);
        boolean largest = call.node().integer("largest", 1) != 0;
        return TorchFunction.list("""
                values, places = torch.sort({0}, stable=True, dim={}, descending={})
                k = int({1})
                return [torch.narrow(values, {}, 0, k), torch.narrow(places, {}, 0, k)]
                """, new NDArray[] {call.in(0), count}, axis, largest, axis, axis);
    }
}
