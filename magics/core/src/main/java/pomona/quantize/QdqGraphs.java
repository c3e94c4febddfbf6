package pomona.quantize;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.FreshNames;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Writes the plans of a network's graphs into them; a weight that several of them take is stored once, outside them. */
final class QdqGraphs {

    private final Map<String, InnerGraph> graphs;
    private final Map<String, List<QdqPart>> parts;
    private final boolean perChannel;
    private final int largest;
    private final FreshNames names;
    private final Map<Object, List<String>> shared = new HashMap<>();
    private final Map<String, Tensor> outer = new LinkedHashMap<>();

    /**
     * @param graphs the graphs of the network, by their paths
     * @param parts for each path the layers of few bits, then those of more, if any
     * @param perChannel whether each output of a layer has its own scale
     * @param largest the largest integer of a weight
     */
    QdqGraphs(Map<String, InnerGraph> graphs, Map<String, List<QdqPart>> parts, boolean perChannel, int largest) {
        this.graphs = graphs;
        this.parts = parts;
        this.perChannel = perChannel;
        this.largest = largest;
        this.names = new FreshNames(graphs.get("").network());
    }

    Network rewrite() {
        return rewrite(graphs.get(""));
    }

    private Network rewrite(InnerGraph graph) {
        List<QdqPart> own = parts.getOrDefault(
                graph.path(), List.of(new QdqPart(QdqPlan.of(graph.network(), List.of()), Map.of())));
        return new QdqRewriter(graph, own, this).rewrite();
    }

    /** An operator with its branches or body rewritten. */
    Node inner(String path, Node node) {
        Node changed = node;
        for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
            if (attribute.getValue() instanceof Attribute.Subgraph) {
                InnerGraph graph = graphs.get(InnerGraph.path(path, node, attribute.getKey()));
                changed = changed.with(
                        attribute.getKey(), new Attribute.Subgraph(graph.body(rewrite(graph), outer.keySet())));
            }
        }
        return changed;
    }

    /**
     * The names of the integers, scales and zero points of a weight from outside the graph that takes it.
     *
     * @param key what tells the weight and how it is quantized
     */
    List<String> stored(Object key, String name, QuantizedWeight weight, int axis) {
        return shared.computeIfAbsent(key, k -> weight.store(name, axis, names, outer));
    }

    /** The weights that lie outside of the graphs that take them. */
    Map<String, Tensor> outer() {
        return outer;
    }

    FreshNames names() {
        return names;
    }

    boolean perChannel() {
        return perChannel;
    }

    int largest() {
        return largest;
    }
}
