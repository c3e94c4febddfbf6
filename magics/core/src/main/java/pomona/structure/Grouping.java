package pomona.structure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts channels that stand side by side into groups. */
final class Grouping {

    private final Analysis analysis;
    private final Units groups = new Units();

    Grouping(Analysis analysis) {
        this.analysis = analysis;
        groups.fresh(analysis.units.count());
    }

    List<UnitGroup> groups() {
        Set<Integer> heads = new HashSet<>();
        analysis.heads().forEach(channels -> Arrays.stream(channels).forEach(c -> heads.add(analysis.units.find(c))));
        for (Analysis.Producer producer : analysis.producers()) {
            for (int channel : producer.channels()) {
                groups.join(analysis.units.find(channel), analysis.units.find(producer.channels()[0]));
            }
        }
        Map<Integer, List<Analysis.Producer>> byGroup = new LinkedHashMap<>();
        for (Analysis.Producer producer : analysis.producers()) {
            int group = groups.find(analysis.units.find(producer.channels()[0]));
            byGroup.computeIfAbsent(group, g -> new ArrayList<>()).add(producer);
        }
        List<UnitGroup> result = new ArrayList<>();
        for (List<Analysis.Producer> producers : byGroup.values()) {
            add(producers, heads, false, result);
            add(producers, heads, true, result);
        }
        return result;
    }

    private void add(List<Analysis.Producer> producers, Set<Integer> heads, boolean wanted, List<UnitGroup> result) {
        Set<Integer> all = new LinkedHashSet<>();
        for (Analysis.Producer producer : producers) {
            Arrays.stream(producer.channels()).map(analysis.units::find).forEach(all::add);
        }
        List<Integer> free = all.stream()
                .filter(unit -> analysis.units.fixed(unit) == null && heads.contains(unit) == wanted)
                .toList();
        if (!free.isEmpty() && all.size() > 1) {
            result.add(new UnitGroup(
                    producers.stream().map(Analysis.Producer::layer).distinct().toList(),
                    producers.stream().map(Analysis.Producer::weight).distinct().toList(),
                    free,
                    all.size(),
                    wanted));
        }
    }
}
