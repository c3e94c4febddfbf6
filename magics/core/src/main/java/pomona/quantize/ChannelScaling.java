package pomona.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.FreshNames;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Weights of a network that are being scaled channel by channel, so that what a layer is fed gets smaller and what it
 * multiplies with gets larger by the same factors. Nothing is changed before {@link #network()} is asked for.
 */
final class ChannelScaling {

    /** A weight where a node takes it; the same weight may be scaled for one of its users and not for another. */
    record Slot(Node node, int place) {

        String weight() {
            return node.input(place);
        }
    }

    private final Network network;
    private final Map<Slot, float[]> values = new LinkedHashMap<>();
    private final Map<String, Node> inserted = new LinkedHashMap<>();
    private final Map<String, Tensor> factors = new LinkedHashMap<>();
    private final Map<Node, String> fedBy = new HashMap<>();
    private final FreshNames names;

    ChannelScaling(Network network) {
        this.network = network;
        this.names = new FreshNames(network);
    }

    WeightAxes axes(Node layer) {
        return WeightAxes.of(network, layer);
    }

    /** The weight of a layer as it is by now; to be read only. */
    float[] weight(Node layer) {
        return values(new Slot(layer, 1));
    }

    /**
     * Divides the channels of what a link carries, and multiplies what meets them; an operator divides where the link has
     * no weights that can.
     */
    void scale(ChannelLink link, double[] by) {
        if (link.absorbers().isEmpty()) {
            scaleExplicitly(link.value(), link.takers(), by, by.length);
            return;
        }
        for (Slot slot : link.absorbers()) {
            WeightAxes axes = slot.place() == 1 ? axes(slot.node()) : null;
            if (axes != null) {
                axes.divideOutputs(values(slot), by);
            } else {
                divide(slot, by);
            }
        }
        link.takers().forEach(taker -> axes(taker).scaleInputs(values(new Slot(taker, 1)), by));
    }

    /** The same with an operator of its own that divides, for what no weight before it can. */
    void scaleExplicitly(String value, List<Node> takers, double[] by, long... shape) {
        float[] inverse = new float[by.length];
        for (int c = 0; c < by.length; c++) {
            inverse[c] = (float) (1 / by[c]);
        }
        String factor = names.value(value + ".smoothing");
        String output = names.value(value + ".smooth");
        factors.put(factor, Tensor.ofFloats(inverse, shape));
        inserted.put(value, Node.of("Mul", names.node(value + ".smooth"), List.of(value, factor), output));
        for (Node taker : takers) {
            axes(taker).scaleInputs(values(new Slot(taker, 1)), by);
            fedBy.put(taker, output);
        }
    }

    /** The network with everything that was scaled. */
    Network network() {
        NetworkBuilder builder = network.toBuilder();
        Map<Slot, String> renamed = new HashMap<>();
        values.forEach((slot, scaled) -> {
            boolean shared = uses(slot.weight()) > 1;
            String name = shared ? names.value(slot.weight() + ".scaled") : slot.weight();
            renamed.put(slot, name);
            builder.weight(name, Tensor.ofFloats(scaled, shape(slot, scaled.length)));
        });
        factors.forEach(builder::weight);
        List<Node> nodes = new ArrayList<>(inserted.values());
        for (Node node : network.nodes()) {
            List<String> inputs = new ArrayList<>(node.inputs());
            for (int i = 0; i < inputs.size(); i++) {
                inputs.set(i, renamed.getOrDefault(new Slot(node, i), inputs.get(i)));
            }
            if (fedBy.containsKey(node)) {
                inputs.set(0, fedBy.get(node));
            }
            nodes.add(node.withInputs(inputs));
        }
        return builder.nodes(nodes).build();
    }

    /** How often a weight is taken. */
    private long uses(String weight) {
        return network.nodes().stream()
                .flatMap(node -> node.inputs().stream())
                .filter(weight::equals)
                .count();
    }

    /** A vector with an element for each channel, or one element that stands for all of them. */
    private void divide(Slot slot, double[] by) {
        float[] vector = values(slot);
        if (vector.length == 1 && by.length > 1) {
            float[] all = new float[by.length];
            Arrays.fill(all, vector[0]);
            values.put(slot, all);
            vector = all;
        }
        for (int c = 0; c < vector.length; c++) {
            vector[c] = (float) (vector[c] / by[c]);
        }
    }

    private long[] shape(Slot slot, int length) {
        Tensor tensor = network.weights().get(slot.weight());
        return tensor.size() == length ? tensor.shape() : new long[] {length};
    }

    private float[] values(Slot slot) {
        return values.computeIfAbsent(
                slot, s -> network.weights().get(s.weight()).toFloatArray());
    }
}
