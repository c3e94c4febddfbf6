package pomona.graph;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An immutable graph of operators in topological order: the body of a network, or a sub-graph of If, Loop or Scan.
 *
 * @param name the graph's name
 * @param inputs the values fed from outside, weights excluded
 * @param outputs the values given back
 * @param nodes the operators, each after those whose outputs it takes
 * @param weights the constant tensors by name (ONNX calls them initializers)
 * @param values what is known of values inside the graph; may be empty
 * @param extra fields of the file that this library does not model
 */
public record Graph(
        String name,
        List<Value> inputs,
        List<Value> outputs,
        List<Node> nodes,
        Map<String, Tensor> weights,
        List<Value> values,
        Opaque extra) {

    public Graph {
        Objects.requireNonNull(name, "name");
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        nodes = List.copyOf(nodes);
        weights = Collections.unmodifiableMap(new LinkedHashMap<>(weights));
        values = List.copyOf(values);
        Objects.requireNonNull(extra, "extra");
    }

    /** The node that makes each value, by the value's name. */
    public Map<String, Node> producers() {
        Map<String, Node> producers = new HashMap<>();
        for (Node node : nodes) {
            for (String output : node.outputs()) {
                if (!output.isEmpty()) {
                    producers.put(output, node);
                }
            }
        }
        return producers;
    }

    /** The nodes that take each value as a direct input, by the value's name. */
    public Map<String, List<Node>> consumers() {
        Map<String, List<Node>> consumers = new HashMap<>();
        for (Node node : nodes) {
            for (String input : node.inputs()) {
                if (!input.isEmpty()) {
                    consumers
                            .computeIfAbsent(input, k -> new java.util.ArrayList<>())
                            .add(node);
                }
            }
        }
        return consumers;
    }
}
