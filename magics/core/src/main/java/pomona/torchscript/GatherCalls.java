package pomona.torchscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.ElementType;

/** Elements at places that tensors tell. */
final class GatherCalls {

    private GatherCalls() {}

    static void addTo(Map<String, Calls.Rule> rules) {
        rules.put("gather", GatherCalls::gather);
        rules.put(
                "index_select",
                site -> site.same(
                        "Gather",
                        Map.of("axis", Attribute.of(site.axis(1, site.tensor(0).rank()))),
                        site.tensor(0),
                        site.tensor(2)));
        rules.put("index", GatherCalls::index);
        rules.put("index_put", GatherCalls::indexPut);
        rules.put("roll", GatherCalls::roll);
        rules.put("flip", GatherCalls::flip);
    }

    private static Symbol gather(Site site) {
        Symbol x = site.tensor(0);
        Symbol places = site.tensor(2);
        return site.node(
                "GatherElements",
                List.of(x, places),
                Map.of("axis", Attribute.of(site.axis(1, x.rank()))),
                x.type(),
                places.rank());
    }

    /**
     * The dimensions that tensors of places stand for, put in front.
     *
     * @param order the dimensions in the order that has those in front
     * @param first where they stood, or 0 when they did not stand side by side
     * @param places for each element of the result its place along those dimensions
     */
    private record Selection(long[] order, int first, Symbol places) {

        static Selection of(Site site, Symbol x) {
            List<Symbol> tensors = new ArrayList<>();
            List<Integer> axes = new ArrayList<>();
            List<?> given = (List<?>) site.arg(1);
            for (int axis = 0; axis < given.size(); axis++) {
                if (given.get(axis) instanceof Symbol places) {
                    if (!places.isWhole() || places.type() == ElementType.BOOL) {
                        throw site.refusal(
                                "it calls " + site.function() + " with several tensors of which one is of type "
                                        + places.type() + "; whole numbers are understood.");
                    }
                    tensors.add(places);
                    axes.add(axis);
                }
            }
            List<Integer> order = new ArrayList<>(axes);
            for (int axis = 0; axis < x.rank(); axis++) {
                if (!axes.contains(axis)) {
                    order.add(axis);
                }
            }
            boolean adjacent = axes.get(axes.size() - 1) - axes.get(0) == axes.size() - 1;
            return new Selection(
                    order.stream().mapToLong(Integer::longValue).toArray(),
                    adjacent ? axes.get(0) : 0,
                    stacked(site, tensors));
        }

        private static Symbol stacked(Site site, List<Symbol> tensors) {
            Symbol sum = tensors.get(0);
            for (Symbol tensor : tensors.subList(1, tensors.size())) {
                sum = ElementwiseCalls.binary(site, "Add", sum, tensor);
            }
            int rank = sum.rank();
            Symbol shape = ShapeCalls.shape(site, sum);
            List<Symbol> parts = new ArrayList<>();
            for (Symbol tensor : tensors) {
                Symbol places = site.cast(tensor, ElementType.INT64);
                Symbol all = tensors.size() == 1 ? places : site.node("Expand", ElementType.INT64, rank, places, shape);
                parts.add(site.node("Unsqueeze", ElementType.INT64, rank + 1, all, site.longsConstant(rank)));
            }
            return parts.size() == 1
                    ? parts.get(0)
                    : site.node("Concat", parts, Map.of("axis", Attribute.of(rank)), ElementType.INT64, rank + 1);
        }

        Symbol moved(Site site, Symbol x) {
            return turned(site, x, order);
        }

        /** What GatherND gives of the moved tensor: the places' dimensions, then the others. */
        Symbol gathered(Site site, Symbol moved, int axes) {
            int rank = places.rank() - 1 + moved.rank() - axes;
            return site.node("GatherND", moved.type(), rank, moved, places);
        }
    }

    private static Symbol turned(Site site, Symbol x, long[] order) {
        boolean still = true;
        for (int i = 0; i < order.length; i++) {
            still &= order[i] == i;
        }
        return still ? x : site.same("Transpose", Map.of("perm", Attribute.ofInts(order)), x);
    }

    private static int axes(Site site) {
        int axes = (int) ((List<?>) site.arg(1))
                .stream().filter(Symbol.class::isInstance).count();
        if (axes == 0) {
            throw site.refusal("it calls " + site.function() + " without a tensor of places.");
        }
        return axes;
    }

    private static Symbol index(Site site) {
        Symbol x = site.tensor(0);
        int axes = axes(site);
        if (axes == 1) {
            List<?> given = (List<?>) site.arg(1);
            int axis = 0;
            while (!(given.get(axis) instanceof Symbol)) {
                axis++;
            }
            return single(site, x, (Symbol) given.get(axis), axis);
        }
        Selection selection = Selection.of(site, x);
        Symbol gathered = selection.gathered(site, selection.moved(site, x), axes);
        // Dimensions that stood side by side are replaced where they stood.
        int inFront = selection.places().rank() - 1;
        long[] order = new long[gathered.rank()];
        for (int i = 0; i < order.length; i++) {
            order[i] =
                    i < selection.first() ? inFront + i : i < selection.first() + inFront ? i - selection.first() : i;
        }
        return turned(site, gathered, order);
    }

