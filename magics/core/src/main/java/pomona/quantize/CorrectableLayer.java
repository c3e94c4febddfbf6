package pomona.quantize;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * A layer with a quantized weight whose output's mean can be corrected by a bias.
 *
 * @param node the product
 * @param holder the node whose bias is moved: the product, or the Add behind it
 * @param value the product's output in the quantized network
 * @param reference the same value in the network of floats
 * @param axis the dimension of channels in it; -1 is the last one
 */
record CorrectableLayer(Node node, Node holder, String value, String reference, int axis) {

    /**
     * The layers of a network, in its order.
     *
     * @param known the values that the network of floats has
     * @param depths gets, for each value, how many layers lie on the longest way to it
     */
    static List<CorrectableLayer> of(Network network, Set<String> known, Map<String, Integer> depths) {
        Map<String, Node> producers = network.graph().producers();
        Map<String, List<Node>> consumers = network.graph().consumers();
        List<CorrectableLayer> layers = new ArrayList<>();
        for (Node node : network.nodes()) {
            int depth = node.inputs().stream()
                    .mapToInt(input -> depths.getOrDefault(input, 0))
                    .max()
                    .orElse(0);
            CorrectableLayer layer = of(network, node, producers, consumers, known);
            if (layer != null) {
                layers.add(layer);
                depth++;
            }
            for (String output : node.outputs()) {
                depths.put(output, depth);
            }
        }
        return layers;
    }

    private static CorrectableLayer of(
            Network network,
            Node node,
            Map<String, Node> producers,
            Map<String, List<Node>> consumers,
            Set<String> known) {
        boolean product = node.is("Conv") || node.is("Gemm") || node.is("MatMul");
        Node maker = product ? producers.get(node.input(1)) : null;
        if (maker == null || !maker.is("DequantizeLinear") || !network.weights().containsKey(maker.input(0))) {
            return null;
        }
        String value = node.output();
        // A convolution that is an output of the network is dequantized under the output's name.
        String reference = value.endsWith(".float") && !known.contains(value)
                ? value.substring(0, value.length() - ".float".length())
                : value;
        Node holder = node.is("MatMul") ? add(network, value, consumers) : node;
        return holder == null || !known.contains(reference)
                ? null
                : new CorrectableLayer(node, holder, value, reference, node.is("Conv") ? 1 : -1);
    }

    /** Whether a layer of a network of floats can be corrected once it is quantized. */
    static boolean canBe(Network floats, Node node) {
        return !node.is("MatMul") || add(floats, node.output(), floats.graph().consumers()) != null;
    }

    /** The Add of a constant vector that alone takes a product. */
    private static Node add(Network network, String product, Map<String, List<Node>> consumers) {
        List<Node> takers = consumers.getOrDefault(product, List.of());
        if (takers.size() != 1 || !takers.get(0).is("Add")) {
            return null;
        }
        Node add = takers.get(0);
        Tensor vector = network.weights().get(add.input(add.input(0).equals(product) ? 1 : 0));
        return vector != null && vector.type().isFloating() && vector.rank() > 0 && vector.dim(-1) == vector.size()
                ? add
                : null;
    }
}
