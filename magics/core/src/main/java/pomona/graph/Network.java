package pomona.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A neural network as an immutable value: a graph of operators with named weights, the operator sets it is written
 * in, and its provenance. Change it by applying a pass, or by hand through {@link #toBuilder()}.
 *
 * <p>Semantics are those of ONNX (Open Neural Network Exchange, IR and operator specification).
 */
public final class Network {

    private final Graph graph;
    private final Map<String, Long> opsets;
    private final Map<String, String> metadata;
    private final List<Step> provenance;
    private final Opaque extra;

    Network(NetworkBuilder builder) {
        this.graph = builder.buildGraph();
        this.opsets = Collections.unmodifiableMap(new LinkedHashMap<>(builder.opsets));
        this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(builder.metadata));
        this.provenance = List.copyOf(builder.provenance);
        this.extra = builder.extra;
    }

    /** Starts a network from nothing. */
    public static NetworkBuilder builder(String name) {
        return new NetworkBuilder(name);
    }

    /** A builder that holds everything this network holds. */
    public NetworkBuilder toBuilder() {
        NetworkBuilder builder = new NetworkBuilder(graph.name());
        builder.inputs.addAll(graph.inputs());
        builder.outputs.addAll(graph.outputs());
        builder.nodes.addAll(graph.nodes());
        builder.weights.putAll(graph.weights());
        builder.values.addAll(graph.values());
        builder.graphExtra = graph.extra();
        builder.opsets.clear();
        builder.opsets.putAll(opsets);
        builder.metadata.putAll(metadata);
        builder.provenance.addAll(provenance);
        builder.extra = extra;
        return builder;
    }

    /**
     * Applies a technique; this network stays as it is.
     *
     * @param pass the technique, such as a pruning record
     * @return the new network, whose provenance ends with this step
     */
    public Network apply(UnaryOperator<Network> pass) {
        return pass.apply(this);
    }

    public String name() {
        return graph.name();
    }

    public Graph graph() {
        return graph;
    }

    public Signature signature() {
        return new Signature(graph.inputs(), graph.outputs());
    }

    /** What a caller feeds, weights excluded: names, types and shapes. */
    public List<Value> inputs() {
        return graph.inputs();
    }

    /** What a caller gets: names, types and shapes. */
    public List<Value> outputs() {
        return graph.outputs();
    }

    /** The operators in topological order. */
    public List<Node> nodes() {
        return graph.nodes();
    }

    /** The constant tensors by name. */
    public Map<String, Tensor> weights() {
        return graph.weights();
    }

    /**
     * The weight of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Tensor weight(String weightName) {
        Tensor weight = graph.weights().get(weightName);
        if (weight == null) {
            throw new IllegalArgumentException("Network " + name() + " has no weight " + weightName + "; it has "
                    + String.join(", ", graph.weights().keySet()) + ".");
        }
        return weight;
    }

    /** The operator sets by domain; the empty domain is the standard one. */
    public Map<String, Long> opsets() {
        return opsets;
    }

    /** The version of the standard operator set. */
    public long opset() {
        return opsets.getOrDefault("", 1L);
    }

    /** The file's metadata entries, provenance excluded. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The steps that made this network, oldest first. */
    public List<Step> provenance() {
        return provenance;
    }

    /** Parts of the file that this library does not model: producer, functions, unknown fields. */
    public Opaque extra() {
        return extra;
    }

    /** The number of parameters: elements of floating-point weights, and of integer weights that stand for them. */
    public long parameters() {
        return Parameters.count(this);
    }

    /** The number of parameters that are not zero. */
    public long nonZeros() {
        return Parameters.countNonZeros(this);
    }

    /**
     * The same network with some weights replaced. Operators around a weight count on its type and shape; to change these
     * with the operators, go through {@link #toBuilder()}.
     *
     * @throws IllegalArgumentException if a name is no weight, or a tensor is of another type or shape than the weight
     */
    public Network withWeights(Map<String, Tensor> changed) {
        NetworkBuilder builder = toBuilder();
        changed.forEach((weightName, tensor) -> {
            Tensor wanted = weight(weightName);
            Objects.requireNonNull(tensor, weightName);
            if (tensor.type() != wanted.type() || !Arrays.equals(tensor.shape(), wanted.shape())) {
                throw new IllegalArgumentException("Weight " + weightName + " of network " + name() + " is " + wanted
                        + ", but it was given " + tensor + "; type and shape must be the same.");
            }
            builder.weight(weightName, tensor);
        });
        return builder.build();
    }

    /** The same network with one step added to its provenance. */
    public Network withStep(Step step) {
        NetworkBuilder builder = toBuilder();
        builder.provenance.add(Objects.requireNonNull(step, "step"));
        return builder.build();
    }

    /** The same network under another name. */
    public Network named(String newName) {
        NetworkBuilder builder = toBuilder();
        builder.name = newName;
        return builder.build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Network n
                && graph.equals(n.graph)
                && opsets.equals(n.opsets)
                && metadata.equals(n.metadata)
                && provenance.equals(n.provenance)
                && extra.equals(n.extra);
    }

    @Override
    public int hashCode() {
        return Objects.hash(graph.name(), graph.nodes().size(), opsets);
    }

    /** One line: name, signature, parameters and the number of operators. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        parts.add(name() + " " + signature());
        parts.add(String.format(java.util.Locale.ROOT, "%,d parameters", parameters()));
        parts.add(nodes().size() + (nodes().size() == 1 ? " operator" : " operators"));
        return String.join(", ", parts);
    }
}
