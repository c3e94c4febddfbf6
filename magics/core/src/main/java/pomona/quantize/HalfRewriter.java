package pomona.quantize;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;
import pomona.graph.Value;

/**
 * Writes a network in float16. A value keeps its name as a float, and has another one as a float16; whichever is missing
 * where it is wanted is cast from the other.
 */
final class HalfRewriter {

    /** Operators with inputs or outputs that the standard or the runtime has as 32-bit floats only. */
    private static final Set<String> FLOAT_ONLY = Set.of(
            "Resize",
            "Upsample",
            "NonMaxSuppression",
            "RoiAlign",
            "RandomNormalLike",
            "RandomUniformLike",
            "EyeLike",
            "DynamicQuantizeLinear");

    /** The end of a value's name as a float16. */
    static final String SUFFIX = ".float16";

    /** What is as small as this stands for minus infinity, as in masks, and so does -65504. */
    private static final float MASK = -1e7f;

    private final Network network;
    private final Set<String> keep;
    private final Map<String, Value> types;
    private final NetworkBuilder builder;
    private final FreshNames names;
    private final TensorStore store;
    private final List<Node> nodes = new ArrayList<>();
    private final List<String> cut = new ArrayList<>();
    private final Set<String> floats = new HashSet<>();
    private final Map<String, String> halves = new LinkedHashMap<>();
    private final Set<String> floatWeights = new LinkedHashSet<>();

    HalfRewriter(Network network, List<String> keep) {
        this.network = network;
        this.keep = new HashSet<>(keep);
        this.types = ShapeInference.of(network);
        this.builder = network.toBuilder();
        this.names = new FreshNames(network);
        this.store = TensorStore.of(network.weights().values().stream()
                .mapToLong(tensor -> tensor.bytes() / 2)
                .sum());
        network.signature().inputs().forEach(input -> floats.add(input.name()));
    }

    /** Numbers that lost their value, each with the operator that takes it; none before the network was written. */
    List<String> cut() {
        return cut;
    }

    Network rewrite() {
        for (Node node : network.nodes()) {
            if (isKept(node)) {
                node.takes().forEach(this::needFloat);
                nodes.add(node);
                floats.addAll(node.outputs());
            } else {
                nodes.add(halved(node));
            }
        }
        network.signature().outputs().forEach(output -> needFloat(output.name()));
        List<Node> casts = castSharedWeights();
        network.weights().forEach((name, tensor) -> {
            if (tensor.type() == ElementType.FLOAT && !floatWeights.contains(name)) {
                builder.removeWeight(name);
            }
        });
        casts.addAll(nodes);
        return builder.nodes(casts).values(List.of()).build();
    }

    /** A weight that is wanted in both types is stored once, with what makes floats of it again. */
    private List<Node> castSharedWeights() {
        List<Node> casts = new ArrayList<>();
        for (String weight : List.copyOf(floatWeights)) {
            if (halves.containsKey(weight) && isFloat(weight)) {
                floatWeights.remove(weight);
                casts.add(cast(halves.get(weight), weight, ElementType.FLOAT));
            }
        }
        return casts;
    }

    private boolean isKept(Node node) {
        boolean foreign = !node.domain().isEmpty() || keep.contains(node.op()) || FLOAT_ONLY.contains(node.op());
        boolean subgraphs = node.attributes().values().stream().anyMatch(Attribute.Subgraph.class::isInstance);
        List<String> given =
                node.inputs().stream().filter(input -> !input.isEmpty()).toList();
        List<String> made =
                node.outputs().stream().filter(output -> !output.isEmpty()).toList();
        boolean unknown =
                given.stream().anyMatch(v -> type(v) == null) || made.stream().anyMatch(v -> type(v) == null);
        boolean source = given.stream().noneMatch(this::isFloat) && !node.is("Cast");
        return foreign || subgraphs || unknown || source;
    }

    private ElementType type(String value) {
        Tensor weight = network.weights().get(value);
        if (weight != null) {
            return weight.type();
        }
        Value known = types.get(value);
        return known == null ? null : known.type();
    }

    private boolean isFloat(String value) {
        return type(value) == ElementType.FLOAT;
    }

    private Node halved(Node node) {
        List<String> inputs = node.inputs().stream()
                .map(input -> input.isEmpty() || !isFloat(input) ? input : half(input))
                .toList();
        node.inputs().stream()
                .filter(input -> losesValue(network.weights().get(input)))
                .forEach(input -> cut.add(
                        network.weights().get(input).toFloatArray()[0] + " of " + node.op() + " " + node.label()));
        List<String> outputs = new ArrayList<>();
        for (String output : node.outputs()) {
            boolean halved = !output.isEmpty() && isFloat(output);
            if (halved) {
                halves.put(output, names.value(output + SUFFIX));
            }
            outputs.add(halved ? halves.get(output) : output);
        }
        Node written = node.withInputs(inputs).withOutputs(outputs);
        boolean cast = node.is("Cast") && isFloat(node.output());
        return cast ? written.with("to", Attribute.of(ElementType.FLOAT16.code())) : written;
    }

    private static boolean losesValue(Tensor weight) {
        if (weight == null || weight.type() != ElementType.FLOAT || weight.size() != 1) {
            return false;
        }
        float value = weight.toFloatArray()[0];
        return Float.isFinite(value) && (value > HalfTensors.LARGEST || value < -HalfTensors.LARGEST && value > MASK);
    }

    /** The name of a value as a float16. */
    private String half(String value) {
        String known = halves.get(value);
        if (known != null) {
            return known;
        }
        String name = names.value(value + SUFFIX);
        halves.put(value, name);
        Tensor weight = network.weights().get(value);
        if (weight != null) {
            builder.weight(name, HalfTensors.of(weight, ElementType.FLOAT16, store));
        } else {
            nodes.add(cast(value, name, ElementType.FLOAT16));
        }
        return name;
    }

    /** Makes sure that a value is there under its own name. */
    private void needFloat(String value) {
        if (network.weights().containsKey(value)) {
            floatWeights.add(value);
        } else if (halves.containsKey(value) && floats.add(value)) {
            nodes.add(cast(halves.get(value), value, ElementType.FLOAT));
        }
    }

    private Node cast(String from, String to, ElementType type) {
        return Node.of("Cast", names.node(to + ".cast"), List.of(from), to).with("to", Attribute.of(type.code()));
    }
}
