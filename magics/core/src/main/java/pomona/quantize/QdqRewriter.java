package pomona.quantize;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Writes plans into a network: pairs of QuantizeLinear and DequantizeLinear around activations, integer weights.
 *
 * <p>There is a plan for layers whose activations have 8 bits, and may be one for 16. A value of both has two pairs: one
 * behind the other where an integer kernel gives it, which must be followed by its own pair and nothing else.
 */
final class QdqRewriter {

    private final InnerGraph graph;
    private final Network network;
    private final List<Writing> parts;
    private final QdqGraphs whole;
    private final NetworkBuilder builder;
    private final FreshNames names;
    private final List<Node> nodes = new ArrayList<>();
    private final DequantizedConstants constants;
    private final Map<SharedWeight, String> shared = new HashMap<>();

    /** A part, and the names of what was written for it: what stands for values, and their scales and zero points. */
    private record Writing(QdqPart part, Map<String, String> standIns, Map<String, Lattice> lattices) {

        QdqPlan plan() {
            return part.plan();
        }
    }

    /** The names of the scale and the zero point of an activation. */
    private record Lattice(String scale, String zero) {}

    /**
     * A weight that several layers take in the same way is stored once.
     *
     * @param owner the path of the graph that it is a constant of
     */
    private record SharedWeight(String owner, String name, float alpha, int axis, List<Float> scales) {}

    /**
     * @param graph the graph to write into
     * @param parts the layers of few bits, then those of more, if any
     * @param whole what writes the graphs inside
     */
    QdqRewriter(InnerGraph graph, List<QdqPart> parts, QdqGraphs whole) {
        this.graph = graph;
        this.network = graph.network();
        this.parts = parts.stream()
                .map(part -> new Writing(part, new HashMap<>(), new HashMap<>()))
                .toList();
        this.whole = whole;
        this.builder = network.toBuilder();
        this.names = whole.names();
        this.constants = new DequantizedConstants(builder, names, nodes);
    }

    Network rewrite() {
        network.signature().inputs().forEach(input -> quantizeActivation(input.name(), input.name()));
        for (Node node : network.nodes()) {
            Writing own = owner(node);
            LayerWeight layer =
                    node.outputs().isEmpty() ? null : own.plan().layers().get(node.output());
            Node changed = layer == null ? whole.inner(graph.path(), node) : quantizeLayer(node, layer, own.part());
            changed = changed.withInputs(
                    changed.inputs().stream().map(input -> standIn(input, own)).toList());
            add(changed);
        }
        whole.outer().forEach(builder::weight);
        return builder.nodes(nodes).build();
    }

    /** The part whose integers an operator takes: the last one that has it as a layer, or else gives its output. */
    private Writing owner(Node node) {
        Writing owner = parts.get(0);
        for (Writing part : parts.subList(1, parts.size())) {
            boolean gives = node.outputs().stream()
                    .anyMatch(output -> part.plan().layers().containsKey(output)
                            || part.plan().sources().containsKey(output)
                                    && !parts.get(0).plan().sources().containsKey(output)
                                    && !parts.get(0).plan().layers().containsKey(output));
            owner = gives ? part : owner;
        }
        return owner;
    }

    private String standIn(String input, Writing own) {
        String name = own.standIns().get(input);
        for (Writing part : parts) {
            name = name == null ? part.standIns().get(input) : name;
        }
        return name == null ? input : name;
    }

    private void add(Node node) {
        Node made = node;
        for (Writing part : parts) {
            made = part.plan().withFinalsRenamed(made, names);
        }
        nodes.add(made);
        for (int i = 0; i < made.outputs().size(); i++) {
            quantizeActivation(node.outputs().get(i), made.outputs().get(i));
        }
    }

    /**
     * Puts a pair behind a value for each part that wants it, and lets whoever takes the value take what comes out.
     *
     * @param value the value in the plan
     * @param made the value that is there now, which is another one when the value must keep its name as an output
     */
    private void quantizeActivation(String value, String made) {
        List<Writing> wanting = new ArrayList<>(parts.stream()
                .filter(part -> part.plan().sources().containsKey(value))
                .toList());
        wanting.sort(Comparator.comparing(part -> !part.plan().isResult(value)));
        String from = made;
        boolean taken = value.equals(made);
        for (Writing part : wanting) {
            String back = addPair(value, from, taken, part);
            taken = true;
            from = part.plan().isResult(value) ? back : from;
        }
    }

