package pomona.structure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import pomona.graph.Dimension;
import pomona.graph.Node;

/** Operators that lay out the same elements in another way. */
final class LayoutRules {

    private LayoutRules() {}

    static void register(Map<String, Rule> rules) {
        rules.put("Transpose", LayoutRules::transpose);
        rules.put("Flatten", LayoutRules::flatten);
        rules.put("Reshape", LayoutRules::reshape);
        rules.put("Squeeze", LayoutRules::squeeze);
        rules.put("Unsqueeze", LayoutRules::unsqueeze);
        rules.put("Expand", LayoutRules::expand);
        rules.put("Shape", ShapeUse::apply);
    }

    private static void transpose(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        int rank = input.length;
        long[] reversed = LongStream.range(0, rank).map(i -> rank - 1 - i).toArray();
        int[][] result = new int[rank][];
        long[] order = node.integers("perm", reversed);
        for (int axis = 0; axis < rank; axis++) {
            result[axis] = input[Math.toIntExact(order[axis])];
        }
        analysis.set(node.output(), result);
    }

    private static void flatten(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        List<Dimension> shape = analysis.shape(node.input(0));
        int split = NormalizationRules.axis(node, 1, input.length);
        int[][] result = new int[2][];
        result[0] = Reshaping.merge(analysis, node, input, shape, 0, split);
        result[1] = Reshaping.merge(analysis, node, input, shape, split, input.length);
        analysis.set(node.output(), result);
    }

    private static void reshape(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        List<Dimension> from = analysis.shape(node.input(0));
        List<Dimension> to = analysis.shape(node.output());
        boolean plain = Arrays.stream(input).allMatch(axis -> axis == null);
        if (plain) {
            return;
        }
        if (from == null || to == null) {
            analysis.unknown(node);
            return;
        }
        int[][] result = new Reshaping(analysis, node, input, from, to).map();
        if (result == null || target(from, to, result, null) == null) {
            analysis.unknown(node);
            return;
        }
        analysis.set(node.output(), result);
        analysis.rewrite(node, (old, removal) -> {
            if (!removal.changes(result)) {
                return old;
            }
            String shape = removal.constant(node.input(1), target(from, to, result, removal));
            return Nodes.without(old.withInputs(List.of(old.input(0), shape)), "allowzero");
        });
    }

    /** The sizes to reshape to, or null when more than one of them is not known. */
    private static long[] target(List<Dimension> from, List<Dimension> to, int[][] channels, Removal removal) {
        long[] sizes = new long[to.size()];
        boolean open = false;
        for (int axis = 0; axis < sizes.length; axis++) {
            Dimension size = to.get(axis);
            if (channels[axis] != null) {
                sizes[axis] = removal == null ? channels[axis].length : removal.count(channels[axis]);
            } else if (size.isFixed()) {
                sizes[axis] = size.size();
            } else if (axis < from.size() && isSame(from.get(axis), size) && copies(from, to, axis)) {
                sizes[axis] = 0;
            } else if (open) {
                return null;
            } else {
                open = true;
                sizes[axis] = -1;
            }
        }
        return sizes;
    }

    /** Sizes that are not known at all may be different ones, unless everything before them is the same. */
    private static boolean copies(List<Dimension> from, List<Dimension> to, int axis) {
        if (!to.get(axis).symbol().isEmpty()) {
            return true;
        }
        for (int i = 0; i < axis; i++) {
            if (!isSame(from.get(i), to.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** Equal sizes or symbols; sizes of which nothing is known count as equal. */
    static boolean isSame(Dimension left, Dimension right) {
        return left.equals(right);
    }

    private static void squeeze(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        long[] axes = axes(analysis, node);
        if (axes == null) {
            analysis.unknown(node);
            return;
        }
        List<int[]> result = new ArrayList<>();
        for (int axis = 0; axis < input.length; axis++) {
            int place = axis;
            boolean gone = axes.length == 0
                    ? analysis.size(node.input(0), axis) == 1
                    : Arrays.stream(axes).anyMatch(a -> (a < 0 ? a + input.length : a) == place);
            if (!gone) {
                result.add(input[axis]);
            }
        }
        analysis.set(node.output(), result.toArray(int[][]::new));
    }

    private static void unsqueeze(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        long[] axes = axes(analysis, node);
        if (axes == null || axes.length == 0) {
            analysis.unknown(node);
            return;
        }
        int rank = input.length + axes.length;
        List<int[]> result = new ArrayList<>(Arrays.asList(input));
        Arrays.stream(axes).map(a -> a < 0 ? a + rank : a).sorted().forEach(a -> result.add(Math.toIntExact(a), null));
        analysis.set(node.output(), result.toArray(int[][]::new));
    }

    private static long[] axes(Analysis analysis, Node node) {
        return node.hasInput(1) ? analysis.integers(node.input(1)) : node.integers("axes");
    }

    /** Sizes of 1 are repeated; channels stay, whatever size they come to have. */
    private static void expand(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        long[] target = analysis.integers(node.input(1));
        List<Dimension> to = analysis.shape(node.output());
        boolean plain = Arrays.stream(input).allMatch(axis -> axis == null);
        if (plain) {
            return;
        }
        if (to == null) {
            analysis.unknown(node);
            return;
        }
        int[][] result = new int[to.size()][];
        for (int axis = 0; axis < input.length; axis++) {
            boolean single = input[axis] != null && input[axis].length == 1;
            if (single) {
                analysis.fix(input[axis], Analysis.odd(node));
            } else {
                result[result.length - input.length + axis] = input[axis];
            }
        }
        analysis.set(node.output(), result);
        if (target == null) {
            return;
        }
        analysis.rewrite(node, (old, removal) -> {
            if (!removal.changes(result)) {
                return old;
            }
            long[] sizes = target.clone();
            for (int axis = 0; axis < result.length; axis++) {
                int place = axis - (result.length - sizes.length);
                if (result[axis] != null && place >= 0) {
                    sizes[place] = 1;
                }
            }
            return Nodes.withInput(old, 1, removal.constant(node.input(1), sizes));
        });
    }
}
