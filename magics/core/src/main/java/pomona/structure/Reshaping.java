package pomona.structure;

import java.util.Arrays;
import java.util.List;
import pomona.graph.Dimension;
import pomona.graph.Node;

/**
 * Follows channels through a Reshape: axes are matched from both ends, and what does not match is cut into blocks of
 * equal size, inside which axes are merged and split.
 */
final class Reshaping {

    private final Analysis analysis;
    private final Node node;
    private final int[][] input;
    private final List<Dimension> from;
    private final List<Dimension> to;
    private final int[][] result;

    Reshaping(Analysis analysis, Node node, int[][] input, List<Dimension> from, List<Dimension> to) {
        this.analysis = analysis;
        this.node = node;
        this.input = input;
        this.from = from;
        this.to = to;
        this.result = new int[to.size()][];
    }

    /** The axes of the result, or null when channels can not be followed. */
    int[][] map() {
        int left = 0;
        int most = Math.min(from.size(), to.size());
        while (left < most && LayoutRules.isSame(from.get(left), to.get(left))) {
            result[left] = input[left];
            left++;
        }
        int fromEnd = from.size();
        int toEnd = to.size();
        while (fromEnd > left && toEnd > left) {
            int[] block = lastBlock(left, fromEnd, toEnd);
            if (block == null) {
                break;
            }
            if (!mapBlock(block[0], fromEnd, block[1], toEnd)) {
                return null;
            }
            fromEnd = block[0];
            toEnd = block[1];
        }
        boolean lost = Arrays.stream(input, left, fromEnd).anyMatch(axis -> axis != null);
        return lost ? null : result;
    }

    /** Where the shortest last stretches of equal size begin on both sides, or null when there are none. */
    private int[] lastBlock(int left, int fromEnd, int toEnd) {
        int i = fromEnd - 1;
        int j = toEnd - 1;
        if (!from.get(i).isFixed() && LayoutRules.isSame(from.get(i), to.get(j))) {
            return new int[] {i, j};
        }
        long before = from.get(i).size();
        long after = to.get(j).size();
        while (before != after || before < 0) {
            if (before < 0 || after < 0) {
                return null;
            }
            if (before < after) {
                if (--i < left || !from.get(i).isFixed()) {
                    return null;
                }
                before *= from.get(i).size();
            } else {
                if (--j < left || !to.get(j).isFixed()) {
                    return null;
                }
                after *= to.get(j).size();
            }
        }
        // Sizes of 1 that are left over on one side belong to the block.
        while (j == left && i > left && from.get(i - 1).size() == 1) {
            i--;
        }
        while (i == left && j > left && to.get(j - 1).size() == 1) {
            j--;
        }
        return new int[] {i, j};
    }

    private boolean mapBlock(int fromStart, int fromEnd, int toStart, int toEnd) {
        if (toEnd - toStart == 1 && fromEnd - fromStart == 1) {
            result[toStart] = input[fromStart];
            return true;
        }
        int[] flat = merge(analysis, node, input, from, fromStart, fromEnd);
        if (flat == null) {
            return Arrays.stream(input, fromStart, fromEnd).allMatch(axis -> axis == null);
        }
        split(flat, toStart, toEnd);
        return true;
    }

    /** Gives the channels of a flat stretch to one of the axes it becomes. */
    private void split(int[] flat, int start, int end) {
        int best = -1;
        int candidates = 0;
        for (int axis = start; axis < end; axis++) {
            if (to.get(axis).size() > 1) {
                candidates++;
                best = best < 0 && isAlong(flat, start, end, axis) ? axis : best;
            }
        }
        if (best < 0) {
            int chosen = analysis.choose(node, flat, candidates);
            for (int axis = start; axis < end && best < 0; axis++) {
                if (to.get(axis).size() > 1 && chosen-- == 0) {
                    best = axis;
                }
            }
        }
        int size = Math.toIntExact(to.get(best).size());
        int inner = inner(best, end);
        int[] channels = new int[size];
        Arrays.fill(channels, -1);
        for (int place = 0; place < flat.length; place++) {
            int coordinate = place / inner % size;
            if (channels[coordinate] < 0) {
                channels[coordinate] = flat[place];
            }
            analysis.units.join(channels[coordinate], flat[place]);
        }
        result[best] = channels;
    }

    /** Whether channels differ along that axis only, so that nothing more has to be joined. */
    private boolean isAlong(int[] flat, int start, int end, int axis) {
        int size = Math.toIntExact(to.get(axis).size());
        int inner = inner(axis, end);
        int[] first = new int[size];
        Arrays.fill(first, -1);
        for (int place = 0; place < flat.length; place++) {
            int coordinate = place / inner % size;
            int unit = analysis.units.find(flat[place]);
            if (first[coordinate] < 0) {
                first[coordinate] = unit;
            } else if (first[coordinate] != unit) {
                return false;
            }
        }
        return true;
    }

    private int inner(int axis, int end) {
        int inner = 1;
        for (int i = axis + 1; i < end; i++) {
            inner *= Math.toIntExact(to.get(i).size());
        }
        return inner;
    }

    /** The channels of several axes laid out as one, or null when none has any or they can not be followed. */
    static int[] merge(Analysis analysis, Node node, int[][] input, List<Dimension> shape, int start, int end) {
        int with = -1;
        boolean several = false;
        for (int axis = start; axis < end; axis++) {
            several |= input[axis] != null && with >= 0;
            with = input[axis] != null ? axis : with;
        }
        if (with < 0) {
            return null;
        }
        boolean fixed = shape != null && shape.subList(start, end).stream().allMatch(Dimension::isFixed);
        if (several || !fixed && end - start > 1) {
            for (int axis = start; axis < end; axis++) {
                analysis.fix(input[axis], Analysis.odd(node));
            }
            return null;
        }
        if (end - start == 1) {
            return input[with];
        }
        int inner = 1;
        int total = 1;
        for (int axis = end - 1; axis >= start; axis--) {
            inner *= axis > with ? Math.toIntExact(shape.get(axis).size()) : 1;
            total *= Math.toIntExact(shape.get(axis).size());
        }
        int[] flat = new int[total];
        for (int place = 0; place < total; place++) {
            flat[place] = input[with][place / inner % input[with].length];
        }
        return flat;
    }
}
