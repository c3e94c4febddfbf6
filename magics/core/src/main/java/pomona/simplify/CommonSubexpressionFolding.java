package pomona.simplify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.Pass;

/**
 * Works out once what a network works out several times: operators with the same inputs and attributes become one, and so
 * do equal constants that are not learned (integers, booleans, single numbers). Random operators stay apart, and learned
 * weights too, which may be equal now and differ after training. Each sub-graph is looked at by itself.
 */
public record CommonSubexpressionFolding() implements Pass {

    private static final Set<String> RANDOM = Set.of(
            "RandomNormal",
            "RandomNormalLike",
            "RandomUniform",
            "RandomUniformLike",
            "Multinomial",
            "Bernoulli",
            "Dropout");

    private record Expression(
            String domain, String op, List<String> inputs, Map<String, Attribute> attributes, List<Boolean> outputs) {}

    @Override
    public Network transform(Network network) {
        return Subgraphs.transform(foldGraph(network), this::transform);
    }

    private static Network foldGraph(Network network) {
        Set<String> kept = KeptNames.of(network);
        Map<String, String> standIns = equalConstants(network, kept);
        Map<Expression, Node> known = new HashMap<>();
        List<Node> rest = new ArrayList<>();
        for (Node original : network.nodes()) {
            Node node = original.withInputs(original.inputs().stream()
                    .map(input -> standIns.getOrDefault(input, input))
                    .toList());
            Node same = isFoldable(node, kept) ? known.get(expression(node)) : null;
            if (same == null) {
                known.putIfAbsent(expression(node), node);
                rest.add(node);
                continue;
            }
            for (int i = 0; i < node.outputs().size(); i++) {
                standIns.put(node.outputs().get(i), same.outputs().get(i));
            }
        }
        return standIns.isEmpty()
                ? network
                : new DeadNodeElimination()
                        .transform(network.toBuilder().nodes(rest).build());
    }

    private static boolean isFoldable(Node node, Set<String> kept) {
        return !RANDOM.contains(node.op())
                && node.outputs().stream().noneMatch(kept::contains)
                && node.attributes().values().stream().noneMatch(a -> a instanceof Attribute.Subgraph);
    }

    private static Expression expression(Node node) {
        return new Expression(
                node.domain(),
                node.op(),
                node.inputs(),
                node.attributes(),
                node.outputs().stream().map(String::isEmpty).toList());
    }

    private static Map<String, String> equalConstants(Network network, Set<String> kept) {
        Map<Tensor, String> first = new HashMap<>();
        Map<String, String> standIns = new HashMap<>();
        network.weights().forEach((name, tensor) -> {
            boolean learned = tensor.rank() > 0
                    && tensor.type() != ElementType.INT64
                    && tensor.type() != ElementType.INT32
                    && tensor.type() != ElementType.BOOL;
            if (!learned) {
                String other = first.putIfAbsent(tensor, name);
                if (other != null && !kept.contains(name)) {
                    standIns.put(name, other);
                }
            }
        });
        return standIns;
    }
}
