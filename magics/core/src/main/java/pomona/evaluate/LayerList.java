package pomona.evaluate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.ElementType;
import pomona.graph.LayerName;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

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
                entries.add(plain(network, group));
                continue;
            }
            merged.get(composite).addAll(group.nodes());
            Integer before = places.put(composite, entries.size());
            if (before != null) {
                entries.set(before, null);
            }
            entries.add(whole(network, composites.get(composite), merged.get(composite), group.output()));
        }
        entries.removeIf(entry -> entry == null);
        return entries;
    }

    private static Entry plain(Network network, LayerGroup group) {
        String name = name(network, group.core(), group.nodes(), group.isProduct());
        return new Entry(name, group.core().op(), group.nodes(), group.output());
    }

    /**
     * The name of a layer of one main operator.
     *
     * @param nodes the main operator, and others that belong to it
     * @param named whether the layer is known by the place of its operator, as a linear layer is, or by the operator itself
     */
    static String name(Network network, Node core, Collection<Node> nodes, boolean named) {
        String owner = LayerName.isNumbered(core) ? owner(network, nodes) : "";
        if (!owner.isEmpty()) {
            return owner;
        }
        String label = core.label();
        boolean path = label.contains("/") && (label.startsWith("/") || named);
        return !path ? label : named ? common(List.of(core)) : LayerName.dotted(label);
    }

    private static Entry whole(Network network, CompositeLayers.Composite composite, Set<Node> nodes, String output) {
        String common = common(List.copyOf(composite.members()));
        String name = common.isEmpty() ? owner(network, nodes) : common;
        String label = composite.members().iterator().next().label();
        return new Entry(name.isEmpty() ? label : name, composite.operator(), List.copyOf(nodes), output);
    }

    /** The module that the weights of operators belong to, by what their names have in common; empty when unknown. */
    private static String owner(Network network, Collection<Node> nodes) {
        return shared(nodes.stream()
                .flatMap(node -> node.inputs().stream())
                .filter(input ->
                        input.contains(".") && isLearned(network.weights().get(input)))
                .map(input -> input.substring(0, input.lastIndexOf('.')))
                .distinct()
                .map(input -> List.of(input.split("\\.")))
                .toList());
    }

    private static boolean isLearned(Tensor weight) {
        return weight != null && weight.type() != ElementType.INT64 && weight.type() != ElementType.BOOL;
    }

    /** The beginning that the names of operators have in common, without the operators' own last parts. */
    private static String common(List<Node> nodes) {
        List<List<String>> places = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Node node : nodes) {
            if (seen.add(node.name())) {
                List<String> parts = List.of(LayerName.dotted(node.name()).split("\\."));
                boolean ownName = parts.get(parts.size() - 1).startsWith(node.op());
                places.add(parts.subList(0, ownName || nodes.size() > 1 ? parts.size() - 1 : parts.size()));
            }
        }
        return shared(places);
    }

    private static String shared(List<List<String>> places) {
        List<String> shared = places.isEmpty() ? List.of() : places.get(0);
        for (List<String> place : places) {
            int equal = 0;
            while (equal < Math.min(shared.size(), place.size())
                    && shared.get(equal).equals(place.get(equal))) {
                equal++;
            }
            shared = shared.subList(0, equal);
        }
        return String.join(".", shared);
    }
}
