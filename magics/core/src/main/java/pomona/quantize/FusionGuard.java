package pomona.quantize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Keeps quantized linear layers in integers on ONNX Runtime. It takes a Relu or Clip behind a Gemm or MatMul for a part of the
 * quantization that follows; where none does, it runs the layer in floats, and makes floats of the weights in each run. The
 * same functions in other operators, LeakyRelu without a slope, Max and Min, are not taken so. Seen in ONNX Runtime 1.23 and
 * 1.30.
 */
final class FusionGuard {

    private final FreshNames names;

    private FusionGuard(FreshNames names) {
        this.names = names;
    }

    /** The network with functions behind quantized linear layers in such operators, in branches and bodies too. */
    static Network of(Network network) {
        FusionGuard guard = new FusionGuard(new FreshNames(network));
        return network.toBuilder()
                .nodes(guard.nodes(network.graph(), network.weights()))
                .build();
    }

    private List<Node> nodes(Graph graph, Map<String, Tensor> weights) {
        Map<String, Node> producers = graph.producers();
        Map<String, List<Node>> consumers = graph.consumers();
        Set<String> seenOutside = new HashSet<>();
        graph.outputs().forEach(output -> seenOutside.add(output.name()));
        graph.nodes().forEach(node -> seenOutside.addAll(node.capturedValues()));
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            boolean cuts = node.is("Relu") || node.is("Clip") && (node.hasInput(1) || node.hasInput(2));
            Node layer = cuts ? producers.get(node.input(0)) : null;
            boolean apart = layer != null
                    && (layer.is("Gemm") || layer.is("MatMul"))
                    && isDequantized(layer.input(1), producers)
                    && consumers.get(layer.output()).size() == 1
                    && !seenOutside.contains(layer.output())
                    && !isDropped(node, consumers, seenOutside, weights);
            if (!apart) {
                nodes.add(inner(node, weights));
            } else if (node.is("Relu")) {
                nodes.add(Node.of("LeakyRelu", node.name(), node.inputs(), node.output())
                        .with("alpha", Attribute.of(0f)));
            } else {
                addClipped(node, nodes);
            }
        }
        return nodes;
    }

    private void addClipped(Node clip, List<Node> nodes) {
        String value = clip.input(0);
        boolean cutsAbove = clip.hasInput(2);
        if (clip.hasInput(1)) {
            String output = cutsAbove ? names.value(clip.output() + ".lifted") : clip.output();
            String name = cutsAbove ? names.node(output) : clip.name();
            nodes.add(Node.of("Max", name, List.of(value, clip.input(1)), output));
            value = output;
        }
        if (cutsAbove) {
            nodes.add(Node.of("Min", clip.name(), List.of(value, clip.input(2)), clip.output()));
        }
    }

    private static boolean isDequantized(String value, Map<String, Node> producers) {
        Node maker = producers.get(value);
        return maker != null && maker.is("DequantizeLinear");
    }

    /** Whether ONNX Runtime drops a Relu or Clip, since what follows quantizes, and its integers go no further. */
    private static boolean isDropped(
            Node node, Map<String, List<Node>> consumers, Set<String> seenOutside, Map<String, Tensor> weights) {
        List<Node> takers = consumers.getOrDefault(node.output(), List.of());
        boolean quantizes = (node.is("Relu") || node.is("Clip"))
                && takers.size() == 1
                && takers.get(0).is("QuantizeLinear")
                && !seenOutside.contains(node.output());
        Tensor scale = quantizes ? weights.get(takers.get(0).input(1)) : null;
        Tensor zero = quantizes ? weights.get(takers.get(0).input(2)) : null;
        if (scale == null || zero == null || scale.size() != 1 || zero.size() != 1) {
            return false;
        }
        double step = scale.toFloatArray()[0];
        long least = smallest(zero.type()) - zero.toLongArray()[0];
        double most = step * (least + (1L << zero.type().bits()) - 1);
        return node.is("Relu")
                ? least == 0
                : bound(node, 1, weights, Double.NEGATIVE_INFINITY) <= step * least + step / 100
                        && bound(node, 2, weights, Double.POSITIVE_INFINITY) >= most - step / 100;
    }

    /** A limit of a Clip; one that is no constant is as narrow as can be. */
    private static double bound(Node clip, int place, Map<String, Tensor> weights, double open) {
        if (!clip.hasInput(place)) {
            return open;
        }
        Tensor limit = weights.get(clip.input(place));
        return limit == null ? -open : limit.toFloatArray()[0];
    }

    private static long smallest(ElementType type) {
        return switch (type) {
            case INT8 -> Byte.MIN_VALUE;
            case INT16 -> Short.MIN_VALUE;
            default -> 0;
        };
    }

    private Node inner(Node node, Map<String, Tensor> weights) {
        Node changed = node;
        for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
            if (attribute.getValue() instanceof Attribute.Subgraph inner) {
                Graph graph = inner.value();
                Map<String, Tensor> known = new HashMap<>(weights);
                known.putAll(graph.weights());
                changed = changed.with(
                        attribute.getKey(),
                        new Attribute.Subgraph(new Graph(
                                graph.name(),
                                graph.inputs(),
                                graph.outputs(),
                                nodes(graph, known),
                                graph.weights(),
                                graph.values(),
                                graph.extra())));
            }
        }
        return changed;
    }
}
