package pomona.evaluate;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import pomona.graph.LayerName;
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
     * {@code .weight}. Where two layers would have one name, each has that of its operator; where these have one name too, the
     * weight's stands behind it.
     */
    public static Map<String, String> of(Network network) {
        Map<String, Node> layers = new LinkedHashMap<>();
        LayerWeight.of(network).forEach(weight -> layers.put(weight.name(), weight.node()));
        for (Node node : network.nodes()) {
            if (node.is("Gather") && network.weights().containsKey(node.input(0))) {
                layers.putIfAbsent(node.input(0), node);
            }
        }
        Map<String, Integer> counts = new HashMap<>();
        layers.forEach((weight, node) -> counts.merge(LayerName.of(node, weight), 1, Integer::sum));
        Map<String, Integer> operators = new HashMap<>();
        layers.values().forEach(node -> operators.merge(node.name(), 1, Integer::sum));
        Map<String, String> names = new LinkedHashMap<>();
        layers.forEach((weight, node) -> {
            String name = LayerName.of(node, weight);
            boolean own = !node.name().isEmpty() && operators.get(node.name()) == 1;
            names.put(weight, counts.get(name) == 1 ? name : own ? node.name() : name + " (" + weight + ")");
        });
        return Collections.unmodifiableMap(names);
    }
}
