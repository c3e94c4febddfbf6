package pomona.simplify;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.Constants;
import pomona.graph.FreshNames;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.pass.NearestNames;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Rewrites a network of operator set 7 or newer in a newer one, up to 22, sub-graphs included; a network that is written
 * in it already stays as it is. Operators whose form or meaning changed on the way are rewritten, see {@link UpgradeRules};
 * outputs stay as they are. Sources: the change logs of the ONNX operator specification, sets 7 to 22.
 *
 * @param opset the operator set to write in, 10 to 22
 */
public record OpsetUpgrade(
        @Option(value = "the operator set to write in, 10 to 22", defaultsTo = "21")
        long opset) implements Pass {

    /** The oldest operator set that can be rewritten. */
    public static final long OLDEST = 7;

    /** The newest operator set that can be written. */
    public static final long NEWEST = 22;

    public OpsetUpgrade {
        if (opset < 10 || opset > NEWEST) {
            throw new IllegalArgumentException(
                    "Option opset is " + opset + ", but networks are rewritten in operator sets 10 to " + NEWEST + ".");
        }
    }

    /** Rewrites in operator set 21, the oldest one with 4-bit integers and quantization by blocks. */
    public OpsetUpgrade() {
        this(21);
    }

    /**
     * Rewrites the network.
     *
     * @throws IllegalArgumentException if the network is newer, or an operator can not be rewritten; the message names it
     *     and both operator sets
     */
    @Override
    public Network transform(Network network) {
        if (network.opset() > opset) {
            throw new IllegalArgumentException("Network " + network.name() + " is written in operator set "
                    + network.opset() + "; it can be rewritten in a newer one, but not in " + opset + ".");
        }
        if (network.opset() == opset) {
            return network;
        }
        if (network.opset() < OLDEST) {
            throw new IllegalArgumentException(
                    "Network " + network.name() + " is written in operator set " + network.opset()
                            + "; it can be rewritten from " + OLDEST + " on, so export it again in a newer one.");
        }
        Rewriter rewriter = new Rewriter(
                network,
                opset,
                ShapeInference.graphs(network),
                taken(network),
                new FreshNames(network),
                new LinkedHashMap<>());
        List<Node> nodes = rewriter.nodes(network.graph(), List.of(network.graph()));
        NetworkBuilder builder = network.toBuilder().nodes(nodes).opset("", opset);
        rewriter.added.forEach(builder::weight);
        return new DeadNodeElimination().transform(builder.build());
    }

    private static Set<String> taken(Network network) {
        Set<String> taken = new HashSet<>();
        collect(network.graph(), taken);
        return taken;
    }

    private static void collect(Graph graph, Set<String> taken) {
        graph.outputs().forEach(output -> taken.add(output.name()));
        for (Node node : graph.nodes()) {
            taken.addAll(node.inputs());
            for (Attribute attribute : node.attributes().values()) {
                if (attribute instanceof Attribute.Subgraph subgraph) {
                    collect(subgraph.value(), taken);
                }
            }
        }
    }

    private record Rewriter(
            Network network,
            long to,
            Map<Graph, Map<String, Value>> known,
            Set<String> taken,
            FreshNames names,
            Map<String, Tensor> added) {

        /** The nodes of a graph, rewritten; the graphs around it come last in the list. */
        List<Node> nodes(Graph graph, List<Graph> scopes) {
            List<Node> nodes = new ArrayList<>();
            for (Node node : graph.nodes()) {
                check(node);
                Node inner = withSubgraphs(node, scopes);
                nodes.addAll(UpgradeRules.apply(new Upgrading(
                        this.network,
                        to,
                        inner,
                        value -> find(value, scopes),
                        name -> constant(name, scopes),
                        taken,
                        names,
                        added)));
            }
            return nodes;
        }

        private void check(Node node) {
            if (node.domain().isEmpty() && !StandardOperators.NAMES.contains(node.op())) {
                throw new IllegalArgumentException("Node " + node.label() + " of network " + network.name()
                        + " is of the operator " + node.op() + ", which ONNX does not have"
                        + NearestNames.suggest(node.op(), StandardOperators.NAMES));
            }
        }

        private Node withSubgraphs(Node node, List<Graph> scopes) {
            Node changed = node;
            for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
                if (attribute.getValue() instanceof Attribute.Subgraph subgraph) {
                    Graph body = subgraph.value();
                    List<Graph> inner = new ArrayList<>(List.of(body));
                    inner.addAll(scopes);
                    Graph rewritten = new Graph(
                            body.name(),
                            body.inputs(),
                            body.outputs(),
                            nodes(body, inner),
                            body.weights(),
                            body.values(),
                            body.extra());
                    changed = changed.with(attribute.getKey(), new Attribute.Subgraph(rewritten));
                }
            }
            return changed;
        }

        private Value find(String value, List<Graph> scopes) {
            for (Graph scope : scopes) {
                Value found = known.getOrDefault(scope, Map.of()).get(value);
                if (found != null) {
                    return found;
                }
            }
            return null;
        }

        private Tensor constant(String name, List<Graph> scopes) {
            for (Graph scope : scopes) {
                Tensor tensor = scope.weights().get(name);
                if (tensor != null) {
                    return tensor;
                }
                for (Node node : scope.nodes()) {
                    if (node.is("Constant") && node.output().equals(name)) {
                        return Constants.valueOf(node);
                    }
                }
            }
            return null;
        }
    }
}
