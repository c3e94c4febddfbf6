package pomona.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Builds a {@link Network} in a few lines; nodes may be added in any order.
 *
 * <pre>{@code
 * Network net = Network.builder("tiny")
 *         .input("x", "batch", 4)
 *         .weight("w", Tensor.ofFloats(values, 4, 2))
 *         .node("MatMul", List.of("x", "w"), "y")
 *         .output("y", "batch", 2)
 *         .build();
 * }</pre>
 */
public final class NetworkBuilder {

    /** The operator set that new networks are written in. */
    public static final long DEFAULT_OPSET = 17;

    String name;
    final List<Value> inputs = new ArrayList<>();
    final List<Value> outputs = new ArrayList<>();
    final List<Node> nodes = new ArrayList<>();
    final Map<String, Tensor> weights = new LinkedHashMap<>();
    final List<Value> values = new ArrayList<>();
    final Map<String, Long> opsets = new LinkedHashMap<>();
    final Map<String, String> metadata = new LinkedHashMap<>();
    final List<Step> provenance = new ArrayList<>();
    Opaque graphExtra = Opaque.NONE;
    Opaque extra = Opaque.NONE;

    NetworkBuilder(String name) {
        this.name = Objects.requireNonNull(name, "name");
        opsets.put("", DEFAULT_OPSET);
    }

    public NetworkBuilder name(String newName) {
        name = newName;
        return this;
    }

    /** Adds a float input; dimensions are numbers or symbols. */
    public NetworkBuilder input(String inputName, Object... dimensions) {
        return input(Value.of(inputName, ElementType.FLOAT, dimensions));
    }

    public NetworkBuilder input(Value input) {
        inputs.add(input);
        return this;
    }

    /** Adds a float output; dimensions are numbers or symbols. */
    public NetworkBuilder output(String outputName, Object... dimensions) {
        return output(Value.of(outputName, ElementType.FLOAT, dimensions));
    }

    public NetworkBuilder output(Value output) {
        outputs.add(output);
        return this;
    }

    /** Replaces all inputs. */
    public NetworkBuilder inputs(List<Value> newInputs) {
        inputs.clear();
        inputs.addAll(newInputs);
        return this;
    }

    /** Replaces all outputs. */
    public NetworkBuilder outputs(List<Value> newOutputs) {
        outputs.clear();
        outputs.addAll(newOutputs);
        return this;
    }

    /** Adds a weight, or replaces the one of that name. */
    public NetworkBuilder weight(String weightName, Tensor tensor) {
        weights.put(weightName, tensor);
        return this;
    }

    /** Removes a weight. */
    public NetworkBuilder removeWeight(String weightName) {
        weights.remove(weightName);
        return this;
    }

    /** Adds a standard operator without attributes, named after its first output. */
    public NetworkBuilder node(String op, List<String> nodeInputs, String... nodeOutputs) {
        return node(Node.of(op, nodeOutputs[0], nodeInputs, nodeOutputs));
    }

    public NetworkBuilder node(Node node) {
        nodes.add(node);
        return this;
    }

    /** Replaces all nodes. */
    public NetworkBuilder nodes(List<Node> newNodes) {
        List<Node> copy = List.copyOf(newNodes);
        nodes.clear();
        nodes.addAll(copy);
        return this;
    }

    /** Replaces what is known of the values inside the graph. */
    public NetworkBuilder values(List<Value> newValues) {
        List<Value> copy = List.copyOf(newValues);
        values.clear();
        values.addAll(copy);
        return this;
    }

    /** Sets the version of an operator set; the empty domain is the standard one. */
    public NetworkBuilder opset(String domain, long version) {
        opsets.put(domain.equals("ai.onnx") ? "" : domain, version);
        return this;
    }

    /** Replaces the versions of all operator sets. */
    public NetworkBuilder opsets(Map<String, Long> versions) {
        opsets.clear();
        versions.forEach(this::opset);
        return this;
    }

    public NetworkBuilder metadata(String key, String value) {
        metadata.put(key, value);
        return this;
    }

    /** Replaces the provenance. */
    public NetworkBuilder provenance(List<Step> steps) {
        List<Step> copy = List.copyOf(steps);
        provenance.clear();
        provenance.addAll(copy);
        return this;
    }

    /** Sets the parts of a file that are carried but not read: of the graph, and of the model around it. */
    public NetworkBuilder extras(Opaque ofGraph, Opaque ofModel) {
        graphExtra = ofGraph;
        extra = ofModel;
        return this;
    }

    /** Whether a value, weight or input of that name exists already. */
    public boolean has(String valueName) {
        return weights.containsKey(valueName)
                || inputs.stream().anyMatch(v -> v.name().equals(valueName))
                || nodes.stream().anyMatch(n -> n.outputs().contains(valueName));
    }

    /** A name that nothing in the graph has yet, which is {@code wish} when that is free. */
    public String freshName(String wish) {
        String candidate = wish;
        for (int i = 1; has(candidate); i++) {
            candidate = wish + "_" + i;
        }
        return candidate;
    }

    /** Adds several nodes. */
    public NetworkBuilder add(Node... more) {
        nodes.addAll(Arrays.asList(more));
        return this;
    }

    /**
     * Checks the graph, sorts its nodes and makes the network.
     *
     * @throws IllegalArgumentException if a value is made twice, taken but never made, or depends on itself
     */
    public Network build() {
        return new Network(this);
    }

    Graph buildGraph() {
        List<Node> sorted = TopologicalOrder.sort(name, nodes, inputs, weights.keySet());
        Graph graph = new Graph(name, inputs, outputs, sorted, weights, values, graphExtra);
        TopologicalOrder.checkOutputs(graph);
        return graph;
    }
}
