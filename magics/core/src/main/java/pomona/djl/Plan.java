package pomona.djl;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.Constants;
import pomona.graph.Graph;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** The order in which a graph's operators are computed on arrays, made once and run many times. */
final class Plan {

    /** One operator, its sub-graphs, and the values that nobody needs after it. */
    private record Stage(Node node, Operator operator, Map<String, Plan> subplans, List<String> dead) {}

    /** A failure that already says where it happened. */
    static final class NodeException extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        NodeException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private final Graph graph;
    private final List<String> outputs;
    private final List<Stage> stages = new ArrayList<>();
    private final Map<String, Tensor> constants = new HashMap<>();

    /**
     * @param network the network's name, for messages
     * @throws IllegalArgumentException if an operator does not run on the training engine; the message names the node
     */
    Plan(String network, Graph graph) {
        this.graph = graph;
        this.outputs = graph.outputs().stream().map(Value::name).toList();
        constants.putAll(graph.weights());
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            if (node.is("Constant")) {
                constants.put(node.output(), constant(network, node));
            } else {
                nodes.add(node);
            }
        }
        List<Node> fused = Fusion.of(nodes, constants, outputs);
        Map<String, Integer> lastUse = lastUses(fused);
        for (int i = 0; i < fused.size(); i++) {
            int here = i;
            Node node = fused.get(i);
            List<String> dead = node.takes().stream()
                    .filter(input -> lastUse.getOrDefault(input, -1) == here)
                    .toList();
            stages.add(new Stage(node, operator(network, node), subplans(network, node), dead));
        }
        retainUsed();
    }

    Graph graph() {
        return graph;
    }

    /** The constants that some operator takes, weights and Constant nodes alike. */
    Map<String, Tensor> constants() {
        return constants;
    }

    /** Computes the outputs of a frame that holds the inputs; what is made on the way is freed as soon as can be. */
    NDList run(Frame frame) {
        for (Stage stage : stages) {
            compute(stage, frame);
        }
        return frame.finish(outputs);
    }

    private void compute(Stage stage, Frame frame) {
        Node node = stage.node();
        int n = node.inputs().size();
        NDArray[] inputs = new NDArray[n];
        Tensor[] tensors = new Tensor[n];
        for (int i = 0; i < n; i++) {
            if (node.hasInput(i)) {
                inputs[i] = frame.value(node.input(i));
                tensors[i] = frame.constant(node.input(i));
            }
        }
        NDList made;
        try {
            made = stage.operator().apply(new Call(node, frame, stage.subplans(), inputs, tensors));
        } catch (NodeException e) {
            throw e;
        } catch (EngineException | IllegalArgumentException | UnsupportedOperationException e) {
            throw new NodeException(
                    "Node " + node.label() + " (" + node.op() + ") of network "
                            + frame.run().network() + " failed: " + firstLine(e) + ".",
                    e);
        }
        for (int i = 0; i < made.size() && i < node.outputs().size(); i++) {
            NDArray output = made.get(i);
            frame.put(node.outputs().get(i), isOneOf(inputs, output) ? frame.alias(output) : output);
        }
        frame.free(stage.dead());
    }

    private static Operator operator(String network, Node node) {
        Operator operator = Operators.of(node);
        if (operator == null) {
            throw new IllegalArgumentException("Network " + network + " can not be trained: node " + node.label()
                    + " is a " + describe(node) + ", an operator without a trainable form.");
        }
        return operator;
    }

    private static Map<String, Plan> subplans(String network, Node node) {
        Map<String, Plan> subplans = new HashMap<>();
        node.attributes().forEach((name, attribute) -> {
            if (attribute instanceof Attribute.Subgraph subgraph) {
                subplans.put(name, new Plan(network, subgraph.value()));
            }
        });
        return subplans;
    }

    private void retainUsed() {
        Set<String> used = new HashSet<>(outputs);
        stages.forEach(stage -> used.addAll(stage.node().takes()));
        constants.keySet().retainAll(used);
    }

    private Map<String, Integer> lastUses(List<Node> nodes) {
        Map<String, Integer> lastUse = new HashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            for (String input : nodes.get(i).takes()) {
                lastUse.put(input, i);
            }
        }
        outputs.forEach(lastUse::remove);
        return lastUse;
    }

    private static boolean isOneOf(NDArray[] inputs, NDArray output) {
        for (NDArray input : inputs) {
            if (input == output) {
                return true;
            }
        }
        return false;
    }

    private static Tensor constant(String network, Node node) {
        Tensor value = Constants.valueOf(node);
        if (value == null) {
            throw new IllegalArgumentException("Network " + network + " can not be trained: node " + node.label()
                    + " is a Constant of texts or sparse values, which has no trainable form.");
        }
        return value;
    }

    private static String describe(Node node) {
        return node.domain().isEmpty() ? node.op() : node.op() + " of domain " + node.domain();
    }

    private static String firstLine(Throwable problem) {
        String text = problem.getMessage() == null ? problem.toString() : problem.getMessage();
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        // PyTorch begins with where in its own code something failed, and ends with what.
        boolean traced = text.startsWith("The following operation failed in the TorchScript interpreter");
        String line =
                lines.isEmpty() ? "" : lines.get(traced ? lines.size() - 1 : 0).strip();
        line = line.replaceFirst("^RuntimeError: ", "");
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }
}