    private static Symbol single(Site site, Symbol x, Symbol places, int axis) {
        if (places.type() != ElementType.BOOL && places.type() != ElementType.UINT8) {
            return site.node(
                    "Gather",
                    List.of(x, places),
                    Map.of("axis", Attribute.of(axis)),
                    x.type(),
                    x.rank() - 1 + places.rank());
        }
        Symbol mask = site.cast(places, ElementType.BOOL);
        if (mask.rank() == 1) {
            return site.same("Compress", Map.of("axis", Attribute.of(axis)), x, mask);
        }
        if (axis != 0) {
            throw site.refusal("it calls " + site.function() + " with a mask of " + mask.rank()
                    + " dimensions behind others; in front of them it would be understood.");
        }
        Symbol found = site.node("NonZero", ElementType.INT64, 2, mask);
        Symbol chosen = site.same("Transpose", Map.of("perm", Attribute.ofInts(1, 0)), found);
        return site.node("GatherND", x.type(), 1 + x.rank() - mask.rank(), x, chosen);
    }

    private static Symbol indexPut(Site site) {
        Symbol x = site.tensor(0);
        Symbol values = site.cast(site.asTensor(site.arg(2), x.type()), x.type());
        if (site.flag(3, "accumulate")) {
            throw site.refusal("it calls " + site.function() + " with accumulate, for which there is no operator.");
        }
        int axes = axes(site);
        if (axes == 1 && ((List<?>) site.arg(1)).get(0) instanceof Symbol mask && mask.type() == ElementType.BOOL) {
            return masked(site, x, mask, values);
        }
        Selection selection = Selection.of(site, x);
        if (selection.first() != 0) {
            throw site.refusal("it calls " + site.function()
                    + " with places behind other dimensions; in front of them they would be understood.");
        }
        Symbol moved = selection.moved(site, x);
        Symbol shape = ShapeCalls.shape(site, selection.gathered(site, moved, axes));
        int rank = selection.places().rank() - 1 + x.rank() - axes;
        Symbol all = site.node("Expand", x.type(), rank, values, shape);
        Symbol written = site.same("ScatterND", moved, selection.places(), all);
        long[] inverse = new long[x.rank()];
        for (int i = 0; i < inverse.length; i++) {
            inverse[(int) selection.order()[i]] = i;
        }
        return turned(site, written, inverse);
    }

    private static Symbol masked(Site site, Symbol x, Symbol mask, Symbol value) {
        if (value.rank() > 0) {
            throw site.refusal(
                    "it calls " + site.function() + " with a mask and several values; one value would be understood.");
        }
        Symbol wide = mask;
        if (mask.rank() < x.rank()) {
            long[] added = new long[x.rank() - mask.rank()];
            Arrays.setAll(added, i -> mask.rank() + i);
            wide = site.node("Unsqueeze", ElementType.BOOL, x.rank(), mask, site.longsConstant(added));
        }
        return site.node("Where", x.type(), x.rank(), wide, value, x);
    }

    /** What is moved out at one end comes in at the other: the part behind a place, then that before it. */
    private static Symbol roll(Site site) {
        Symbol x = site.tensor(0);
        List<?> shifts = (List<?>) site.arg(1);
        List<?> dims = site.arg(2) instanceof List<?> list ? list : List.of();
        if (dims.size() != shifts.size()) {
            throw site.refusal("it calls " + site.function() + " without a dimension for each shift.");
        }
        for (int i = 0; i < dims.size(); i++) {
            long axis = (Long) dims.get(i) < 0 ? (Long) dims.get(i) + x.rank() : (Long) dims.get(i);
            Symbol back = site.node("Neg", ElementType.INT64, 1, site.size(shifts.get(i)));
            Symbol size = site.size(ShapeCalls.size(site, x, axis));
            Symbol place = site.node("Mod", ElementType.INT64, 1, back, size);
            Symbol along = site.longsConstant(axis);
            Symbol behind = site.same("Slice", x, place, site.longsConstant(Long.MAX_VALUE), along);
            Symbol before = site.same("Slice", x, site.longsConstant(0), place, along);
            x = site.same("Concat", Map.of("axis", Attribute.of(axis)), behind, before);
        }
        return x;
    }

    private static Symbol flip(Site site) {
        Symbol x = site.tensor(0);
        long[] axes = site.longs(1);
        long[] ones = new long[axes.length];
        Arrays.fill(ones, -1);
        long[] ends = new long[axes.length];
        Arrays.fill(ends, -Long.MAX_VALUE);
        Symbol steps = site.longsConstant(ones);
        return site.same("Slice", x, steps, site.longsConstant(ends), site.longsConstant(axes), steps);
    }
}
