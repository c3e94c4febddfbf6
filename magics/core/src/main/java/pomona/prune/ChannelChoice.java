package pomona.prune;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.structure.Coupling;
import pomona.structure.UnitGroup;

/**
 * Chooses the channels that go: those of least importance, as long as every axis keeps what it must.
 *
 * @param coupling the channels of the network
 * @param ratio the share to go
 * @param scope whether each group loses that share, or all together
 * @param roundTo what the number of channels that a layer keeps is a multiple of
 * @param minimumKept how many channels each layer keeps at least
 */
record ChannelChoice(Coupling coupling, double ratio, Scope scope, int roundTo, int minimumKept) {

    /** The channels to remove, by group and importance. */
    Set<Integer> choose(List<UnitGroup> groups, Map<Integer, Double> importance) {
        AxisCounts counts = new AxisCounts(coupling, groups, minimumKept);
        Map<UnitGroup, List<Integer>> gone = new HashMap<>();
        groups.forEach(group -> gone.put(group, new ArrayList<>()));
        if (scope == Scope.GLOBAL) {
            long size = groups.stream().mapToLong(UnitGroup::size).sum();
            remove(groups, relative(groups, importance), Math.round(ratio * size), counts, gone);
        } else {
            for (UnitGroup group : groups) {
                remove(List.of(group), importance, Math.round(ratio * group.size()), counts, gone);
            }
        }
        Set<Integer> all = new LinkedHashSet<>();
        for (UnitGroup group : groups) {
            all.addAll(rounded(gone.get(group), coupling.outputs(group), counts));
        }
        return all;
    }

    /** Importance against the mean of the group, so that layers of other sizes and scales can be compared. */
    private static Map<Integer, Double> relative(List<UnitGroup> groups, Map<Integer, Double> importance) {
        Map<Integer, Double> relative = new HashMap<>();
        for (UnitGroup group : groups) {
            double mean = group.units().stream()
                    .mapToDouble(importance::get)
                    .average()
                    .orElse(1);
            group.units().forEach(unit -> relative.put(unit, mean == 0 ? 0 : importance.get(unit) / mean));
        }
        return relative;
    }

    private static void remove(
            List<UnitGroup> groups,
            Map<Integer, Double> importance,
            long wanted,
            AxisCounts counts,
            Map<UnitGroup, List<Integer>> gone) {
        record Candidate(UnitGroup group, int unit) {}
        List<Candidate> candidates = new ArrayList<>();
        groups.forEach(group -> group.units().forEach(unit -> candidates.add(new Candidate(group, unit))));
        candidates.sort(Comparator.comparingDouble((Candidate c) -> importance.get(c.unit()))
                .thenComparingInt(Candidate::unit));
        long left = wanted;
        for (Candidate candidate : candidates) {
            if (left > 0 && counts.take(candidate.unit())) {
                gone.get(candidate.group()).add(candidate.unit());
                left--;
            }
        }
    }

    /** Gives back the most important of what was chosen until all layers of the group keep a multiple. */
    private List<Integer> rounded(List<Integer> chosen, List<int[]> outputs, AxisCounts counts) {
        List<Integer> rest = new ArrayList<>(chosen);
        while (!rest.isEmpty() && outputs.stream().anyMatch(axis -> counts.left(axis) % roundTo != 0)) {
            counts.giveBack(rest.remove(rest.size() - 1));
        }
        return rest;
    }
}
