package pomona.simplify;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.pass.Pass;

/**
 * Makes constants of sizes that a network computes although they are known: of Shape, and of what Gather, Concat,
 * arithmetic and the like make of it. A Reshape to sizes of which all but one are numbers or those of its input gets a
 * constant too, in which 0 copies a size and -1 is what is left. Other sizes that depend on the input stay computed.
 */
public record ShapeFolding() implements Pass {

    @Override
    public Network transform(Network network) {
        Map<String, Tensor> constants = ShapeInference.constants(network);
        Map<String, Value> shapes = ShapeInference.of(network);
        NetworkBuilder builder = network.toBuilder();
        List<Node> rest = new ArrayList<>();
        boolean changed = false;
        for (Node node : network.nodes()) {
            boolean known = !node.outputs().isEmpty()
                    && node.outputs().stream().allMatch(output -> output.isEmpty() || constants.containsKey(output));
            if (known) {
                node.outputs().stream()
                        .filter(output -> !output.isEmpty())
                        .forEach(output -> builder.weight(output, constants.get(output)));
                changed = true;
                continue;
            }
            boolean computed = node.is("Reshape")
                    && node.hasInput(1)
                    && !network.weights().containsKey(node.input(1))
                    && !constants.containsKey(node.input(1));
            long[] target = computed ? target(shapes.get(node.input(0)), shapes.get(node.output())) : null;
            if (target == null) {
                rest.add(node);
            } else {
                String name = builder.freshName(node.output() + ".shape");
                builder.weight(name, Tensor.ofLongs(target, target.length));
                Node constant = node.withInputs(List.of(node.input(0), name));
                rest.add(node.integer("allowzero", 0) == 0 ? constant : constant.without("allowzero"));
                changed = true;
            }
        }
        return changed ? new DeadNodeElimination().transform(builder.nodes(rest).build()) : network;
    }

    /** The sizes as a Reshape takes them, or null when more than one depends on the input. */
    private static long[] target(Value from, Value to) {
        if (from == null || from.shape() == null || to == null || to.shape() == null) {
            return null;
        }
        long[] target = new long[to.shape().size()];
        int open = 0;
        for (int i = 0; i < target.length; i++) {
            Dimension size = to.shape().get(i);
            boolean copied = i < from.shape().size()
                    && !size.equals(Dimension.UNKNOWN)
                    && size.equals(from.shape().get(i));
            target[i] = size.isFixed() ? size.size() : copied ? 0 : -1;
            open += target[i] == -1 ? 1 : 0;
            if (size.size() == 0) {
                return null;
            }
        }
        return open > 1 ? null : target;
    }
}
