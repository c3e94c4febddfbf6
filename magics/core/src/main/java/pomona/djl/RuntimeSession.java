package pomona.djl;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
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
import pomona.onnx.Onnx;

/**
 * A network loaded into ONNX Runtime, through DJL's OnnxRuntime engine, ready to be run many times.
 *
 * <p>The network is handed over in memory; all graph optimizations of ONNX Runtime are on. A session holds native
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
    private final SessionOptions options;
    private final Model model;
    private final ParameterStore parameters;
    private final Staging staging = new Staging();

    private RuntimeSession(Network network, SessionOptions options, Model model) {
        this.name = network.name();
        this.signature = network.signature();
        this.inputs = signature.inputs().stream()
                .collect(Collectors.toMap(Value::name, v -> v, (a, b) -> a, LinkedHashMap::new));
        this.options = options;
        this.model = model;
        this.parameters = new ParameterStore(model.getNDManager(), false);
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
        SessionOptions options = new SessionOptions();
        Model model = Model.newInstance(network.name(), Device.cpu(), "OnnxRuntime");
        try {
            options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
            options.setIntraOpNumThreads(threads);
            // What goes wrong is thrown; it need not be printed as well.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            model.load(new ByteArrayInputStream(Onnx.bytes(network)), Map.of("sessionOptions", options));
            // DJL makes an empty folder for a model that comes from a stream.
            Files.deleteIfExists(model.getModelPath());
            return new RuntimeSession(network, options, model);
        } catch (OrtException | IOException | MalformedModelException | RuntimeException e) {
            model.close();
            options.close();
            throw new IllegalArgumentException(
                    "ONNX Runtime can not load network " + network.name() + ": " + reason(e), e);
        }
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
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList fed = new NDList(inputs.size());
            for (String input : inputs.keySet()) {
                fed.add(feed(input, feeds.get(input), manager, lent));
            }
            Map<String, Tensor> results = new LinkedHashMap<>();
            for (NDArray array : model.getBlock().forward(parameters, fed, false)) {
                results.put(array.getName(), Tensors.of(array));
                array.close();
            }
            return results;
        } catch (EngineException e) {
            throw new IllegalStateException("Network " + name + " failed in ONNX Runtime: " + reason(e), e);
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
        options.close();
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

    /** ONNX Runtime's own words, without the code and the place in its sources that it puts before them. */
    private static String reason(Throwable problem) {
        Throwable root = problem;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String text = root.getMessage() == null ? root.toString() : root.getMessage();
        text = text.replaceFirst("^Error code - \\w+ - message: ", "").strip();
        return text.endsWith(".") ? text : text + ".";
    }
}
