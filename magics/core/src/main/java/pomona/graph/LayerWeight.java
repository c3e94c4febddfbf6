package pomona.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weight matrix or kernel of a linear or convolutional operator, found also behind Identity and Transpose.
 *
 * <p>Biases, normalizations and embeddings are not layer weights.
 *
 * @param layer the name to show for the layer: its node's, or its weight's when the node has none
 * @param node the operator that multiplies with the weight: Gemm, MatMul, Conv or ConvTranspose
 * @param name the weight's name in the network
 * @param tensor the weight, of a floating-point type and at least two dimensions
 * @param outputAxis the dimension of the stored tensor that counts output features or channels
 */
public record LayerWeight(String layer, Node node, String name, Tensor tensor, int outputAxis) {

    /** The layer weights of a network in the order of its operators; a weight that is used twice comes once. */
    public static List<LayerWeight> of(Network network) {
        Map<String, LayerWeight> found = new LinkedHashMap<>();
        uses(network).forEach(weight -> found.putIfAbsent(weight.name(), weight));
        return List.copyOf(found.values());
    }

    /** The layer weights of a network in the order of its operators; a weight that is used twice comes twice. */
    public static List<LayerWeight> uses(Network network) {
        Map<String, Node> producers = network.graph().producers();
        List<LayerWeight> found = new ArrayList<>();
        for (Node node : network.nodes()) {
            for (int place : places(node)) {
                LayerWeight weight = trace(network, producers, node, place);
                if (weight != null) {
                    found.add(weight);
                }
            }
        }
        return found;
    }

    private static int[] places(Node node) {
        if (node.is("Conv") || node.is("ConvTranspose")) {
            return new int[] {1};
        }
        return node.is("Gemm") || node.is("MatMul") ? new int[] {1, 0} : new int[0];
    }

    private static LayerWeight trace(Network network, Map<String, Node> producers, Node node, int place) {
        String name = node.input(place);
        List<long[]> permutations = new ArrayList<>();
        Node maker = producers.get(name);
        while (maker != null && (maker.is("Identity") || maker.is("Transpose"))) {
            if (maker.is("Transpose")) {
                permutations.add(maker.integers("perm"));
            }
            name = maker.input(0);
            maker = producers.get(name);
        }
        Tensor tensor = network.weights().get(name);
        if (tensor == null || tensor.rank() < 2 || !tensor.type().isFloating()) {
            return null;
        }
        int axis = outputAxis(node, place, tensor.rank());
        for (long[] permutation : permutations) {
            axis = permutation.length == 0 ? tensor.rank() - 1 - axis : Math.toIntExact(permutation[axis]);
        }
        return new LayerWeight(node.name().isEmpty() ? name : node.name(), node, name, tensor, axis);
    }

    private static int outputAxis(Node node, int place, int rank) {
        return switch (node.op()) {
            case "Conv" -> 0;
            case "ConvTranspose" -> 1;
            case "Gemm" -> place == 1 ? (node.integer("transB", 0) == 0 ? 1 : 0) : (int) node.integer("transA", 0);
            default -> place == 1 ? rank - 1 : rank - 2;
        };
    }

    /**
     * The name by which tables show the layer, see {@link LayerName}; of a layer that has a name of its own, such as one inside
     * of a branch, that name.
     */
    public String shown() {
        boolean own = !layer.equals(node.name()) && !layer.equals(name);
        return own ? layer : LayerName.of(node, name);
    }

    /** For example {@code fc1 (weight fc1.weight float[300,784])}. */
    @Override
    public String toString() {
        return layer + " (weight " + name + " " + tensor.type().name().toLowerCase(java.util.Locale.ROOT)
                + Arrays.toString(tensor.shape()).replace(" ", "") + ")";
    }
}
