package pomona.simplify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Value;
import pomona.pass.Pass;

/**
 * Removes operators that hand on their input: Identity, Dropout (which does nothing when a network is used), casts to the
 * type a value has, reshapes to the shape it has, transpositions that move nothing, additions of 0, multiplications by 1,
 * and the like; in sub-graphs too.
 */
public record IdentityFolding() implements Pass {

    @Override
    public Network transform(Network network) {
        return Subgraphs.transform(foldGraph(network), this::transform);
    }

    private static Network foldGraph(Network network) {
        IdleOperators idle = new IdleOperators(network);
        Set<String> kept = KeptNames.of(network);
        Map<String, String> standIns = new HashMap<>();
        Map<String, String> renamed = new HashMap<>();
        Map<String, Node> producers = network.graph().producers();
        List<Node> rest = new ArrayList<>();
        for (Node node : network.nodes()) {
            int place = idle.handsOn(node);
            String input = place < 0 ? "" : standIns.getOrDefault(node.input(place), node.input(place));
            if (place < 0) {
                rest.add(node);
            } else if (!kept.contains(node.output())) {
                standIns.put(node.output(), input);
            } else if (producers.containsKey(input) && !kept.contains(input) && !renamed.containsKey(input)) {
                // The maker of the input gives the output its name.
                renamed.put(input, node.output());
            } else {
                rest.add(node);
            }
        }
        if (rest.size() == network.nodes().size()) {
            return network;
        }
        NetworkBuilder builder = network.toBuilder();
        builder.nodes(rest.stream()
                .map(node -> node.withInputs(names(names(node.inputs(), standIns), renamed))
                        .withOutputs(names(node.outputs(), renamed)))
                .toList());
        List<Value> values = network.graph().values().stream()
                .filter(value -> !standIns.containsKey(value.name()) && !renamed.containsKey(value.name()))
                .toList();
        return new DeadNodeElimination().transform(builder.values(values).build());
    }

    private static List<String> names(List<String> names, Map<String, String> changes) {
        return names.stream().map(name -> changes.getOrDefault(name, name)).toList();
    }
}
