package pomona.quantize;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Parameters;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;

/** Stores weights as 16-bit floats, each followed by a Cast that makes the weight of 32 bits again. */
final class HalfWeights {

    static final int SMALLEST = 64;

    private HalfWeights() {}

    static Network store(Network network, ElementType type) {
        List<Map.Entry<String, Tensor>> chosen = Parameters.of(network).entrySet().stream()
                .filter(weight -> weight.getValue().type() == ElementType.FLOAT)
                .filter(weight -> weight.getValue().size() >= SMALLEST)
                .toList();
        return stored(network, type, chosen);
    }

    /** The same for some weights alone. */
    static Network store(Network network, ElementType type, Collection<String> weights) {
        return stored(
                network,
                type,
                Parameters.of(network).entrySet().stream()
                        .filter(weight -> weights.contains(weight.getKey()))
                        .toList());
    }

    /** Refuses a network whose matrices have 16 bits already: what is left in it are few numbers. */
    static void refuseStored(Network network) {
        boolean floats = Parameters.of(network).values().stream()
                .anyMatch(
                        weight -> weight.type() == ElementType.FLOAT && weight.rank() > 1 && weight.size() >= SMALLEST);
        Optional<IllegalArgumentException> halved = floats ? Optional.empty() : Quantizable.halved(network);
        if (halved.isPresent()) {
            throw halved.get();
        }
    }

    private static Network stored(Network network, ElementType type, List<Map.Entry<String, Tensor>> chosen) {
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException(
                    "Network " + network.name() + " has nothing to store in 16 bits; it would"
                            + " be 32-bit floating-point weights of " + SMALLEST + " numbers or more."
                            + UntouchedLayers.sentence(network));
        }
        TensorStore store = TensorStore.of(chosen.stream()
                .mapToLong(weight -> 2 * weight.getValue().size())
                .sum());
        NetworkBuilder builder = network.toBuilder();
        FreshNames names = new FreshNames(network);
        List<Node> nodes = new ArrayList<>();
        String kind = type.name().toLowerCase(java.util.Locale.ROOT);
        for (Map.Entry<String, Tensor> weight : chosen) {
            String stored = names.value(weight.getKey() + "." + kind);
            builder.removeWeight(weight.getKey()).weight(stored, HalfTensors.of(weight.getValue(), type, store));
            nodes.add(Node.of("Cast", names.node(weight.getKey() + ".cast"), List.of(stored), weight.getKey())
                    .with("to", Attribute.of(ElementType.FLOAT.code())));
        }
        nodes.addAll(network.nodes());
        return builder.nodes(nodes).build();
    }
}
