package pomona.simplify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.Pass;

/** Puts the branch of an If whose condition is a constant into the place of the If. */
public record BranchFolding() implements Pass {

    @Override
    public Network transform(Network network) {
        NetworkBuilder builder = network.toBuilder();
        List<Node> nodes = new ArrayList<>();
        boolean changed = false;
        for (Node node : network.nodes()) {
            Graph branch = chosen(node, network);
            if (branch == null) {
                nodes.add(node);
            } else {
                nodes.addAll(inline(node, branch, builder));
                // The names of one branch must be known before those of the next are chosen.
                builder.nodes(nodes);
                changed = true;
            }
        }
        return changed
                ? new DeadNodeElimination().transform(builder.nodes(nodes).build())
                : network;
    }

    private static Graph chosen(Node node, Network network) {
        Tensor condition = node.is("If") ? network.weights().get(node.input(0)) : null;
        if (condition == null || condition.size() != 1) {
            return null;
        }
        String name = condition.countNonZeros() > 0 ? "then_branch" : "else_branch";
        boolean readable = node.attributes().get(name) instanceof Attribute.Subgraph;
        Graph branch = readable ? ((Attribute.Subgraph) node.attributes().get(name)).value() : null;
        boolean nested = branch == null
                || branch.nodes().stream()
                        .flatMap(inner -> inner.attributes().values().stream())
                        .anyMatch(attribute -> attribute instanceof Attribute.Subgraph);
        return nested ? null : branch;
    }

    private static List<Node> inline(Node node, Graph branch, NetworkBuilder builder) {
        Map<String, String> names = new HashMap<>();
        branch.weights().forEach((name, tensor) -> {
            String free = builder.freshName(node.output() + "." + name);
            builder.weight(free, tensor);
            names.put(name, free);
        });
        for (Node inner : branch.nodes()) {
            inner.outputs().stream()
                    .filter(output -> !output.isEmpty())
                    .forEach(output -> names.put(output, builder.freshName(node.output() + "." + output)));
        }
        List<Node> nodes = new ArrayList<>();
        for (Node inner : branch.nodes()) {
            nodes.add(inner.withInputs(names(inner.inputs(), names)).withOutputs(names(inner.outputs(), names)));
        }
        for (int i = 0; i < node.outputs().size(); i++) {
            String output = branch.outputs().get(i).name();
            String name = node.outputs().get(i);
            nodes.add(Node.of("Identity", name, List.of(names.getOrDefault(output, output)), name));
        }
        return nodes;
    }

    private static List<String> names(List<String> names, Map<String, String> changes) {
        return names.stream().map(name -> changes.getOrDefault(name, name)).toList();
    }
}
