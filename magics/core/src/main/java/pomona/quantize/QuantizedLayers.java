package pomona.quantize;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.PackedWeight;
import pomona.graph.Tensor;
import pomona.pass.NearestNames;

/** Finds the layers of a network of floats in what a quantization made of it: by what they give, or by their names. */
final class QuantizedLayers {

    /** What a layer became: its operator, and the constants and quantizing operators that only prepare its inputs. */
    private record Became(Node node, Map<String, Tensor> constants, Node quantizer, List<Node> operators) {}

    private final Network before;
    private final Network after;
    private final Map<String, Node> producers;
    private final Map<String, LayerWeight> weights = new LinkedHashMap<>();
    private final Map<String, Node> byName = new HashMap<>();
    private final Map<String, PackedWeight> packed;

    QuantizedLayers(Network before, Network after) {
        this.before = before;
        this.after = after;
        this.producers = after.graph().producers();
        this.packed = PackedWeight.of(after);
        LayerWeight.of(before).forEach(weight -> weights.putIfAbsent(weight.layer(), weight));
        after.nodes().forEach(node -> byName.putIfAbsent(node.name(), node));
    }

    Set<String> names() {
        return weights.keySet();
    }

    /** What became of a layer, without its signal-to-noise ratio. */
    QuantizedLayer layer(String name) {
        LayerWeight weight = weight(name);
        Became became = became(weight);
        long bytesBefore = weight.tensor().bytes() + biasBytes(weight.node());
        String operator = weight.node().op();
        if (became == null) {
            return QuantizedLayer.of(name, operator, weight.tensor().type(), bytesBefore, bytesBefore);
        }
        ElementType type = became.constants().keySet().stream()
                .filter(packed::containsKey)
                .map(constant -> packed.get(constant).type())
                .findFirst()
                .orElseGet(() -> widest(became, weight.tensor()));
        long bytes =
                became.constants().values().stream().mapToLong(Tensor::bytes).sum();
        return withRange(became, QuantizedLayer.of(name, operator, type, bytesBefore, bytes));
    }

    private static ElementType widest(Became became, Tensor weight) {
        return became.constants().values().stream()
                .filter(tensor -> tensor.bytes() * 8 >= weight.size())
                .max(java.util.Comparator.comparing(Tensor::size))
                .map(Tensor::type)
                .orElse(weight.type());
    }

    /** The name of a layer's weight in the network of floats. */
    String weightName(String name) {
        return weight(name).name();
    }

    /** The operator of a layer in the network of floats. */
    Node operatorBefore(String name) {
        return weight(name).node();
    }

    /** The operators that a layer became, with those that only prepare its inputs; none when it is gone. */
    List<Node> operatorsAfter(String name) {
        Became became = became(weight(name));
        return became == null ? List.of() : became.operators();
    }

    /** The name of a layer's input in the network of floats. */
    String input(String name) {
        LayerWeight weight = weight(name);
        Node node = weight.node();
        return node.input(node.input(0).equals(weight.name()) ? 1 : 0);
    }

    /**
     * The name of what a layer gives, in both networks, if need be behind the normalization or addition that was folded into
     * it; null when they have no such value in common.
     */
    String output(String name) {
        String output = weight(name).node().output();
        while (!producers.containsKey(output)) {
            List<Node> next = before.graph().consumers().getOrDefault(output, List.of());
            if (next.size() != 1) {
                return null;
            }
            output = next.get(0).output();
        }
        return output;
    }

    private LayerWeight weight(String name) {
        LayerWeight weight = weights.get(name);
        if (weight == null) {
            throw new IllegalArgumentException("Network " + before.name() + " has no layer " + name
                    + NearestNames.suggest(name, weights.keySet()));
        }
        return weight;
    }

    private long biasBytes(Node node) {
        Tensor bias = before.weights().get(node.input(2));
        return bias == null ? 0 : bias.bytes();
    }

    private Became became(LayerWeight weight) {
        Node named = byName.get(weight.node().name());
        Node maker = producers.get(weight.node().output());
        Node start = named != null && !named.name().isEmpty() ? named : maker;
        if (start == null) {
            return null;
        }
        // Products that were written anew in several operators end in one that gives what the layer gave.
        Node end = maker != null && !before.graph().producers().containsKey(start.output()) ? maker : start;
        Map<String, Tensor> constants = new LinkedHashMap<>();
        Node quantizer = null;
        Set<String> known = knownBefore();
        Set<String> seen = new LinkedHashSet<>();
        List<Node> operators = new ArrayList<>(List.of(end));
        Deque<String> open = new ArrayDeque<>(end.inputs());
        while (!open.isEmpty()) {
            String value = open.poll();
            Tensor constant = after.weights().get(value);
            if (constant != null) {
                constants.put(value, constant);
            }
            Node node = producers.get(value);
            if (node == null || !seen.add(value) || known.contains(value)) {
                continue;
            }
            operators.add(node);
            if (node.op().equals("QuantizeLinear") || node.op().equals("DynamicQuantizeLinear")) {
                quantizer = node;
            } else if (!known.contains(node.output())) {
                open.addAll(node.inputs());
            }
        }
        return new Became(end, withoutActivationScale(constants, quantizer), quantizer, operators);
    }

    /** The values that operators gave in the network of floats: beyond them lie other layers. */
    private Set<String> knownBefore() {
        Set<String> known = new LinkedHashSet<>(before.graph().producers().keySet());
        before.signature().inputs().forEach(input -> known.add(input.name()));
        return known;
    }

    private static Map<String, Tensor> withoutActivationScale(Map<String, Tensor> constants, Node quantizer) {
        if (quantizer != null) {
            constants.keySet().removeAll(quantizer.inputs());
        }
        return constants;
    }

    private QuantizedLayer withRange(Became became, QuantizedLayer layer) {
        Node quantizer = became.quantizer();
        if (quantizer == null) {
            return layer;
        }
        Tensor scale = after.weights().get(quantizer.input(1));
        Tensor zero = after.weights().get(quantizer.input(2));
        if (scale == null || zero == null || scale.size() != 1) {
            return layer.withActivation(ElementType.UINT8, Float.NaN, Float.NaN, Float.NaN, 0);
        }
        float step = scale.toFloatArray()[0];
        int zeroPoint = (int) zero.toLongArray()[0];
        for (ActivationType type : List.of(ActivationType.values())) {
            if (type.element() == zero.type()) {
                return layer.withActivation(
                        zero.type(),
                        (type.smallest() - zeroPoint) * step,
                        (type.largest() - zeroPoint) * step,
                        step,
                        zeroPoint);
            }
        }
        return layer.withActivation(zero.type(), Float.NaN, Float.NaN, step, zeroPoint);
    }
}
