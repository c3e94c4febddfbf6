package pomona.djl;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** The order in which a network's operators are computed on arrays, made once and run many times. */
final class Execution {

    /** One operator, and the values that nobody needs after it. */
    private record Stage(Node node, Operator operator, List<String> dead) {}

    private final Network network;
    private final List<Stage> stages = new ArrayList<>();
    private final Map<String, Tensor> constants = new HashMap<>();
    private final Set<String> used = new HashSet<>();

    /**
     * @throws IllegalArgumentException if an operator does not run on the training engine; the message names the node
     */
    Execution(Network network) {
        this.network = network;
        constants.putAll(network.weights());
        Map<String, Integer> lastUse = lastUses();
        for (int i = 0; i < network.nodes().size(); i++) {
            Node node = network.nodes().get(i);
            if (node.is("Constant")) {
                constants.put(node.output(), constant(node));
                continue;
            }
            Operator operator = Operators.of(node);
            if (operator == null) {
                throw new IllegalArgumentException("Network " + network.name() + " can not be trained: node "
                        + node.label() + " is a " + describe(node) + ", an operator without a trainable form.");
            }
            int here = i;
            List<String> dead = node.inputs().stream()
                    .filter(input -> lastUse.getOrDefault(input, -1) == here)
                    .distinct()
                    .toList();
            stages.add(new Stage(node, operator, dead));
            used.addAll(node.inputs());
        }
        network.graph().outputs().forEach(output -> used.add(output.name()));
    }

    /** The constants that some operator takes, weights and Constant nodes alike. */
    Map<String, Tensor> constants() {
        Map<String, Tensor> taken = new HashMap<>(constants);
        taken.keySet().retainAll(used);
        return taken;
    }

    /**
     * Runs the network; what is made on the way is freed as soon as nobody needs it.
     *
     * @param inputs the arrays of the network's inputs, in order
     * @param arrays gives the array of a constant
     * @param training whether dropout drops and batch normalization takes the statistics of the batch
     * @return the outputs, in order, owned by the inputs' manager
     */
    NDList run(NDList inputs, Function<String, NDArray> arrays, boolean training) {
        NDManager owner = inputs.head().getManager();
        try (NDManager scope = owner.newSubManager()) {
            Map<String, NDArray> values = new HashMap<>();
            List<Value> declared = network.signature().inputs();
            for (int i = 0; i < declared.size(); i++) {
                values.put(declared.get(i).name(), alias(inputs.get(i), scope));
            }
            for (Stage stage : stages) {
                compute(stage, values, arrays, scope, training);
            }
            NDList outputs = new NDList();
            for (Value output : network.signature().outputs()) {
                NDArray array = value(output.name(), values, arrays, scope);
                NDArray given = outputs.contains(array) ? alias(array, scope) : array;
                given.attach(owner);
                given.setName(output.name());
                outputs.add(given);
            }
            return outputs;
        }
    }

    private void compute(
            Stage stage,
            Map<String, NDArray> values,
            Function<String, NDArray> arrays,
            NDManager scope,
            boolean training) {
        Node node = stage.node();
        int n = node.inputs().size();
        NDArray[] inputs = new NDArray[n];
        Tensor[] tensors = new Tensor[n];
        for (int i = 0; i < n; i++) {
            if (node.hasInput(i)) {
                inputs[i] = value(node.input(i), values, arrays, scope);
                tensors[i] = constants.get(node.input(i));
            }
        }
        NDList outputs;
        try {
            outputs = stage.operator().apply(new Call(node, network.opset(), training, scope, inputs, tensors));
        } catch (EngineException | IllegalArgumentException | UnsupportedOperationException e) {
            throw new IllegalArgumentException(
                    "Node " + node.label() + " (" + node.op() + ") of network " + network.name() + " failed: "
                            + firstLine(e) + ".",
                    e);
        }
        for (int i = 0; i < outputs.size() && i < node.outputs().size(); i++) {
            NDArray output = outputs.get(i);
            values.put(node.outputs().get(i), isOneOf(inputs, output) ? alias(output, scope) : output);
        }
        for (String name : stage.dead()) {
            NDArray array = values.remove(name);
            if (array != null) {
                array.close();
            }
        }
    }

    /** The array of a value; constants are put among the values, so that they are looked up once. */
    private static NDArray value(
            String name, Map<String, NDArray> values, Function<String, NDArray> arrays, NDManager scope) {
        NDArray known = values.get(name);
        if (known != null) {
            return known;
        }
        NDArray constant = alias(arrays.apply(name), scope);
        values.put(name, constant);
        return constant;
    }

    /** The same elements under another handle that the scope owns: what is made of it is then the scope's as well. */
    private static NDArray alias(NDArray array, NDManager scope) {
        NDArray alias = array.reshape(array.getShape());
        alias.attach(scope);
        return alias;
    }

    private static boolean isOneOf(NDArray[] inputs, NDArray output) {
        for (NDArray input : inputs) {
            if (input == output) {
                return true;
            }
        }
        return false;
    }

    private Map<String, Integer> lastUses() {
        Map<String, Integer> lastUse = new HashMap<>();
        for (int i = 0; i < network.nodes().size(); i++) {
            for (String input : network.nodes().get(i).inputs()) {
                lastUse.put(input, i);
            }
        }
        network.graph().outputs().forEach(output -> lastUse.remove(output.name()));
        return lastUse;
    }

    private Tensor constant(Node node) {
        for (Attribute attribute : node.attributes().values()) {
            if (attribute instanceof Attribute.Constant a) {
                return a.value();
            }
            if (attribute instanceof Attribute.Int a) {
                return Tensor.scalar(a.value());
            }
            if (attribute instanceof Attribute.Real a) {
                return Tensor.scalar(a.value());
            }
            if (attribute instanceof Attribute.Ints a) {
                long[] values = a.values().stream().mapToLong(Long::longValue).toArray();
                return Tensor.ofLongs(values, values.length);
            }
            if (attribute instanceof Attribute.Reals a) {
                float[] values = new float[a.values().size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = a.values().get(i);
                }
                return Tensor.ofFloats(values, values.length);
            }
        }
        throw new IllegalArgumentException("Network " + network.name() + " can not be trained: node " + node.label()
                + " is a Constant of texts or sparse values, which has no trainable form.");
    }

    private static String describe(Node node) {
        return node.domain().isEmpty() ? node.op() : node.op() + " of domain " + node.domain();
    }

    private static String firstLine(Throwable problem) {
        String text = problem.getMessage() == null ? problem.toString() : problem.getMessage();
        String line = text.lines().findFirst().orElse("").strip();
        return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    }
}
