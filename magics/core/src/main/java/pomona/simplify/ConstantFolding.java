package pomona.simplify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.ConstantOperators;
import pomona.graph.Constants;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.Pass;

/**
 * Makes weights of Constant operators, and of operators that take nothing but weights: layout, indexing, arithmetic,
 * comparisons and reductions; sub-graphs included. What several sub-graphs have alike is stored once, around them. What
 * would make the network larger by more than a megabyte stays, and so does the Transpose of a weight that other operators
 * take as it is: a table of embeddings that a product takes too is stored once.
 */
public record ConstantFolding() implements Pass {

    private static final long SMALL = 1L << 20;

    @Override
    public Network transform(Network network) {
        Network folded = foldGraph(network);
        Network inside = Subgraphs.transform(folded, this::transform);
        return inside == folded ? folded : new DeadNodeElimination().transform(EqualWeights.hoisted(inside));
    }

    private static Network foldGraph(Network network) {
        Network lifted = Constants.lift(network);
        NetworkBuilder builder = lifted.toBuilder();
        Map<String, Tensor> constants = new HashMap<>(lifted.weights());
        Set<String> shared = takenAsTheyAre(lifted);
        List<Node> rest = new ArrayList<>();
        for (Node node : lifted.nodes()) {
            if (node.is("Identity") && constants.containsKey(node.input(0))) {
                // A weight under another name: to copy it would part what is shared.
                constants.put(node.output(), constants.get(node.input(0)));
                rest.add(node);
                continue;
            }
            boolean parts = node.is("Transpose") && shared.contains(node.input(0));
            List<Tensor> made = parts ? null : fold(node, constants, lifted.opset());
            if (made == null) {
                rest.add(node);
                continue;
            }
            for (int i = 0; i < node.outputs().size(); i++) {
                if (!node.outputs().get(i).isEmpty()) {
                    constants.put(node.outputs().get(i), made.get(i));
                    builder.weight(node.outputs().get(i), made.get(i));
                }
            }
        }
        if (rest.size() == network.nodes().size()) {
            return network;
        }
        Set<String> used = new HashSet<>();
        rest.forEach(node -> used.addAll(node.takes()));
        lifted.signature().outputs().forEach(output -> used.add(output.name()));
        rest.removeIf(
                node -> node.is("Identity") && constants.containsKey(node.output()) && !used.contains(node.output()));
        constants.keySet().stream().filter(name -> !used.contains(name)).forEach(builder::removeWeight);
        return builder.nodes(rest).build();
    }

    /** The matrices that are outputs, or that operators take which do not fold and are no Transpose. */
    private static Set<String> takenAsTheyAre(Network network) {
        Set<String> taken = new HashSet<>();
        network.signature().outputs().forEach(output -> taken.add(output.name()));
        for (Node node : network.nodes()) {
            if (!node.is("Transpose") && !network.weights().keySet().containsAll(node.inputs())) {
                taken.addAll(node.takes());
            }
        }
        taken.retainAll(network.weights().keySet());
        taken.removeIf(name -> network.weight(name).rank() != 2);
        return taken;
    }

    private static List<Tensor> fold(Node node, Map<String, Tensor> constants, long opset) {
        boolean nested = node.attributes().values().stream().anyMatch(a -> a instanceof Attribute.Subgraph);
        if (nested || !node.domain().isEmpty() || node.inputs().isEmpty()) {
            return null;
        }
        List<Tensor> inputs = new ArrayList<>();
        for (String input : node.inputs()) {
            Tensor constant = input.isEmpty() ? null : constants.get(input);
            if (constant == null && !input.isEmpty()) {
                return null;
            }
            inputs.add(constant);
        }
        List<Tensor> made = grows(node, inputs) ? null : ConstantOperators.evaluate(node, inputs, opset);
        return made != null && made.size() >= node.outputs().size() && !grew(made, inputs) ? made : null;
    }

    /** Operators that repeat elements are judged before they are worked out. */
    private static boolean grows(Node node, List<Tensor> inputs) {
        if (node.is("ConstantOfShape") || node.is("Expand")) {
            Tensor shape = inputs.get(inputs.size() - 1);
            double elements = 1;
            for (long size : shape.toLongArray()) {
                elements *= size;
            }
            return elements * 8 > SMALL;
        }
        if (node.is("Tile")) {
            double times = 8 * inputs.get(0).size();
            for (long repeat : inputs.get(1).toLongArray()) {
                times *= repeat;
            }
            return times > SMALL;
        }
        return false;
    }

    private static boolean grew(List<Tensor> made, List<Tensor> inputs) {
        long before = inputs.stream().mapToLong(t -> t == null ? 0 : t.bytes()).sum();
        long after = made.stream().mapToLong(Tensor::bytes).sum();
        return after > before + SMALL;
    }
}
