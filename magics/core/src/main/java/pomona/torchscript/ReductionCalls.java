package pomona.torchscript;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.ElementType;

/** Sums, means, extremes, norms and running sums along dimensions. */
final class ReductionCalls {

    private ReductionCalls() {}

    static void addTo(Map<String, Calls.Rule> rules) {
        rules.put("mean", site -> reduce(site, "ReduceMean"));
        rules.put("sum", site -> reduce(site, "ReduceSum"));
        rules.put("prod", ReductionCalls::product);
        rules.put("amax", site -> reduce(site, "ReduceMax"));
        rules.put("amin", site -> reduce(site, "ReduceMin"));
        rules.put("logsumexp", site -> reduce(site, "ReduceLogSumExp"));
        rules.put("max", site -> extreme(site, "Max"));
        rules.put("min", site -> extreme(site, "Min"));
        rules.put("argmax", site -> place(site, "ArgMax"));
        rules.put("argmin", site -> place(site, "ArgMin"));
        rules.put("linalg_vector_norm", ReductionCalls::norm);
        rules.put("norm", ReductionCalls::norm);
        rules.put("var", site -> variance(site));
        rules.put("std", site -> site.same("Sqrt", variance(site)));
        rules.put("cumsum", ReductionCalls::runningSum);
    }

    /** Sums of truths and of small whole numbers are 64-bit numbers. */
    private static Symbol whole(Symbol x, Site site) {
        return x.isWhole() ? site.cast(x, ElementType.INT64) : x;
    }

    private static Symbol typed(Site site, Symbol x) {
        return site.named().get("dtype") instanceof Long code && Draft.elementType(code) != null
                ? site.cast(x, Draft.elementType(code))
                : x;
    }

    private static long[] axes(Site site, int index, int rank) {
        return Arrays.stream(site.longs(index)).map(a -> a < 0 ? a + rank : a).toArray();
    }

    private static Symbol reduce(Site site, String op) {
        Symbol given = typed(site, site.tensor(0));
        boolean sum = op.equals("ReduceSum");
        Symbol x = sum ? whole(given, site) : op.equals("ReduceMean") ? site.toFloat(given) : given;
        boolean all = !(site.arg(1) instanceof List<?> axes) || axes.isEmpty();
        return reduce(site, op, x, all ? null : axes(site, 1, x.rank()), !all && site.flag(2, "keepdim"));
    }

    /** Along all dimensions where none is given. */
    private static Symbol reduce(Site site, String op, Symbol x, long[] axes, boolean keeps) {
        int rank = axes == null ? 0 : keeps ? x.rank() : x.rank() - axes.length;
        Attribute keep = Attribute.of(keeps ? 1 : 0);
        if (axes != null && op.equals("ReduceSum")) {
            return site.node(op, List.of(x, site.longsConstant(axes)), Map.of("keepdims", keep), x.type(), rank);
        }
        Map<String, Attribute> attributes =
                axes == null ? Map.of("keepdims", keep) : Map.of("keepdims", keep, "axes", Attribute.ofInts(axes));
        return site.node(op, List.of(x), attributes, x.type(), rank);
    }

    private static Symbol product(Site site) {
        Symbol x = whole(typed(site, site.tensor(0)), site);
        boolean all = !(site.arg(1) instanceof Long);
        return reduce(site, "ReduceProd", x, all ? null : axes(site, 1, x.rank()), !all && site.flag(2, "keepdim"));
    }

    /** Of two tensors the larger of each two elements; along a dimension the largest and its place; or the largest. */
    private static Object extreme(Site site, String which) {
        if (site.arg(1) instanceof Symbol other) {
            return ElementwiseCalls.binary(site, which, site.arg(0), other);
        }
        Symbol x = site.tensor(0);
        if (!site.has(1)) {
            return reduce(site, "Reduce" + which, x, null, false);
        }
        boolean keeps = site.flag(2, "keepdim");
        Symbol value = reduce(site, "Reduce" + which, x, axes(site, 1, x.rank()), keeps);
        return List.of(value, place(site, "Arg" + which));
    }

    private static Symbol place(Site site, String op) {
        Symbol x = site.tensor(0);
        if (!site.has(1)) {
            throw site.refusal("it calls " + site.function() + " without a dimension, for which there is no operator.");
        }
        boolean keeps = site.flag(2, "keepdim");
        Map<String, Attribute> attributes =
                Map.of("axis", Attribute.of(site.axis(1, x.rank())), "keepdims", Attribute.of(keeps ? 1 : 0));
        return site.node(op, List.of(x), attributes, ElementType.INT64, keeps ? x.rank() : x.rank() - 1);
    }

    private static Symbol norm(Site site) {
        Symbol x = site.tensor(0);
        double order = site.real(1, 2);
        if (order != 1 && order != 2) {
            throw site.refusal("it calls " + site.function() + " of the order " + order + "; 1 and 2 have operators.");
        }
        boolean all = !(site.arg(2) instanceof List<?> axes) || axes.isEmpty();
        return reduce(
                site,
                order == 1 ? "ReduceL1" : "ReduceL2",
                x,
                all ? null : axes(site, 2, x.rank()),
                !all && site.flag(3, "keepdim"));
    }

    /** The mean of squared distances from the mean, times n / (n - 1) or with another correction. */
    private static Symbol variance(Site site) {
        Symbol x = site.tensor(0);
        boolean all = !(site.arg(1) instanceof List<?> given) || given.isEmpty();
        long[] axes = new long[x.rank()];
        Arrays.setAll(axes, i -> i);
        if (!all) {
            axes = axes(site, 1, x.rank());
        }
        Object correction = site.named().getOrDefault("correction", site.arg(all ? 1 : 2));
        double less = correction instanceof Number n ? n.doubleValue() : Boolean.FALSE.equals(correction) ? 0 : 1;
        Symbol distance = site.same("Sub", x, reduce(site, "ReduceMean", x, axes, true));
        Symbol squares = site.same("Mul", distance, distance);
        boolean keeps = !all && site.flag(3, "keepdim");
        if (less == 0) {
            return reduce(site, "ReduceMean", squares, axes, keeps);
        }
        Symbol sizes = site.node(
                "Gather",
                List.of(ShapeCalls.shape(site, x), site.longsConstant(axes)),
                Map.of("axis", Attribute.of(0)),
                ElementType.INT64,
                1);
        Symbol count = site.cast(reduce(site, "ReduceProd", sizes, null, false), x.type());
        Symbol sum = reduce(site, "ReduceSum", squares, axes, keeps);
        return site.same("Div", sum, ElementwiseCalls.binary(site, "Sub", count, less));
    }

    private static Symbol runningSum(Site site) {
        Symbol x = whole(typed(site, site.tensor(0)), site);
        return site.same("CumSum", x, site.asTensor(site.axis(1, x.rank()), ElementType.INT64));
    }
}
