package pomona.simplify;

import java.util.HashSet;
import java.util.Set;
import pomona.graph.Network;
import pomona.graph.Node;

/** The values whose names must stay: outputs of the network, and what sub-graphs take from outside. */
final class KeptNames {

    private KeptNames() {}

    static Set<String> of(Network network) {
        Set<String> kept = new HashSet<>(takenBySubgraphs(network));
        network.signature().outputs().forEach(output -> kept.add(output.name()));
        return kept;
    }

    static Set<String> takenBySubgraphs(Network network) {
        Set<String> taken = new HashSet<>();
        for (Node node : network.nodes()) {
            Set<String> inside = new HashSet<>(node.takes());
            node.inputs().forEach(inside::remove);
            taken.addAll(inside);
        }
        return taken;
    }
}
