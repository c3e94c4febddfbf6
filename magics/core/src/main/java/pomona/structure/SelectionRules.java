package pomona.structure;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import pomona.graph.Attribute;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Operators that put values side by side and that take parts out of them. */
final class SelectionRules {

    private SelectionRules() {}

    static void register(Map<String, Rule> rules) {
        rules.put("Concat", SelectionRules::concat);
        rules.put("Split", SelectionRules::split);
        rules.put("Slice", SelectionRules::slice);
        rules.put("Gather", SelectionRules::gather);
    }

    private static void concat(Analysis analysis, Node node) {
        int rank = analysis.axes(node.input(0)).length;
        int axis = NormalizationRules.axis(node, 0, rank);
        int[][] result = new int[rank][];
        for (int other = 0; other < rank; other++) {
            if (other != axis) {
                result[other] = side(analysis, node, other);
            }
        }
        if (node.inputs().stream().anyMatch(input -> analysis.axes(input)[axis] != null)) {
            result[axis] = joined(analysis, node, axis);
        }
        analysis.set(node.output(), result);
    }

    private static int[] side(Analysis analysis, Node node, int axis) {
        int[] first = analysis.axes(node.input(0))[axis];
        boolean any = node.inputs().stream().anyMatch(input -> analysis.axes(input)[axis] != null);
        for (int i = 1; any && i < node.inputs().size(); i++) {
            int[] other = analysis.axes(node.input(i))[axis];
            analysis.join(node, first, other);
            first = first == null ? other : first;
        }
        return first;
    }

    /** Places of inputs without channels are there, but stay. */
    private static int[] joined(Analysis analysis, Node node, int axis) {
        IntStream all = IntStream.empty();
        for (String input : node.inputs()) {
            int[] part = analysis.axes(input)[axis];
            long size = analysis.size(input, axis);
            if (part == null && size < 0) {
                node.inputs().forEach(other -> analysis.fix(analysis.axes(other)[axis], Analysis.odd(node)));
                return null;
            }
            if (part == null) {
                part = analysis.units.fresh(Math.toIntExact(size));
                analysis.fix(part, new Units.Fixed("it comes from " + input, false));
            }
            all = IntStream.concat(all, Arrays.stream(part));
        }
        return all.toArray();
    }

    private static void split(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        int axis = NormalizationRules.axis(node, 0, input.length);
        int parts = node.outputs().size();
        int[] channels = input[axis];
        long[] sizes = node.hasInput(1) ? analysis.integers(node.input(1)) : node.integers("split");
        if (channels != null && (sizes == null || sizes.length != 0 && sizes.length != parts)) {
            analysis.unknown(node);
            return;
        }
        int[] starts = channels == null ? null : starts(channels.length, sizes, parts);
        for (int part = 0; part < parts; part++) {
            int[][] result = input.clone();
            result[axis] = channels == null ? null : Arrays.copyOfRange(channels, starts[part], starts[part + 1]);
            analysis.set(node.outputs().get(part), result);
        }
        if (channels == null) {
            return;
        }
        analysis.rewrite(node, (old, removal) -> {
            long[] left = IntStream.range(0, parts)
                    .mapToLong(part -> removal.count(channels, starts[part], starts[part + 1]))
                    .toArray();
            Node plain = Nodes.without(Nodes.without(old, "num_outputs"), "split");
            return analysis.network.opset() < 13
                    ? plain.with("split", Attribute.ofInts(left))
                    : Nodes.withInput(plain, 1, removal.constant(node.output() + ".split", left));
        });
    }

    /** Without sizes all parts but perhaps the last are equal. */
    private static int[] starts(int length, long[] sizes, int parts) {
        int[] starts = new int[parts + 1];
        int each = (length + parts - 1) / parts;
        for (int part = 0; part < parts; part++) {
            int size = sizes.length == 0 ? each : Math.toIntExact(sizes[part]);
            starts[part + 1] = Math.min(length, starts[part] + size);
        }
        return starts;
    }

