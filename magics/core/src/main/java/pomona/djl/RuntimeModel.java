package pomona.djl;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession.SessionOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;
import pomona.onnx.Onnx;

/**
 * A network as a DJL model of the OnnxRuntime engine, with all graph optimizations.
 *
 * @param model the model
 * @param options the settings it was loaded with, which must be closed after it
 */
record RuntimeModel(Model model, SessionOptions options) implements AutoCloseable {

    static final String ENGINE = "OnnxRuntime";

    /** Networks of more weights go by way of a file, which ONNX Runtime maps; in memory they would be there thrice. */
    private static final long LARGE = 256L << 20;

    /**
     * Loads a network.
     *
     * @param threads how many threads one operator may use
     * @throws IllegalArgumentException if ONNX Runtime refuses the network; the message says why
     */
    static RuntimeModel load(Network given, int threads) {
        Network network = RuntimeForm.of(given);
        SessionOptions options = new SessionOptions();
        Model model = Model.newInstance(network.name(), Device.cpu(), ENGINE);
        try {
            options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
            options.setIntraOpNumThreads(threads);
            // What goes wrong is thrown; it need not be printed as well.
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            Map<String, Object> settings = Map.of("sessionOptions", options);
            if (network.weights().values().stream().mapToLong(Tensor::bytes).sum() > LARGE) {
                loadFile(network, model, settings);
            } else {
                model.load(new ByteArrayInputStream(Onnx.bytes(network)), settings);
                // DJL makes an empty folder for a model that comes from a stream.
                Files.deleteIfExists(model.getModelPath());
            }
            return new RuntimeModel(model, options);
        } catch (OrtException | IOException | MalformedModelException | RuntimeException e) {
            model.close();
            options.close();
            throw new IllegalArgumentException(
                    "ONNX Runtime can not load network " + network.name() + ": " + reason(e));
        }
    }

    private static void loadFile(Network network, Model model, Map<String, Object> settings)
            throws IOException, MalformedModelException {
        Path folder = Files.createTempDirectory(TensorStore.folder(), "pomona");
        Path file = folder.resolve("model.onnx");
        Path data = folder.resolve("model.onnx.data");
        try {
            Onnx.writeExternal(network, file);
            model.load(folder, "model", settings);
        } finally {
            for (Path made : new Path[] {file, data, folder}) {
                try {
                    Files.deleteIfExists(made);
                } catch (IOException e) {
                    // Some systems keep the name of a mapped file: it goes when the process ends.
                    made.toFile().deleteOnExit();
                }
            }
        }
    }

    @Override
    public void close() {
        model.close();
        options.close();
    }

    /**
     * ONNX Runtime's own words, without the code and the place in its sources that it puts before them. Who says them needs
     * no cause: wrapped exceptions of DJL and of ONNX Runtime would say the same again.
     */
    static String reason(Throwable problem) {
        Throwable root = problem;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String text = root.getMessage() == null ? root.toString() : root.getMessage();
        text = text.replaceFirst("^Error code - \\w+ - message: ", "").strip();
        return text.endsWith(".") ? text : text + ".";
    }
}
