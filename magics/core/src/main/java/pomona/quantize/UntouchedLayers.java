package pomona.quantize;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.Constants;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Step;
import pomona.graph.Tensor;
import pomona.pass.LayerPattern;

/**
 * The layers that techniques which store weights in fewer bits do not look at: recurrent ones, and those inside If, Loop
 * and Scan.
 *
 * @param inside whether to name those in sub-graphs alone
 * @param layers the layers to name, by weight or operator name
 */
record UntouchedLayers(boolean inside, LayerPattern layers) {

    /** The products that blocks are not for, and why. */
    private static final String NO_MATRIX = "blocks are for matrices";

    private static final Set<String> RECURRENT = Set.of("LSTM", "GRU", "RNN");

    /** Those that a technique for the weights of products and convolutions leaves. */
    static UntouchedLayers of(String layers) {
        return new UntouchedLayers(false, new LayerPattern(layers));
    }

    /** Those that a technique for all weights of a network leaves. */
    static UntouchedLayers insideOnly() {
        return new UntouchedLayers(true, new LayerPattern("*"));
    }

    /** What a technique made, with its step, which names in {@code leftFloat} the layers that are floats still, and why. */
    Network withStep(Network made, Step step) {
        return withStep(made, step, of(made));
    }

    /** The same where weights are stored in blocks, which other weights than matrices are not. */
    Network withBlockStep(Network made, Step step) {
        List<String> left = new ArrayList<>(of(made));
        LayerWeight.uses(made).stream()
                .filter(layer -> isFloat(layer.tensor()) && layer.tensor().rank() != 2 && layers.matches(layer))
                .map(layer -> layer.layer() + SparedLayers.STAYS + NO_MATRIX)
                .distinct()
                .forEach(left::add);
        return withStep(made, step, left);
    }

    private static Network withStep(Network made, Step step, List<String> left) {
        Map<String, String> options = new LinkedHashMap<>(step.options());
        if (!left.isEmpty()) {
            options.put("leftFloat", String.join("; ", left));
        }
        return made.withStep(new Step(step.name(), options));
    }

    /** What to add to the refusal of a network that has no other layers: a sentence, or nothing. */
    static String sentence(Network network) {
        List<String> left = of("*").of(network);
        return left.isEmpty() ? "" : " " + String.join("; ", left) + ".";
    }

    /** Each such layer of a network whose weight is one of floats, with the reason. */
    private List<String> of(Network network) {
        List<String> left = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Map<String, String> owners = owners(network);
        for (InnerGraph graph : InnerGraph.of(network)) {
            for (LayerWeight layer : layers(Constants.lift(graph.network()), graph.isWhole())) {
                String name = names.add(layer.layer()) ? layer.layer() : graph.path() + layer.layer();
                if (isFloat(layer.tensor()) && layers.matches(layer)) {
                    String place = graph.isWhole() ? "of " + layer.node().op() : "inside " + owners.get(graph.path());
                    left.add(name + SparedLayers.STAYS + "weights " + place + " are not stored in fewer bits");
                }
            }
        }
        return left;
    }

    /** The operators that graphs are inside of, by the graphs' paths. */
    private static Map<String, String> owners(Network network) {
        Map<String, String> owners = new LinkedHashMap<>();
        for (InnerGraph graph : InnerGraph.of(network)) {
            for (Node node : graph.network().nodes()) {
                node.attributes().forEach((name, attribute) -> {
                    if (attribute instanceof Attribute.Subgraph) {
                        owners.put(InnerGraph.path(graph.path(), node, name), node.op());
                    }
                });
            }
        }
        return owners;
    }

    private List<LayerWeight> layers(Network graph, boolean whole) {
        List<LayerWeight> found = new ArrayList<>(whole ? List.of() : LayerWeight.uses(graph));
        for (Node node : graph.nodes()) {
            boolean recurrent = node.domain().isEmpty() && RECURRENT.contains(node.op()) && !(whole && inside);
            boolean table = !whole && BlockTargets.isLookUp(node, graph);
            String name = node.input(recurrent ? 1 : 0);
            if ((recurrent || table) && graph.weights().containsKey(name)) {
                String layer = node.name().isEmpty() ? name : node.name();
                found.add(new LayerWeight(layer, node, name, graph.weight(name), 0));
            }
        }
        return found;
    }

    private boolean isFloat(Tensor weight) {
        return weight.type() == ElementType.FLOAT && (!inside || weight.size() >= HalfWeights.SMALLEST);
    }
}