    private static void slice(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        boolean old = analysis.network.opset() < 10;
        long[] starts = old ? node.integers("starts") : analysis.integers(node.input(1));
        long[] ends = old ? node.integers("ends") : analysis.integers(node.input(2));
        int count = starts == null ? 0 : starts.length;
        long[] all = LongStream.range(0, count).toArray();
        long[] axes = old ? node.integers("axes", all) : node.hasInput(3) ? analysis.integers(node.input(3)) : all;
        long[] steps = node.hasInput(4)
                ? analysis.integers(node.input(4))
                : LongStream.generate(() -> 1).limit(count).toArray();
        if (axes == null || starts == null && axes.length == 0) {
            axesUnknown(analysis, node, input);
            return;
        }
        int[][] result = input.clone();
        int[][] picked = new int[axes.length][];
        for (int i = 0; i < axes.length; i++) {
            int axis = Math.toIntExact(axes[i] < 0 ? axes[i] + input.length : axes[i]);
            boolean known = starts != null && ends != null && steps != null && steps[i] == 1;
            if (input[axis] != null && !known) {
                analysis.fix(input[axis], Analysis.odd(node));
                result[axis] = null;
            } else if (input[axis] != null) {
                int size = input[axis].length;
                picked[i] = new int[] {place(starts[i], size), place(ends[i], size)};
                result[axis] = Arrays.copyOfRange(input[axis], picked[i][0], Math.max(picked[i][0], picked[i][1]));
            }
        }
        analysis.set(node.output(), result);
        if (Arrays.stream(picked).anyMatch(range -> range != null)) {
            analysis.rewrite(
                    node, (before, removal) -> rewriteSlice(before, removal, input, starts, ends, axes, picked));
        }
    }

    private static void axesUnknown(Analysis analysis, Node node, int[][] input) {
        analysis.fixFrom(node, input, 0);
    }

    private static Node rewriteSlice(
            Node node, Removal removal, int[][] input, long[] starts, long[] ends, long[] axes, int[][] picked) {
        long[] from = starts.clone();
        long[] to = ends.clone();
        for (int i = 0; i < picked.length; i++) {
            if (picked[i] != null) {
                int[] channels = input[Math.toIntExact(axes[i] < 0 ? axes[i] + input.length : axes[i])];
                from[i] = removal.count(channels, 0, picked[i][0]);
                to[i] = removal.count(channels, 0, picked[i][1]);
            }
        }
        if (node.inputs().size() == 1) {
            return node.with("starts", Attribute.ofInts(from)).with("ends", Attribute.ofInts(to));
        }
        Node moved = Nodes.withInput(node, 1, removal.constant(node.output() + ".starts", from));
        moved = Nodes.withInput(moved, 2, removal.constant(node.output() + ".ends", to));
        moved = Nodes.withInput(moved, 3, removal.constant(node.output() + ".axes", axes));
        return node.hasInput(4)
                ? Nodes.withInput(moved, 4, removal.constant(node.output() + ".steps", ones(axes.length)))
                : moved;
    }

    private static long[] ones(int count) {
        long[] ones = new long[count];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static int place(long place, int size) {
        return (int) Math.max(0, Math.min(size, place < 0 ? place + size : place));
    }

    private static void gather(Analysis analysis, Node node) {
        int[][] data = analysis.axes(node.input(0));
        int[][] index = analysis.axes(node.input(1));
        int axis = NormalizationRules.axis(node, 0, data.length);
        long[] places = analysis.integers(node.input(1));
        int[][] result = new int[data.length - 1 + index.length][];
        System.arraycopy(data, 0, result, 0, axis);
        System.arraycopy(data, axis + 1, result, axis + index.length, data.length - axis - 1);
        if (analysis.isWeight(node.input(0)) && places == null) {
            // A table that is looked up, such as an embedding; it stays whole.
            analysis.fixAll(node.input(0), new Units.Fixed("operator " + node.label() + " looks it up", false));
        } else if (data[axis] != null && (places == null || index.length != 1)) {
            analysis.fix(data[axis], places == null ? Analysis.odd(node) : Analysis.across(node));
        } else if (data[axis] != null) {
            int size = data[axis].length;
            int[] channels = Arrays.stream(places)
                    .mapToInt(place -> data[axis][Math.toIntExact(place < 0 ? place + size : place)])
                    .toArray();
            result[axis] = channels;
            analysis.rewrite(node, (old, removal) -> rewriteGather(old, removal, data[axis], places, channels));
        }
        analysis.set(node.output(), result);
    }

    private static Node rewriteGather(Node node, Removal removal, int[] data, long[] places, int[] channels) {
        long[] moved = Arrays.stream(removal.kept(channels))
                .mapToLong(i ->
                        removal.count(data, 0, Math.toIntExact(places[i] < 0 ? places[i] + data.length : places[i])))
                .toArray();
        Tensor indices = Tensor.ofLongs(moved, moved.length);
        return Nodes.withInput(node, 1, removal.constant(node.output() + ".indices", indices));
    }
}
