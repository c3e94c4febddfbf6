package pomona.simplify;

import java.util.HashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Set;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Value;
import pomona.pass.Pass;

/**
 * Removes operators and weights that reach no output of the network, or of the sub-graph they are in. Inputs stay, used
 * or not.
 */
public record DeadNodeElimination() implements Pass {

    @Override
    public Network transform(Network network) {
        return eliminate(Subgraphs.transform(network, this::transform));
    }

    private static Network eliminate(Network network) {
        Set<String> needed = new HashSet<>();
        network.signature().outputs().forEach(output -> needed.add(output.name()));
        LinkedList<Node> alive = new LinkedList<>();
        List<Node> nodes = network.nodes();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            Node node = nodes.get(i);
            if (node.outputs().stream().anyMatch(needed::contains)) {
                alive.addFirst(node);
                needed.addAll(node.takes());
            }
        }
        boolean allUsed = alive.size() == nodes.size()
                && needed.containsAll(network.weights().keySet());
        if (allUsed) {
            return network;
        }
        NetworkBuilder builder = network.toBuilder().nodes(alive);
        network.weights().keySet().stream()
                .filter(name -> !needed.contains(name))
                .forEach(builder::removeWeight);
        Set<String> made = new HashSet<>(network.weights().keySet());
        alive.forEach(node -> made.addAll(node.outputs()));
        List<Value> values = network.graph().values().stream()
                .filter(value -> made.contains(value.name()))
                .toList();
        return builder.values(values).build();
    }
}
