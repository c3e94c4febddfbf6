package pomona.quantize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import pomona.graph.Attribute;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.Node;

/** Who reads each constant of a network and of the graphs inside it, behind Identity and Transpose too. */
final class WeightReaders {

    /** A constant where it is stored, itself and no other one: names in two branches may be the same. */
    static final class Stored {

        private final String name;

        private Stored(String name) {
            this.name = name;
        }

        String name() {
            return name;
        }
    }

    /**
     * How an operator reads a constant.
     *
     * @param weight the constant
     * @param transposed whether an odd number of Transpose operators is in between
     */
    record Use(Stored weight, boolean transposed) {}

    /**
     * A place where a constant is read.
     *
     * @param node the operator, or null where the constant is an output of a graph
     * @param place which of its inputs
     */
    record Reader(Node node, int place) {

        private String text(String weight) {
            return node == null ? weight + " is an output" : node.label() + " takes " + weight;
        }
    }

    private final Map<Node, Map<Integer, Use>> uses = new IdentityHashMap<>();
    private final Map<Stored, List<Reader>> readers = new IdentityHashMap<>();

    WeightReaders(Network network) {
        walk(network.graph(), Map.of());
    }

    private void walk(Graph graph, Map<String, Use> outside) {
        Map<String, Use> visible = new HashMap<>(outside);
        graph.inputs().forEach(input -> visible.remove(input.name()));
        graph.weights().keySet().forEach(name -> visible.put(name, new Use(new Stored(name), false)));
        for (Node node : graph.nodes()) {
            Use moved = node.is("Identity") || node.is("Transpose") ? visible.get(node.input(0)) : null;
            if (moved != null) {
                visible.put(node.output(), new Use(moved.weight(), moved.transposed() ^ node.is("Transpose")));
                continue;
            }
            read(node, visible);
            node.outputs().forEach(visible::remove);
            if (node.is("Constant")) {
                visible.put(node.output(), new Use(new Stored(node.output()), false));
            }
        }
        graph.outputs().forEach(output -> add(visible.get(output.name()), new Reader(null, 0)));
    }

    private void read(Node node, Map<String, Use> visible) {
        for (int place = 0; place < node.inputs().size(); place++) {
            Use use = visible.get(node.input(place));
            if (use != null) {
                uses.computeIfAbsent(node, k -> new HashMap<>()).put(place, use);
                add(use, new Reader(node, place));
            }
        }
        for (Attribute attribute : node.attributes().values()) {
            if (attribute instanceof Attribute.Subgraph inner) {
                walk(inner.value(), visible);
            }
        }
    }

    private void add(Use use, Reader reader) {
        if (use != null) {
            readers.computeIfAbsent(use.weight(), k -> new ArrayList<>()).add(reader);
        }
    }

    /** The constant that an operator reads at a place, or null when it is none. */
    Use use(Node node, int place) {
        return uses.getOrDefault(node, Map.of()).get(place);
    }

    /** Who reads a constant, in the order of the network. */
    List<Reader> of(Stored weight) {
        return readers.getOrDefault(weight, List.of());
    }

    /**
     * Why a layer whose weight has another reader is left in float: the floats would stay beside the integers. Empty when
     * none of its readers keeps them.
     *
     * @param layer the layer's name
     * @param replaces whether a reader takes what is stored in the place of the floats
     */
    Optional<String> obstacle(String layer, Node node, Predicate<Reader> replaces) {
        for (int place : weightPlaces(node)) {
            Use use = use(node, place);
            for (Reader reader : use == null ? List.<Reader>of() : of(use.weight())) {
                if (!replaces.test(reader)) {
                    return Optional.of(layer + SparedLayers.STAYS
                            + reader.text(use.weight().name()) + " as floats, and both would make the file larger");
                }
            }
        }
        return Optional.empty();
    }

    /** The inputs of a layer that are its weights. */
    static List<Integer> weightPlaces(Node node) {
        return switch (node.op()) {
            case "Gather" -> List.of(0);
            case "LSTM", "GRU", "RNN" -> List.of(1, 2);
            default -> List.of(1);
        };
    }
}
