package pomona.prune;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.graph.Constants;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;
import pomona.pass.LayerPattern;

/**
 * The weights of a network that a technique may set to zero.
 *
 * @param network the network, with the weights of Constant operators lifted
 * @param layers the chosen weights, in the order of the operators
 */
record PrunableWeights(Network network, List<LayerWeight> layers) {

    static PrunableWeights of(Network given, String layers) {
        return of(given, layers, false);
    }

    /** The same, and of biases, normalizations and embeddings those that are asked for by name. */
    static PrunableWeights named(Network given, String layers) {
        return of(given, layers, true);
    }

    private static PrunableWeights of(Network given, String layers, boolean named) {
        Network network = Constants.lift(given);
        Set<String> embeddings = embeddings(network);
        List<LayerWeight> candidates = LayerWeight.of(network).stream()
                .filter(weight -> !embeddings.contains(weight.name()))
                .toList();
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("Network " + network.name()
                    + " has nothing to prune; a network to prune has Gemm, MatMul or Conv operators with constant"
                    + " floating-point weights.");
        }
        List<LayerWeight> others = named ? others(network, candidates) : List.of();
        return new PrunableWeights(network, new LayerPattern(layers).select(network.name(), candidates, others));
    }

    /** What no layer multiplies with, as weights of the operators that read them. */
    private static List<LayerWeight> others(Network network, List<LayerWeight> layers) {
        Set<String> taken = layers.stream().map(LayerWeight::name).collect(Collectors.toSet());
        Map<String, LayerWeight> found = new LinkedHashMap<>();
        for (Node node : network.nodes()) {
            for (String name : node.inputs()) {
                Tensor tensor = network.weights().get(name);
                if (tensor != null && tensor.type().isFloating() && tensor.rank() > 0 && !taken.contains(name)) {
                    found.putIfAbsent(name, new LayerWeight(name, node, name, tensor, 0));
                }
            }
        }
        return List.copyOf(found.values());
    }

    /** Tables that are looked up; a table may also be an output layer, and stays whole then. */
    private static Set<String> embeddings(Network network) {
        Set<String> tables = new HashSet<>();
        for (Node node : network.nodes()) {
            if (node.is("Gather")) {
                tables.add(node.input(0));
            }
        }
        return tables;
    }

    /** The network with zeros where the cuts say so. */
    Network apply(List<? extends Cut> cuts) {
        TensorStore store = TensorStore.of(
                layers.stream().mapToLong(layer -> layer.tensor().bytes()).sum());
        Map<String, Tensor> changed = new LinkedHashMap<>();
        for (Cut cut : cuts) {
            List<TensorStore.Room> rooms =
                    cut.weights().stream().map(weight -> weight.room(store)).toList();
            cut.copy(rooms);
            for (int w = 0; w < rooms.size(); w++) {
                changed.put(cut.weights().get(w).name(), rooms.get(w).tensor());
            }
        }
        return network.withWeights(changed);
    }
}
