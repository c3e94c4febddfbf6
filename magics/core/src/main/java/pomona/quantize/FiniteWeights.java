package pomona.quantize;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Parameters;
import pomona.graph.Tensor;

/**
 * Refuses weights that hold values which are no finite numbers. A constant that is added to scores, as attention masks
 * are, may be infinite, but never NaN.
 */
final class FiniteWeights {

    private static final int EXPONENT = 0x7F80_0000;

    /** What has learned numbers in every place but the first. */
    private static final Set<String> LEARNED = Set.of(
            "Gemm",
            "Conv",
            "ConvTranspose",
            "LSTM",
            "GRU",
            "RNN",
            "PRelu",
            "BatchNormalization",
            "InstanceNormalization",
            "LayerNormalization",
            "GroupNormalization");

    private FiniteWeights() {}

    /**
     * Checks all parameters of a network.
     *
     * @param network constants are among its weights
     * @throws IllegalArgumentException if one has such a value
     */
    static void check(Network network) {
        Set<String> learned = learned(network);
        for (Map.Entry<String, Tensor> weight : Parameters.of(network).entrySet()) {
            Tensor tensor = weight.getValue();
            boolean strict = learned.contains(weight.getKey());
            if (tensor.type() == ElementType.FLOAT && (strict ? !isFinite(tensor) : hasNaN(tensor))) {
                throw Quantizable.infinite(layer(weight.getKey(), network));
            }
        }
    }

    private static Set<String> learned(Network network) {
        Set<String> learned = new HashSet<>();
        LayerWeight.uses(network).forEach(layer -> learned.add(layer.name()));
        for (Node node : network.nodes()) {
            if (BlockTargets.isLookUp(node, network)) {
                learned.add(node.input(0));
            } else if (node.domain().isEmpty() && LEARNED.contains(node.op())) {
                learned.addAll(node.inputs().subList(1, node.inputs().size()));
            }
        }
        return learned;
    }

    /** The weight as that of the first operator that takes it. */
    private static LayerWeight layer(String name, Network network) {
        for (LayerWeight layer : LayerWeight.uses(network)) {
            if (layer.name().equals(name)) {
                return layer;
            }
        }
        List<Node> readers = network.graph().consumers().getOrDefault(name, List.of());
        Node node = readers.isEmpty() ? null : readers.get(0);
        String layer = node == null ? name : node.label();
        return new LayerWeight(layer, node, name, network.weight(name), 0);
    }

    /** Whether all elements are finite. */
    static boolean isFinite(Tensor tensor) {
        return none(tensor, bits -> (bits & EXPONENT) == EXPONENT);
    }

    private static boolean hasNaN(Tensor tensor) {
        return !none(tensor, bits -> (bits & Integer.MAX_VALUE) > EXPONENT);
    }

    /** Tells whether the bits of a float are those of a number that must not be. */
    private interface Wrong {
        boolean test(int bits);
    }

    private static boolean none(Tensor tensor, Wrong wrong) {
        return tensor.stretches().parallelStream().allMatch(stretch -> {
            int[] bits = new int[stretch.size()];
            stretch.toFloatBits(0, bits.length, bits);
            for (int b : bits) {
                if (wrong.test(b)) {
                    return false;
                }
            }
            return true;
        });
    }
}
