package pomona.structure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Leaves out initial states of recurrent layers that are all zero, which is what they are when none is given. */
final class InitialStates {

    private static final Set<String> RECURRENT = Set.of("LSTM", "GRU", "RNN");
    private static final Set<String> MOVING =
            Set.of("Expand", "Slice", "Reshape", "Unsqueeze", "Squeeze", "Transpose", "Identity", "Tile");

    private InitialStates() {}

    static Network drop(Network network) {
        Map<String, Node> producers = network.graph().producers();
        List<Node> nodes = new ArrayList<>();
        boolean changed = false;
        for (Node node : network.nodes()) {
            Node plain = node;
            for (int state = 5; node.domain().isEmpty() && RECURRENT.contains(node.op()) && state <= 6; state++) {
                if (node.hasInput(state) && isZero(network, producers, node.input(state))) {
                    plain = Nodes.withInput(plain, state, "");
                }
            }
            changed |= plain != node;
            nodes.add(plain);
        }
        return changed ? network.toBuilder().nodes(nodes).build() : network;
    }

    private static boolean isZero(Network network, Map<String, Node> producers, String value) {
        Tensor weight = network.weights().get(value);
        if (weight != null) {
            return weight.countNonZeros() == 0;
        }
        Node maker = producers.get(value);
        if (maker == null || !maker.domain().isEmpty()) {
            return false;
        }
        if (maker.is("ConstantOfShape")) {
            return !(maker.attributes().get("value") instanceof Attribute.Constant c)
                    || c.value().countNonZeros() == 0;
        }
        return MOVING.contains(maker.op()) && isZero(network, producers, maker.input(0));
    }
}
