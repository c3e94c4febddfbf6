package pomona.evaluate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Network;
import pomona.graph.Node;

/** The layers of a network as people see them, in the order in which they end. */
final class LayerList {

    /**
     * One layer.
     *
     * @param name what to call it: the name of its main operator, or what the names of its operators have in common
     * @param operator its main operator, or what it is as a whole, such as Attention
     * @param nodes its operators
     * @param output the value that leaves it; empty when there is none
     */
    record Entry(String name, String operator, List<Node> nodes, String output) {}

    private LayerList() {}

    static List<Entry> of(Network network) {
        List<LayerGroup> groups = LayerGroup.of(network);
        Map<Node, Integer> compositeOf = new HashMap<>();
        List<CompositeLayers.Composite> composites = new ArrayList<>();
        for (CompositeLayers.Composite composite : new CompositeLayers(network, groups).find()) {
            if (composite.members().stream().noneMatch(compositeOf::containsKey)) {
                composite.members().forEach(member -> compositeOf.put(member, composites.size()));
                composites.add(composite);
            }
        }
        List<Entry> entries = new ArrayList<>();
        List<Set<Node>> merged = new ArrayList<>();
        composites.forEach(composite -> merged.add(new LinkedHashSet<>()));
        Map<Integer, Integer> places = new HashMap<>();
        for (LayerGroup group : groups) {
            Integer composite = group.nodes().stream()
                    .map(compositeOf::get)
                    .filter(c -> c != null)
                    .findFirst()
                    .orElse(null);
            if (composite == null) {
                entries.add(plain(group));
                continue;
            }
            merged.get(composite).addAll(group.nodes());
            Integer before = places.put(composite, entries.size());
            if (before != null) {
                entries.set(before, null);
            }
            entries.add(whole(composites.get(composite), merged.get(composite), group.output()));
        }
        entries.removeIf(entry -> entry == null);
        return entries;
    }

    private static Entry plain(LayerGroup group) {
        return new Entry(name(group.core(), group.isProduct()), group.core().op(), group.nodes(), group.output());
    }

    /**
     * The name of a layer of one main operator.
     *
     * @param named whether the layer is known by the place of its operator, as a linear layer is, or by the operator itself
     */
    static String name(Node core, boolean named) {
        String label = core.label();
        boolean path = label.contains("/") && (label.startsWith("/") || named);
        return !path ? label : named ? common(List.of(core)) : dotted(label);
    }

    private static Entry whole(CompositeLayers.Composite composite, Set<Node> nodes, String output) {
        String name = common(List.copyOf(composite.members()));
        String label = composite.members().iterator().next().label();
        return new Entry(name.isEmpty() ? label : name, composite.operator(), List.copyOf(nodes), output);
    }

    private static String dotted(String path) {
        return (path.startsWith("/") ? path.substring(1) : path).replace('/', '.');
    }

    /** The beginning that the names of operators have in common, without the operators' own last parts. */
    private static String common(List<Node> nodes) {
        List<String> shared = null;
        Set<String> seen = new HashSet<>();
        for (Node node : nodes) {
            if (!seen.add(node.name())) {
                continue;
            }
            List<String> parts = new ArrayList<>(List.of(dotted(node.name()).split("\\.")));
            boolean ownName = parts.get(parts.size() - 1).startsWith(node.op());
            List<String> place = parts.subList(0, ownName || nodes.size() > 1 ? parts.size() - 1 : parts.size());
            if (shared == null) {
                shared = place;
            }
            int equal = 0;
            while (equal < Math.min(shared.size(), place.size())
                    && shared.get(equal).equals(place.get(equal))) {
                equal++;
            }
            shared = shared.subList(0, equal);
        }
        return shared == null ? "" : String.join(".", shared);
    }
}
