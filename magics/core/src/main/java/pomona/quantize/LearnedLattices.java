package pomona.quantize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.djl.StraightThrough;
import pomona.graph.FreshNames;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Puts lattices whose steps are learned into a network, where static quantization has its pairs. */
final class LearnedLattices {

    private final Network network;
    private final QdqPlan plan;
    private final Map<String, StepSearch.Lattice> activations;
    private final int bits;
    private final boolean perChannel;
    private final NetworkBuilder builder;
    private final FreshNames names;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, String> standIns = new HashMap<>();
    private final Map<String, String> steps = new LinkedHashMap<>();

    /**
     * @param activations the lattice of each value whose range is taken
     * @param bits how many bits weights have
     */
    LearnedLattices(
            Network network, QdqPlan plan, Map<String, StepSearch.Lattice> activations, int bits, boolean perChannel) {
        this.network = network;
        this.plan = plan;
        this.activations = activations;
        this.bits = bits;
        this.perChannel = perChannel;
        this.builder = network.toBuilder();
        this.names = new FreshNames(network);
    }

    /** The network to train: outputs are what the network of integers gives. */
    Network network() {
        plan.layers().values().forEach(this::place);
        network.signature().inputs().forEach(input -> place(input.name(), input.name()));
        for (Node node : network.nodes()) {
            Node made = plan.withFinalsRenamed(node, names);
            nodes.add(made.withInputs(node.inputs().stream()
                    .map(input -> standIns.getOrDefault(input, input))
                    .toList()));
            for (int i = 0; i < made.outputs().size(); i++) {
                place(node.outputs().get(i), made.outputs().get(i));
            }
        }
        return builder.nodes(nodes).build();
    }

    private void place(LayerWeight layer) {
        if (standIns.containsKey(layer.name())) {
            return;
        }
        int high = (1 << bits - 1) - 1;
        int low = -high - 1;
        int axis = plan.channelAxis(layer, perChannel);
        float[] found = StepSearch.weights(layer.tensor(), axis, low, high);
        String step = names.value(layer.name() + ".step");
        builder.weight(step, Tensor.ofFloats(found, found.length));
        String placed = names.value(layer.name() + ".placed");
        nodes.add(StraightThrough.quantize(layer.name(), step, low, high, axis, false, placed));
        standIns.put(layer.name(), placed);
    }

    private void place(String value, String made) {
        String source = plan.sources().get(value);
        if (source == null) {
            return;
        }
        StepSearch.Lattice lattice = activations.get(source);
        String step = steps.computeIfAbsent(source, name -> {
            String fresh = names.value(name + ".step");
            builder.weight(fresh, Tensor.ofFloats(new float[] {lattice.step()}, 1));
            return fresh;
        });
        String placed = value.equals(made) ? names.value(value + ".placed") : value;
        nodes.add(StraightThrough.quantize(made, step, lattice.low(), lattice.high(), -1, true, placed));
        standIns.put(value, placed);
    }
}
