package pomona.quantize;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.CodebookWeight;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Parameters;
import pomona.graph.Tensor;
import pomona.pass.LayerPattern;
import pomona.simplify.OpsetUpgrade;

/** Finds the layers that can be quantized and refuses networks that can not. */
final class Quantizable {

    private static final Set<String> QUANTIZED = Set.of(
            "QuantizeLinear",
            "DequantizeLinear",
            "DynamicQuantizeLinear",
            "MatMulInteger",
            "ConvInteger",
            "QLinearConv",
            "QLinearMatMul",
            "MatMulNBits",
            "GatherBlockQuantized",
            "DynamicQuantizeMatMul",
            "DynamicQuantizeLSTM",
            "MatMulIntegerToFloat",
            "QGemm");

    private Quantizable() {}

    /** Refuses a network that has quantized operators already, or is written in too old an operator set. */
    static void check(Network network, String what) {
        refuseLookUps(network);
        checkOperators(network, what);
    }

    /** Refuses a network with weights that are looked up in a codebook. */
    static void refuseLookUps(Network network) {
        Map<String, Node> producers = network.graph().producers();
        for (Node node : network.nodes()) {
            if (CodebookWeight.isLookUp(node, network, producers)) {
                throw new IllegalArgumentException(
                        "Network " + network.name() + " is quantized already: operator " + node.label()
                                + " is Gather of a codebook; quantize the network of floats that it was made from.");
            }
        }
    }

    /** Refuses what {@link #check} does but for codebooks: a network may have some layers that share their weights. */
    static void checkOperators(Network network, String what) {
        refuseQuantized(network.graph(), network.name());
        if (network.opset() < OpsetUpgrade.OLDEST) {
            throw new IllegalArgumentException(
                    "Network " + network.name() + " is written in operator set " + network.opset() + ", but " + what
                            + " takes " + OpsetUpgrade.OLDEST + " or newer; export it again in a newer one.");
        }
    }

    private static void refuseQuantized(Graph graph, String network) {
        for (Node node : graph.nodes()) {
            if (QUANTIZED.contains(node.op())) {
                throw new IllegalArgumentException(
                        "Network " + network + " is quantized already: operator " + node.label() + " is " + node.op()
                                + "; quantize the network of floats that it was made from.");
            }
            for (Attribute attribute : node.attributes().values()) {
                if (attribute instanceof Attribute.Subgraph inner) {
                    refuseQuantized(inner.value(), network);
                }
            }
        }
    }

    /**
     * The layers to quantize: the second input is a weight of finite floats.
     *
     * @param ops the operators that the technique can quantize
     */
    static List<LayerWeight> layers(Network network, String pattern, String... ops) {
        return layers(network, pattern, List.of(), List.of(ops));
    }

    /** @param left sentences about layers that can not be quantized, without their full stops, for the refusal */
    static List<LayerWeight> layers(Network network, String pattern, List<String> left, List<String> ops) {
        List<LayerWeight> candidates = candidates(network, ops);
        if (candidates.isEmpty()) {
            throw nothing(network, ops, left);
        }
        List<LayerWeight> chosen = new LayerPattern(pattern).select(network.name(), candidates);
        chosen.forEach(Quantizable::refuseInfinite);
        return chosen;
    }

    /** The layers of these operators whose second input is a weight of floats; sub-graphs are not looked into. */
    static List<LayerWeight> candidates(Network network, List<String> ops) {
        return LayerWeight.of(network).stream()
                .filter(weight -> ops.contains(weight.node().op()))
                .filter(weight -> weight.tensor().type() == ElementType.FLOAT)
                .filter(weight -> weight.node().input(1).equals(weight.name()))
                .toList();
    }

    /** The recurrent layers, which have no integers whose ranges are known beforehand, each with the reason. */
    static List<String> recurrent(Network network) {
        return network.nodes().stream()
                .filter(node -> node.domain().isEmpty() && WeightedLayer.RECURRENT.contains(node.op()))
                .filter(node -> network.weights().containsKey(node.input(1)))
                .map(node -> (node.name().isEmpty() ? node.input(1) : node.name()) + SparedLayers.STAYS
                        + "ONNX Runtime has no static " + node.op()
                        + (node.op().equals("LSTM") ? ", only a dynamic one" : ""))
                .toList();
    }

    /**
     * The refusal of a network without such layers.
     *
     * @param left sentences about layers that can not be quantized, without their full stops
     */
    static IllegalArgumentException nothing(Network network, Collection<String> ops, List<String> left) {
        return nothing(
                network,
                "Network " + network.name() + " has nothing to quantize; it would be the constant 32-bit"
                        + " floating-point weights of " + String.join(", ", ops) + " operators."
                        + (left.isEmpty() ? "" : " " + String.join("; ", left) + "."));
    }

    /**
     * The refusal of a network without anything to quantize: if it is one whose weights have 16 bits, that is why.
     *
     * @param otherwise what else to say
     */
    static IllegalArgumentException nothing(Network network, String otherwise) {
        return halved(network).orElseGet(() -> new IllegalArgumentException(otherwise));
    }

    /** The refusal of a network that has parameters of 16 bits; empty when it has none. */
    static Optional<IllegalArgumentException> halved(Network network) {
        for (Map.Entry<String, Tensor> weight : Parameters.of(network).entrySet()) {
            ElementType type = weight.getValue().type();
            if (type == ElementType.FLOAT16 || type == ElementType.BFLOAT16) {
                return Optional.of(new IllegalArgumentException(
                        "Network " + network.name() + " is stored in 16 bits already: weight "
                                + weight.getKey() + " is " + weight.getValue()
                                + "; quantize the network of 32-bit floats that it was made from."));
            }
        }
        return Optional.empty();
    }

    static void refuseInfinite(LayerWeight weight) {
        for (float value : weight.tensor().toFloatArray()) {
            if (!Float.isFinite(value)) {
                throw infinite(weight);
            }
        }
    }

    /** The refusal of a weight that has an element which is no finite number. */
    static IllegalArgumentException infinite(LayerWeight weight) {
        return new IllegalArgumentException("Weight " + weight.name() + " of layer " + weight.layer()
                + " holds values that are NaN or infinite; weights to quantize are finite.");
    }
}
