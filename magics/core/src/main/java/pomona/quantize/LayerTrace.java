package pomona.quantize;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Finds what the layers of a network of floats became in the network that a quantization made of it. */
final class LayerTrace {

    /** What quantizes an input. */
    private static final Set<String> QUANTIZERS = Set.of("QuantizeLinear", "DynamicQuantizeLinear");

    /**
     * What a layer became.
     *
     * @param operators its operators, the last one first, with those that only prepare its input and its weight
     * @param constants the weights under them by name, but for the scale and zero point of its input
     * @param quantizer the operator that quantizes its input; null when there is none
     */
    record Found(List<Node> operators, Map<String, Tensor> constants, Node quantizer) {}

    private final Network before;
    private final Network after;
    private final ConstantParts parts;
    private final Map<String, Node> producers;
    private final Map<String, List<Node>> consumersBefore;
    private final Map<String, List<Node>> consumersAfter;
    private final Map<String, Node> byName = new HashMap<>();
    private final Set<String> known;

    LayerTrace(Network before, Network after, ConstantParts parts) {
        this.before = before;
        this.after = after;
        this.parts = parts;
        this.producers = after.graph().producers();
        this.consumersBefore = before.graph().consumers();
        this.consumersAfter = after.graph().consumers();
        this.known = new HashSet<>(before.graph().producers().keySet());
        before.inputs().forEach(input -> known.add(input.name()));
        after.nodes().forEach(node -> byName.putIfAbsent(node.name(), node));
    }

    /** What became of a layer, or null when it is gone. */
    Found find(WeightedLayer layer) {
        Node end = end(layer);
        if (end == null) {
            return null;
        }
        Set<Node> operators = new LinkedHashSet<>(List.of(end));
        Set<String> constants = new LinkedHashSet<>();
        Node quantizer = null;
        Deque<String> open = new ArrayDeque<>(end.inputs());
        Set<String> seen = new HashSet<>();
        while (!open.isEmpty()) {
            String value = open.poll();
            if (value.isEmpty() || !seen.add(value)) {
                continue;
            }
            if (parts.isConstant(value)) {
                constants.add(value);
                continue;
            }
            Node maker = producers.get(value);
            if (maker == null || isOfAnotherLayer(value, layer)) {
                continue;
            }
            operators.add(maker);
            if (QUANTIZERS.contains(maker.op())) {
                quantizer = quantizer == null ? maker : quantizer;
                open.add(maker.input(0));
            } else if (isLevelCut(maker)) {
                open.add(maker.input(0));
            } else {
                open.addAll(maker.inputs());
            }
        }
        return found(operators, constants, quantizer);
    }

    private Found found(Set<Node> operators, Set<String> constants, Node quantizer) {
        Set<Node> all = new LinkedHashSet<>(operators);
        constants.forEach(value -> all.addAll(parts.makers(value)));
        Map<String, Tensor> weights = new LinkedHashMap<>(parts.under(constants));
        if (quantizer != null) {
            weights.keySet().removeAll(quantizer.inputs());
        }
        return new Found(new ArrayList<>(all), weights, quantizer);
    }

    /** The operator that gives what the layer gave. */
    private Node end(WeightedLayer layer) {
        Node named =
                layer.node().name().isEmpty() ? null : byName.get(layer.node().name());
        Node maker = producers.get(counterpart(layer.output()));
        if (named == null && maker == null) {
            String output = output(layer);
            return output == null ? null : producers.get(counterpart(output));
        }
        // Products that were written anew in several operators end in one that gives what the layer gave.
        boolean several = named == null || maker != null && !known.contains(named.output());
        return several ? maker : named;
    }

    /** Values that were there before belong to other layers, also where they are 16-bit floats now. */
    private boolean isOfAnotherLayer(String value, WeightedLayer layer) {
        if (known.contains(value)) {
            return true;
        }
        int end = value.length() - HalfRewriter.SUFFIX.length();
        String plain = value.endsWith(HalfRewriter.SUFFIX) ? value.substring(0, end) : "";
        return known.contains(plain)
                && !layer.node().outputs().contains(plain)
                && !producers.get(value).is("Cast");
    }

    /**
     * The name of what a layer gave, if need be behind the normalization or addition that was folded into it; null when
     * the quantized network has none of them.
     */
    String output(WeightedLayer layer) {
        String output = layer.output();
        while (!producers.containsKey(counterpart(output))) {
            List<Node> next = consumersBefore.getOrDefault(output, List.of());
            if (next.size() != 1) {
                return null;
            }
            output = next.get(0).output();
        }
        return output;
    }

    /** The name in the quantized network of a value of the network of floats: its own, or that of its 16-bit floats. */
    String counterpart(String value) {
        boolean half = !producers.containsKey(value) && producers.containsKey(value + HalfRewriter.SUFFIX);
        return half ? value + HalfRewriter.SUFFIX : value;
    }

    /** The operator that clips what an operator quantized to fewer levels than the type has, or null. */
    Node levelCut(Node quantizer) {
        List<Node> takers = consumersAfter.getOrDefault(quantizer.output(), List.of());
        return takers.size() == 1 && takers.get(0).is("Clip") ? takers.get(0) : null;
    }

    private boolean isLevelCut(Node node) {
        Node maker = node.is("Clip") ? producers.get(node.input(0)) : null;
        return maker != null && maker.is("QuantizeLinear");
    }

    /** Whether a value was there before, and what made it was not added by the quantization. */
    boolean isKnown(String value) {
        return known.contains(value)
                || after.inputs().stream().anyMatch(input -> input.name().equals(value));
    }
}
