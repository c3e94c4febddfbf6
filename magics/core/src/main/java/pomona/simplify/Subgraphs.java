package pomona.simplify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import pomona.graph.Attribute;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * Simplifies the sub-graphs of If, Loop and Scan as networks of their own, of which what they take from outside is an
 * input or a weight.
 */
final class Subgraphs {

    /** Larger weights stay outside: folded into each branch they would be there several times. */
    private static final long SMALL = 1L << 20;

    private final Network network;
    private final Map<Graph, Map<String, Value>> known;

    private Subgraphs(Network network) {
        this.network = network;
        this.known = ShapeInference.graphs(network);
    }

    /** The network with each sub-graph simplified; itself when none changes. The pass gets to deeper ones by itself. */
    static Network transform(Network network, UnaryOperator<Network> pass) {
        boolean none = network.nodes().stream()
                .flatMap(node -> node.attributes().values().stream())
                .noneMatch(attribute -> attribute instanceof Attribute.Subgraph);
        if (none) {
            return network;
        }
        Subgraphs subgraphs = new Subgraphs(network);
        List<Node> nodes = network.nodes().stream()
                .map(node -> subgraphs.simplified(node, pass))
                .toList();
        return nodes.equals(network.nodes())
                ? network
                : network.toBuilder().nodes(nodes).build();
    }

    private Node simplified(Node node, UnaryOperator<Network> pass) {
        Node changed = node;
        for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
            if (attribute.getValue() instanceof Attribute.Subgraph subgraph) {
                Graph body = subgraph.value();
                Set<String> taken =
                        Node.of("", "", List.of()).with("body", subgraph).takes();
                Network simple = pass.apply(alone(body, taken));
                changed = changed.with(attribute.getKey(), new Attribute.Subgraph(body(body, taken, simple.graph())));
            }
        }
        return changed;
    }

    private Network alone(Graph body, Set<String> taken) {
        Map<String, Value> inside = known.getOrDefault(body, Map.of());
        NetworkBuilder builder = Network.builder(body.name())
                .opsets(network.opsets())
                .outputs(body.outputs())
                .nodes(body.nodes())
                .values(body.values())
                .extras(body.extra(), Opaque.NONE);
        body.inputs().forEach(input -> builder.input(inside.getOrDefault(input.name(), input)));
        Map<String, Value> outside = known.get(network.graph());
        for (String name : taken) {
            Tensor weight = network.weights().get(name);
            if (weight != null && weight.bytes() <= SMALL) {
                builder.weight(name, weight);
            } else {
                builder.input(outside.getOrDefault(name, new Value(name, null, null, Opaque.NONE)));
            }
        }
        body.weights().forEach(builder::weight);
        return builder.build();
    }

    /** What was outside is outside again; an output that became a constant has an operator that makes it. */
    private static Graph body(Graph before, Set<String> taken, Graph simple) {
        Map<String, Tensor> weights = new LinkedHashMap<>(simple.weights());
        weights.keySet().removeAll(taken);
        List<Node> nodes = new ArrayList<>();
        for (Value output : before.outputs()) {
            Tensor made = before.weights().containsKey(output.name()) ? null : weights.remove(output.name());
            if (made != null) {
                nodes.add(Node.of("Constant", output.name(), List.of(), output.name())
                        .with("value", Attribute.of(made)));
            }
        }
        nodes.addAll(simple.nodes());
        return new Graph(
                before.name(), before.inputs(), before.outputs(), nodes, weights, simple.values(), before.extra());
    }
}
