package pomona.quantize;

import java.util.HashSet;
import java.util.Set;
import pomona.graph.Network;
import pomona.graph.Node;

/** Finds names that nothing in a network has: names of values and names of nodes are two kinds, unique in each. */
final class FreshNames {

    private final Set<String> values = new HashSet<>();
    private final Set<String> nodes = new HashSet<>();

    FreshNames(Network network) {
        values.addAll(network.weights().keySet());
        network.signature().inputs().forEach(input -> values.add(input.name()));
        for (Node node : network.nodes()) {
            values.addAll(node.outputs());
            nodes.add(node.name());
        }
    }

    /** A free name for a value, which is the wish when that is free. */
    String value(String wish) {
        return fresh(wish, values);
    }

    /** A free name for a node, which is the wish when that is free. */
    String node(String wish) {
        return fresh(wish, nodes);
    }

    private static String fresh(String wish, Set<String> taken) {
        String name = wish;
        for (int i = 1; !taken.add(name); i++) {
            name = wish + "_" + i;
        }
        return name;
    }
}
