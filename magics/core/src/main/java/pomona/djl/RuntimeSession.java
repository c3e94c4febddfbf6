package pomona.djl;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.graph.Dimension;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Signature;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * A network loaded into ONNX Runtime, through DJL's OnnxRuntime engine, ready to be run many times.
 *
 * <p>The network is handed over in memory, or by way of a file where it is large; all graph optimizations of ONNX Runtime are on. A session holds native
 * memory until it is closed. It may be used by several threads.
 *
 * <pre>{@code
 * try (RuntimeSession session = RuntimeSession.open(network)) {
 *     Tensor logits = session.run(Map.of("image", image)).get("logits");
 * }
 * }</pre>
 */
public final class RuntimeSession implements AutoCloseable {

    private final String name;
    private final Signature signature;
    private final Map<String, Value> inputs;
    private final RuntimeModel model;
    private final ParameterStore parameters;
    private final Staging staging = new Staging();

    private RuntimeSession(Network network, RuntimeModel model) {
        this.name = network.name();
        this.signature = network.signature();
        this.inputs = signature.inputs().stream()
                .collect(Collectors.toMap(Value::name, v -> v, (a, b) -> a, LinkedHashMap::new));
        this.model = model;
        this.parameters = new ParameterStore(model.model().getNDManager(), false);
    }

    /**
     * Loads a network, to be run with as many threads as there are processors.
     *
     * @throws IllegalArgumentException if ONNX Runtime refuses the network; the message says why
     */
    public static RuntimeSession open(Network network) {
        return open(network, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Loads a network.
     *
     * @param threads how many threads one operator may use, 1 or more
     * @throws IllegalArgumentException if ONNX Runtime refuses the network; the message says why
     */
    public static RuntimeSession open(Network network, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be 1 or more; it was " + threads + ".");
        }
        return new RuntimeSession(network, RuntimeModel.load(network, threads));
    }

    /** What the network takes and gives. */
    public Signature signature() {
        return signature;
    }

    /**
     * Runs the network.
     *
     * @param feeds a tensor for each input, by the input's name
     * @return a tensor for each output, by the output's name, in the network's order
     * @throws IllegalArgumentException if an input is missing, unknown, or of another type or shape than the network
     *     takes
     * @throws IllegalStateException if the network fails while it runs; the message is ONNX Runtime's
     */
    public Map<String, Tensor> run(Map<String, Tensor> feeds) {
        check(feeds);
        List<ByteBuffer> lent = new ArrayList<>(inputs.size());
        try (NDManager manager = model.model().getNDManager().newSubManager()) {
            NDList fed = new NDList(inputs.size());
            for (String input : inputs.keySet()) {
                fed.add(feed(input, feeds.get(input), manager, lent));
            }
            Map<String, Tensor> results = new LinkedHashMap<>();
            for (NDArray array : model.model().getBlock().forward(parameters, fed, false)) {
                results.put(array.getName(), Tensors.of(array));
                array.close();
            }
            return results;
        } catch (EngineException e) {
            throw new IllegalStateException("Network " + name + " failed in ONNX Runtime: " + RuntimeModel.reason(e));
        } finally {
            lent.forEach(staging::give);
        }
    }

    private NDArray feed(String input, Tensor tensor, NDManager manager, List<ByteBuffer> lent) {
        NDArray array;
        if (tensor.type() == ElementType.STRING) {
            array = Tensors.toArray(tensor, manager);
        } else {
            ByteBuffer buffer = staging.take(tensor.data());
            lent.add(buffer);
            ByteBuffer exact = buffer.slice().order(buffer.order());
            array = manager.create(exact, new Shape(tensor.shape()), Tensors.dataType(tensor.type()));
        }
        array.setName(input);
        return array;
    }

    /**
     * Runs a network that has one input, and gives its first output.
     *
     * @throws IllegalArgumentException if the network has several inputs, or the input's type or shape is another
     */
    public Tensor run(Tensor input) {
        if (inputs.size() != 1) {
            throw new IllegalArgumentException("Network " + name + " takes " + describe(signature.inputs())
                    + "; feed each of them by its name, not one tensor.");
        }
        Map<String, Tensor> results = run(Map.of(signature.inputs().get(0).name(), input));
        return results.get(signature.outputs().get(0).name());
    }

    @Override
    public void close() {
        model.close();
    }

    private void check(Map<String, Tensor> feeds) {
        for (String fed : feeds.keySet()) {
            if (!inputs.containsKey(fed)) {
                throw new IllegalArgumentException("Network " + name + " has no input " + fed + "; it takes "
                        + describe(signature.inputs()) + ".");
            }
        }
        for (Value input : inputs.values()) {
            Tensor tensor = feeds.get(input.name());
            if (tensor == null) {
                throw new IllegalArgumentException("Network " + name + " takes " + describe(signature.inputs())
                        + ", but " + input.name() + " was not fed.");
            }
            if (!fits(tensor, input)) {
                throw new IllegalArgumentException("Input " + input.name() + " of network " + name + " is "
                        + typeOf(input) + ", but it was fed " + tensor + ".");
            }
        }
    }

    private static boolean fits(Tensor tensor, Value input) {
        if (input.type() != null && input.type() != tensor.type()) {
            return false;
        }
        List<Dimension> shape = input.shape();
        if (shape == null) {
            return true;
        }
        if (shape.size() != tensor.rank()) {
            return false;
        }
        for (int i = 0; i < shape.size(); i++) {
            if (shape.get(i).isFixed() && shape.get(i).size() != tensor.dim(i)) {
                return false;
            }
        }
        return true;
    }

    private static String typeOf(Value value) {
        return value.toString().substring(value.name().length() + 1);
    }

    private static String describe(List<Value> values) {
        return values.stream().map(Value::toString).collect(Collectors.joining(" and "));
    }
}
