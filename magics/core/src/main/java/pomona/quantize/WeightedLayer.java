package pomona.quantize;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;

/**
 * An operator of a network of floats with a weight that quantization may store in another way: a product, a convolution, a
 * table of embeddings or a recurrent layer. Layers that share a weight are several.
 *
 * @param name the operator's name, or its weight's when it has none
 * @param node the operator
 * @param weight the name of its weight, of the first one where it has several
 * @param input the name of what it takes
 */
record WeightedLayer(String name, Node node, String weight, String input) {

    /** The recurrent layers. */
    static final Set<String> RECURRENT = Set.of("LSTM", "GRU", "RNN");

    /** The layers of a network by name, in the order of its operators. */
    static Map<String, WeightedLayer> of(Network network) {
        Map<Node, List<LayerWeight>> products =
                LayerWeight.uses(network).stream().collect(Collectors.groupingBy(LayerWeight::node));
        Map<String, WeightedLayer> layers = new LinkedHashMap<>();
        for (Node node : network.nodes()) {
            WeightedLayer layer = null;
            if (products.containsKey(node)) {
                String weight = products.get(node).get(0).name();
                boolean second = node.input(0).equals(weight);
                layer = named(node, weight, node.input(second ? 1 : 0), layers);
            } else if (BlockTargets.isLookUp(node, network)) {
                layer = named(node, node.input(0), node.input(1), layers);
            } else if (node.domain().isEmpty()
                    && RECURRENT.contains(node.op())
                    && network.weights().containsKey(node.input(1))) {
                layer = named(node, node.input(1), node.input(0), layers);
            }
            if (layer != null) {
                layers.put(layer.name(), layer);
            }
        }
        return layers;
    }

    private static WeightedLayer named(Node node, String weight, String input, Map<String, WeightedLayer> others) {
        String name = node.name().isEmpty() ? weight : node.name();
        return new WeightedLayer(others.containsKey(name) ? node.label() : name, node, weight, input);
    }

    /** The name of the first thing that it gives. */
    String output() {
        return node.outputs().stream()
                .filter(output -> !output.isEmpty())
                .findFirst()
                .orElseThrow();
    }
}
