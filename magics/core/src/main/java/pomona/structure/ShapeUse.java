package pomona.structure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import pomona.graph.Node;

/** Finds out what a network does with the sizes of its own values: sizes that lose channels may only shape others. */
final class ShapeUse {

    private static final Set<String> PASSING = Set.of("Unsqueeze", "Squeeze", "Concat", "Identity");
    private static final Set<String> SHAPING = Set.of("Reshape", "Expand", "ConstantOfShape", "Resize");

    private ShapeUse() {}

    static void apply(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        if (Arrays.stream(input).allMatch(axis -> axis == null)) {
            return;
        }
        int start = place(node.integer("start", 0), input.length);
        int end = place(node.integer("end", input.length), input.length);
        List<Integer> places = new ArrayList<>();
        for (int axis = start; axis < end; axis++) {
            places.add(axis);
        }
        follow(analysis, node, node.output(), places, input, new HashSet<>());
    }

    private static void follow(
            Analysis analysis, Node shape, String value, List<Integer> places, int[][] input, Set<String> seen) {
        boolean sized = places.stream().anyMatch(axis -> input[axis] != null);
        if (!sized || !seen.add(value + places)) {
            return;
        }
        for (Node user : analysis.consumers(value)) {
            if (user.is("Gather") && user.input(0).equals(value)) {
                long[] picked = analysis.integers(user.input(1));
                follow(analysis, shape, user.output(), pick(places, picked), input, seen);
            } else if (user.is("Slice") && user.input(0).equals(value)) {
                follow(analysis, shape, user.output(), slice(analysis, user, places), input, seen);
            } else if (PASSING.contains(user.op()) || user.is("Cast")) {
                follow(analysis, shape, user.output(), places, input, seen);
            } else if (!SHAPING.contains(user.op())) {
                places.forEach(axis -> analysis.fix(input[axis], Analysis.odd(user)));
            }
        }
    }

    private static List<Integer> pick(List<Integer> places, long[] picked) {
        if (picked == null) {
            return places;
        }
        List<Integer> rest = new ArrayList<>();
        for (long place : picked) {
            int at = Math.toIntExact(place < 0 ? place + places.size() : place);
            // A place beyond the sizes followed belongs to another value of a joined shape.
            if (at < places.size()) {
                rest.add(places.get(at));
            }
        }
        return rest;
    }

    private static List<Integer> slice(Analysis analysis, Node node, List<Integer> places) {
        long[] starts = analysis.integers(node.input(1));
        long[] ends = analysis.integers(node.input(2));
        boolean simple = starts != null && ends != null && starts.length == 1 && !node.hasInput(4);
        if (!simple) {
            return places;
        }
        int from = place(starts[0], places.size());
        return places.subList(from, Math.max(from, place(ends[0], places.size())));
    }

    private static int place(long place, int size) {
        return (int) Math.max(0, Math.min(size, place < 0 ? place + size : place));
    }
}
