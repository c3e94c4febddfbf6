package pomona.evaluate;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;

/** The names by which people know the layers that weights belong to. */
public final class LayerNames {

    private LayerNames() {}

    /**
     * The layer of each weight of a linear or convolutional operator and of each table of embeddings, by the weight's name:
     * {@code encoder.layer.0.attention.self.query} for an operator {@code
     * /encoder/layer.0/attention/self/query/MatMul}. Of an operator without a name it is the weight's name without
     * {@code .weight}. Where two layers would have one name, the weight's stands behind it.
     */
    public static Map<String, String> of(Network network) {
        Map<String, String> names = new LinkedHashMap<>();
        for (LayerWeight weight : LayerWeight.of(network)) {
            names.put(weight.name(), name(network, weight.node(), weight.name()));
        }
        for (Node node : network.nodes()) {
            if (node.is("Gather") && network.weights().containsKey(node.input(0))) {
                names.putIfAbsent(node.input(0), name(network, node, node.input(0)));
            }
        }
        Map<String, Integer> counts = new HashMap<>();
        names.values().forEach(name -> counts.merge(name, 1, Integer::sum));
        names.replaceAll((weight, name) -> counts.get(name) == 1 ? name : name + " (" + weight + ")");
        return Collections.unmodifiableMap(names);
    }

    private static String name(Network network, Node node, String weight) {
        return node.name().isEmpty()
                ? weight.replaceFirst("\\.weight$", "")
                : LayerList.name(network, node, List.of(node), true);
    }
}
