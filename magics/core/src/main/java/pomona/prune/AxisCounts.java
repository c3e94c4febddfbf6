package pomona.prune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pomona.structure.Coupling;
import pomona.structure.UnitGroup;

/** Counts how many channels every axis of a network still has while channels are chosen to go. */
final class AxisCounts {

    /** An axis: what is left on it, and what must be. */
    private static final class Axis {
        private int left;
        private int least;
    }

    private final Map<List<Integer>, Axis> axes = new HashMap<>();
    private final Map<Integer, Map<Axis, Integer>> places = new HashMap<>();

    AxisCounts(Coupling coupling, List<UnitGroup> groups, int minimumKept) {
        for (int[] channels : coupling.axes()) {
            Axis axis = new Axis();
            axis.left = channels.length;
            axis.least = 1;
            axes.put(key(channels), axis);
            for (int channel : channels) {
                places.computeIfAbsent(channel, c -> new HashMap<>()).merge(axis, 1, Integer::sum);
            }
        }
        for (UnitGroup group : groups) {
            coupling.outputs(group).forEach(channels -> axes.get(key(channels)).least = minimumKept);
        }
    }

    private static List<Integer> key(int[] channels) {
        return Arrays.stream(channels).boxed().toList();
    }

    /** Takes a channel off all axes that it stands on, unless one of them would have too few. */
    boolean take(int channel) {
        Map<Axis, Integer> on = places.get(channel);
        List<Map.Entry<Axis, Integer>> entries = new ArrayList<>(on.entrySet());
        if (entries.stream().anyMatch(e -> e.getKey().left - e.getValue() < e.getKey().least)) {
            return false;
        }
        entries.forEach(e -> e.getKey().left -= e.getValue());
        return true;
    }

    void giveBack(int channel) {
        places.get(channel).forEach((axis, count) -> axis.left += count);
    }

    int left(int[] channels) {
        return axes.get(key(channels)).left;
    }
}
