package pomona.simplify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Constants;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.Pass;

/**
 * Makes weights of Constant operators and of Transpose, Reshape, Squeeze, Unsqueeze and Identity of weights, and removes
 * Identity and Dropout operators, which do nothing when a network is used.
 */
public record ConstantFolding() implements Pass {

    @Override
    public Network transform(Network network) {
        Network lifted = Constants.lift(network);
        NetworkBuilder builder = lifted.toBuilder();
        Map<String, Tensor> constants = new HashMap<>(lifted.weights());
        List<Node> rest = new ArrayList<>();
        for (Node node : lifted.nodes()) {
            Tensor folded = ConstantLayout.fold(node, constants, lifted.opset());
            if (folded == null) {
                rest.add(node);
            } else {
                constants.put(node.output(), folded);
                builder.weight(node.output(), folded);
            }
        }
        List<Node> left = removeIdle(lifted, rest, constants);
        Set<String> used = new HashSet<>();
        left.forEach(node -> used.addAll(node.takes()));
        lifted.signature().outputs().forEach(output -> used.add(output.name()));
        constants.keySet().stream().filter(name -> !used.contains(name)).forEach(builder::removeWeight);
        return builder.nodes(left).build();
    }

    /** Removes operators that hand on their input, and lets those that took their output take the input. */
    private static List<Node> removeIdle(Network network, List<Node> nodes, Map<String, Tensor> constants) {
        Set<String> kept = new HashSet<>(takenBySubgraphs(nodes));
        network.signature().outputs().forEach(output -> kept.add(output.name()));
        Set<String> taken = new HashSet<>();
        nodes.forEach(node -> taken.addAll(node.inputs()));
        Map<String, String> standIns = new HashMap<>();
        List<Node> rest = new ArrayList<>();
        for (Node node : nodes) {
            boolean idle = node.is("Identity") || isIdleDropout(node, network, constants, taken);
            if (idle && !kept.contains(node.output())) {
                standIns.put(node.output(), standIns.getOrDefault(node.input(0), node.input(0)));
            } else {
                rest.add(node);
            }
        }
        return rest.stream().map(node -> rename(node, standIns)).toList();
    }

    private static Node rename(Node node, Map<String, String> standIns) {
        return node.withInputs(node.inputs().stream()
                .map(input -> standIns.getOrDefault(input, input))
                .toList());
    }

    private static Set<String> takenBySubgraphs(List<Node> nodes) {
        Set<String> taken = new HashSet<>();
        for (Node node : nodes) {
            Set<String> more = new HashSet<>(node.takes());
            node.inputs().forEach(more::remove);
            taken.addAll(more);
        }
        return taken;
    }

    private static boolean isIdleDropout(Node node, Network network, Map<String, Tensor> constants, Set<String> taken) {
        if (!node.is("Dropout") || network.opset() < 7) {
            return false;
        }
        boolean maskIsUsed =
                node.outputs().size() > 1 && taken.contains(node.outputs().get(1));
        Tensor training = constants.get(node.input(2));
        boolean trains = node.hasInput(2) && (training == null || training.countNonZeros() > 0);
        return !maskIsUsed && !trains;
    }
}