    /** @param fresh whether what comes out of the pair needs a name of its own */
    private String addPair(String value, String made, boolean fresh, Writing part) {
        ActivationRange range = part.part().range(value);
        Lattice lattice = part.lattices()
                .computeIfAbsent(
                        part.plan().sources().get(value),
                        name -> new Lattice(
                                constants.add(name + ".scale", Tensor.scalar(range.scale())),
                                constants.add(name + ".zero", range.type().scalar(range.zeroPoint()))));
        String integers =
                names.value(value + "." + range.type().element().name().toLowerCase(Locale.ROOT));
        String back = fresh ? names.value(value + ".dequantized") : value;
        nodes.add(Node.of(
                "QuantizeLinear",
                names.node(value + ".quantize"),
                List.of(made, lattice.scale(), lattice.zero()),
                integers));
        nodes.add(Node.of(
                "DequantizeLinear",
                names.node(value + ".dequantize"),
                List.of(integers, lattice.scale(), lattice.zero()),
                back));
        part.standIns().put(value, back);
        return back;
    }

    private Node quantizeLayer(Node node, LayerWeight layer, QdqPart part) {
        boolean gemm = node.is("Gemm");
        float[] weight = layer.tensor().toFloatArray();
        float alpha = gemm ? node.real("alpha", 1) : 1;
        for (int i = 0; i < weight.length && alpha != 1; i++) {
            weight[i] *= alpha;
        }
        long[] shape = layer.tensor().shape();
        int axis = part.plan().channelAxis(layer, whole.perChannel());
        float[] scales = QuantizedWeight.scales(weight, shape, axis, whole.largest());
        float inputScale = part.range(node.input(0)).scale();
        int channels = Math.toIntExact(shape[layer.outputAxis()]);
        float[] bias = bias(node, channels);
        makeRoomForBias(bias, scales, inputScale);
        String owner = graph.owners().getOrDefault(layer.name(), graph.path());
        SharedWeight key = new SharedWeight(owner, layer.name(), alpha, axis, listOf(scales));
        String stored = shared.computeIfAbsent(
                key, k -> dequantized(k, QuantizedWeight.of(weight, shape, axis, scales, whole.largest())));
        List<String> inputs = new ArrayList<>(List.of(node.input(0), stored));
        if (node.hasInput(2)) {
            inputs.add(bias == null ? node.input(2) : quantizedBias(node, bias, scales, inputScale, axis));
        }
        Node changed = node.withInputs(inputs);
        if (gemm) {
            changed = changed.with("alpha", Attribute.of(1f));
            changed = bias == null ? changed : changed.with("beta", Attribute.of(1f));
        }
        return changed;
    }

    /** A constant bias with one element for each channel, multiplied with beta; null when there is none of that kind. */
    private float[] bias(Node node, int channels) {
        Tensor tensor = node.is("MatMul") ? null : network.weights().get(node.input(2));
        boolean row = tensor != null
                && tensor.type() == ElementType.FLOAT
                && tensor.size() == channels
                && tensor.rank() > 0
                && tensor.dim(-1) == channels;
        if (!row) {
            return null;
        }
        float beta = node.is("Gemm") ? node.real("beta", 1) : 1;
        float[] bias = tensor.toFloatArray();
        for (int i = 0; i < bias.length; i++) {
            bias[i] *= beta;
        }
        return bias;
    }

    /** Widens the scale of a channel whose weights are so small that its bias would not fit into 32 bits. */
    private static void makeRoomForBias(float[] bias, float[] scales, float inputScale) {
        for (int c = 0; bias != null && c < bias.length; c++) {
            int place = scales.length == 1 ? 0 : c;
            scales[place] = Math.max(
                    scales[place], (float) (Math.abs(bias[c]) / DequantizedConstants.LARGEST_BIAS / inputScale));
        }
    }

    private String quantizedBias(Node node, float[] bias, float[] scales, float inputScale, int axis) {
        int[] integers = new int[bias.length];
        float[] biasScales = new float[scales.length];
        for (int c = 0; c < scales.length; c++) {
            biasScales[c] = scales[c] * inputScale;
        }
        for (int c = 0; c < bias.length; c++) {
            integers[c] = (int) Math.rint(bias[c] / (double) biasScales[scales.length == 1 ? 0 : c]);
        }
        return constants.bias(node.input(2), integers, biasScales, axis >= 0);
    }

    private String dequantized(SharedWeight key, QuantizedWeight weight) {
        Map<String, Tensor> own = new LinkedHashMap<>();
        List<String> stored = graph.isWhole() || graph.owners().containsKey(key.name())
                ? whole.stored(key, key.name(), weight, key.axis())
                : weight.store(key.name(), key.axis(), names, own);
        own.forEach(builder::weight);
        String output = names.value(key.name() + ".dequantized");
        constants.dequantize(key.name(), stored, key.axis(), output);
        return output;
    }

    private static List<Float> listOf(float[] values) {
        List<Float> list = new ArrayList<>(values.length);
        for (float value : values) {
            list.add(value);
        }
        return list;
    }
}
