package pomona.quantize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * A graph of a network as a network of its own: the whole, or a branch or body of If, Loop or Scan, in which constants of
 * the graphs around it are weights and other values from there are inputs.
 *
 * @param path where the graph is: empty for the whole, else the outputs and attributes of the operators that it lies in
 * @param graph the graph as it lies there
 * @param network the graph by itself
 * @param owners the paths of the graphs that its constants from outside belong to, by the constants' names
 * @param scanned whether it is the body of a Scan
 * @param obstacle why values in it can not be measured; empty when they can
 */
record InnerGraph(
        String path, Graph graph, Network network, Map<String, String> owners, boolean scanned, String obstacle) {

    /** The graphs of a network, each before those inside it. */
    static List<InnerGraph> of(Network network) {
        List<InnerGraph> graphs = new ArrayList<>();
        collect(new InnerGraph("", network.graph(), network, Map.of(), false, ""), graphs);
        return graphs;
    }

    private static void collect(InnerGraph graph, List<InnerGraph> graphs) {
        graphs.add(graph);
        for (Node node : graph.network.nodes()) {
            node.attributes().forEach((name, attribute) -> {
                if (attribute instanceof Attribute.Subgraph inner) {
                    collect(graph.inside(node, name, inner.value()), graphs);
                }
            });
        }
    }

    /** The path of a graph that an operator of the graph at a path holds. */
    static String path(String outer, Node node, String attribute) {
        return outer + node.output() + "." + attribute + "/";
    }

    /** Whether this is the whole network. */
    boolean isWhole() {
        return path.isEmpty();
    }

    private InnerGraph inside(Node node, String attribute, Graph body) {
        NetworkBuilder builder = Network.builder(body.name())
                .opsets(network.opsets())
                .inputs(body.inputs())
                .outputs(body.outputs())
                .nodes(body.nodes())
                .values(body.values())
                .extras(body.extra(), Opaque.NONE);
        Map<String, String> outside = new HashMap<>();
        for (String name : taken(body)) {
            Tensor constant = network.weights().get(name);
            if (constant == null) {
                builder.input(new Value(name, null, null, Opaque.NONE));
            } else {
                builder.weight(name, constant);
                outside.put(name, owners.getOrDefault(name, path));
            }
        }
        body.weights().forEach(builder::weight);
        return new InnerGraph(
                path(path, node, attribute), body, builder.build(), outside, node.is("Scan"), obstacle(node));
    }

    /** What is counted on: each run of a body gives values of any shape, but all runs of a Scan the same one. */
    private String obstacle(Node node) {
        if (!obstacle.isEmpty()) {
            return obstacle;
        }
        if (!node.is("If") && !node.is("Loop") && !node.is("Scan")) {
            return "values inside " + node.op() + " are not measured";
        }
        return scanned ? "values inside " + node.op() + " inside Scan are not measured" : "";
    }

    private static Set<String> taken(Graph body) {
        return Node.of("", "", List.of())
                .with("body", new Attribute.Subgraph(body))
                .capturedValues();
    }

    /**
     * The graph to put where this one was, with what is outside left out again.
     *
     * @param changed this graph by itself after changes
     * @param more weights that came from outside on the way
     */
    Graph body(Network changed, Set<String> more) {
        Map<String, Tensor> weights = new LinkedHashMap<>(changed.weights());
        weights.keySet().removeAll(owners.keySet());
        weights.keySet().removeAll(more);
        return new Graph(
                graph.name(),
                graph.inputs(),
                graph.outputs(),
                changed.nodes(),
                weights,
                changed.graph().values(),
                graph.extra());
    }
}
