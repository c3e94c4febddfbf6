package pomona.quantize;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.FreshNames;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;

/**
 * Which activations become integers: what quantized layers take, what quantized convolutions give (after their Relu or
 * Clip), since ONNX Runtime runs a convolution in integers only when its output is quantized too, and what passes from one
 * to another through operators that have integer kernels. Operators that only move elements give the range of what they
 * take.
 *
 * @param layers the layers to quantize, by the output of their operator, each as that operator takes its weight
 * @param sources the values to quantize, each with the value whose range it has, which may be itself
 * @param results what quantized convolutions and integer operators give
 * @param finals outputs of the network, or values that its branches and bodies take: they leave
 *     dequantized
 */
record QdqPlan(Map<String, LayerWeight> layers, Map<String, String> sources, Set<String> results, Set<String> finals) {

    static QdqPlan of(Network network, List<LayerWeight> chosen) {
        return new QdqPlanner(network, chosen).plan();
    }

    /**
     * The dimension along which a layer's weight has a scale for each output, or -1 for one scale: products of more
     * dimensions have one, and so has a weight that layers take along different dimensions. ONNX Runtime's kernels take
     * scales as those of the layer's outputs, whichever dimension the file says.
     */
    int channelAxis(LayerWeight layer, boolean perChannel) {
        int axis = channelAxis(layer);
        boolean agreed = layers.values().stream()
                .filter(other -> other.name().equals(layer.name()))
                .allMatch(other -> channelAxis(other) == axis);
        return perChannel && agreed ? axis : -1;
    }

    private static int channelAxis(LayerWeight layer) {
        return layer.node().is("Conv") || layer.tensor().rank() == 2 ? layer.outputAxis() : -1;
    }

    /** An operator whose results that leave the network go by other names, since what is dequantized has theirs. */
    Node withFinalsRenamed(Node node, FreshNames names) {
        return node.withOutputs(node.outputs().stream()
                .map(output -> finals.contains(output) ? names.value(output + ".float") : output)
                .toList());
    }

    /** Whether a value comes out of an integer kernel, which it only does when nobody takes it before it is quantized. */
    boolean isResult(String value) {
        return sources.containsKey(value) && results.contains(sources.get(value));
    }

    /** The values whose ranges must be measured. */
    Set<String> measured() {
        return new LinkedHashSet<>(sources.values());
    }

    /** The values whose ranges this plan or that of fewer of its layers takes. */
    Set<String> measuredForFewer() {
        Set<String> all = new LinkedHashSet<>(sources.keySet());
        all.addAll(sources.values());
        return all;
    }
}
