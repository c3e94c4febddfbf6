package pomona.graph;

import java.util.HashSet;
import java.util.Set;

/**
 * Finds names that nothing in a network has, its sub-graphs included: names of values and names of nodes are two kinds,
 * unique in each.
 */
public final class FreshNames {

    private final Set<String> values = new HashSet<>();
    private final Set<String> nodes = new HashSet<>();

    /** Knows the names that a network has now. */
    public FreshNames(Network network) {
        collect(network.graph());
    }

    private void collect(Graph graph) {
        values.addAll(graph.weights().keySet());
        graph.inputs().forEach(input -> values.add(input.name()));
        for (Node node : graph.nodes()) {
            values.addAll(node.outputs());
            nodes.add(node.name());
            for (Attribute attribute : node.attributes().values()) {
                if (attribute instanceof Attribute.Subgraph subgraph) {
                    collect(subgraph.value());
                }
            }
        }
    }

    /** A free name for a value, which is the wish when that is free. */
    public String value(String wish) {
        return fresh(wish, values);
    }

    /** A free name for a node, which is the wish when that is free. */
    public String node(String wish) {
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
