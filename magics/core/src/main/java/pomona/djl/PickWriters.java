package pomona.djl;

import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexAll;
import ai.djl.ndarray.index.dim.NDIndexElement;
import ai.djl.ndarray.index.dim.NDIndexFixed;
import ai.djl.ndarray.index.dim.NDIndexSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/** Cutting and picking among what blocks do: indices of numbers and ranges, splits, rows of a table, repetition. */
final class PickWriters {

    private static final long END = Integer.MAX_VALUE;

    private PickWriters() {}

    static void addTo(Map<String, Consumer<Writing>> writers) {
        writers.put("get", PickWriters::pick);
        writers.put("split", PickWriters::split);
        writers.put("gatherNd", PickWriters::rows);
        writers.put("tile", PickWriters::tile);
        writers.put("onesLike", w -> filled(w, 1));
        writers.put("zerosLike", w -> filled(w, 0));
        Map.of("gt", "Greater", "gte", "GreaterOrEqual", "lt", "Less", "lte", "LessOrEqual", "eq", "Equal")
                .forEach((method, op) -> writers.put(method, w -> w.result(op, w.self(), w.value(1))));
    }

    /**
     * An index as data: for each dimension that it says something of, axis, start, end, step, and 1 when the dimension
     * goes; null when it picks by other arrays.
     */
    static List<List<Long>> plain(NDIndex index, int rank) {
        List<List<Long>> cuts = new ArrayList<>();
        int count = index.getIndices().size();
        for (int i = 0; i < count; i++) {
            NDIndexElement element = index.get(i);
            boolean after = index.getEllipsisIndex() >= 0 && i >= index.getEllipsisIndex();
            long axis = after ? rank - count + i : i;
            if (element instanceof NDIndexFixed fixed) {
                long place = fixed.getIndex();
                cuts.add(List.of(axis, place, place == -1 ? END : place + 1, 1L, 1L));
            } else if (element instanceof NDIndexSlice slice) {
                long step = slice.getStep() == null ? 1 : slice.getStep();
                long min = slice.getMin() == null ? 0 : slice.getMin();
                long max = slice.getMax() == null ? END : slice.getMax();
                if (step < 1) {
                    return null;
                }
                cuts.add(List.of(axis, min, max, step, 0L));
            } else if (!(element instanceof NDIndexAll)) {
                return null;
            }
        }
        return cuts;
    }

    @SuppressWarnings("unchecked")
    private static void pick(Writing w) {
        List<List<Long>> cuts = (List<List<Long>>) w.arg(1);
        if (cuts.isEmpty()) {
            w.made(w.self());
            return;
        }
        String part = w.step(
                "Slice", w.self(), column(w, cuts, 1), column(w, cuts, 2), column(w, cuts, 0), column(w, cuts, 3));
        long[] gone = cuts.stream()
                .filter(cut -> cut.get(4) == 1)
                .mapToLong(cut -> cut.get(0))
                .toArray();
        if (gone.length > 0) {
            part = w.step("Squeeze", part, w.longsConstant(gone));
        }
        w.made(part);
    }

    private static String column(Writing w, List<List<Long>> cuts, int column) {
        return w.longsConstant(cuts.stream().mapToLong(cut -> cut.get(column)).toArray());
    }

    /** The arguments are the places where the parts end. */
    private static void split(Writing w) {
        long[] places = w.longs(1);
        String axis = w.longsConstant(w.axis(2));
        for (int i = 0; i <= places.length; i++) {
            String from = w.longsConstant(i == 0 ? 0 : places[i - 1]);
            String to = w.longsConstant(i == places.length ? END : places[i]);
            w.made(i, w.step("Slice", w.self(), from, to, axis));
        }
    }

    /** The first dimension of the index counts the dimensions that are picked in; for operators it is the last. */
    private static void rows(Writing w) {
        String index = w.step("Cast", List.of(w.value(1)), Map.of("to", Attribute.of((long) ElementType.INT64.code())));
        w.result("GatherND", w.self(), w.step("Transpose", index));
    }

    private static void tile(Writing w) {
        if (!(w.arg(1) instanceof List<?>) || w.longs(1).length != w.rank()) {
            throw w.refusal("it repeats an array " + w.arg(1) + " times, which is not one number for each dimension");
        }
        w.result("Tile", w.self(), w.longsConstant(w.longs(1)));
    }

    private static void filled(Writing w, float number) {
        Attribute value = Attribute.of(Tensor.ofFloats(new float[] {number}, 1));
        w.result("ConstantOfShape", List.of(w.step("Shape", w.self())), Map.of("value", value));
    }
}
