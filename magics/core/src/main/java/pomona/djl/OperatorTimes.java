package pomona.djl;

import ai.djl.engine.Engine;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;

/**
 * Measures how long each operator of a network takes on ONNX Runtime, with the profiler of ONNX Runtime.
 *
 * <p>Basic graph optimizations are on: what is constant is worked out before, and a product takes its bias with it. Those
 * that join operators to others that a network does not have are off, so that times can be told apart, unless they are
 * asked for: only they make integer operators of quantized networks.
 */
public final class OperatorTimes {

    private static final int WARM_UP = 3;

    private OperatorTimes() {}

    /**
     * Runs a network several times on the same data.
     *
     * @param feeds a tensor for each input, by name
     * @param runs how many runs to take the middle half of, 1 or more
     * @param threads how many threads one operator may use, 1 or more
     * @return microseconds in a run by the operator's first output; under the empty name those of operators that ONNX
     *     Runtime added
     * @throws IllegalArgumentException if ONNX Runtime refuses the network or the feeds
     * @throws CancellationException if the thread was interrupted
     */
    public static Map<String, Double> measure(Network network, Map<String, Tensor> feeds, int runs, int threads) {
        return measure(network, feeds, runs, threads, SessionOptions.OptLevel.BASIC_OPT);
    }

    /**
     * Runs a network as {@link #measure}, but with all that ONNX Runtime does for networks that are served: the time of
     * operators that it joined is under the main one of them, and that of moving values to other layouts of memory under the
     * empty name.
     */
    public static Map<String, Double> measureFused(Network network, Map<String, Tensor> feeds, int runs, int threads) {
        return measure(network, feeds, runs, threads, SessionOptions.OptLevel.ALL_OPT);
    }

    private static Map<String, Double> measure(
            Network network, Map<String, Tensor> feeds, int runs, int threads, SessionOptions.OptLevel level) {
        if (runs < 1 || threads < 1) {
            throw new IllegalArgumentException(
                    "runs and threads must be 1 or more; they were " + runs + " and " + threads + ".");
        }
        try {
            Path folder = Files.createTempDirectory("pomona-profile");
            try {
                return parse(network, profile(network, feeds, runs, threads, level, folder), runs);
            } finally {
                delete(folder);
            }
        } catch (OrtException e) {
            throw new IllegalArgumentException(
                    "ONNX Runtime can not profile network " + network.name() + ": " + RuntimeModel.reason(e));
        } catch (IOException e) {
            throw new UncheckedIOException("Network " + network.name() + " can not be profiled: " + e.getMessage(), e);
        }
    }

    private static Path profile(
            Network network,
            Map<String, Tensor> feeds,
            int runs,
            int threads,
            SessionOptions.OptLevel level,
            Path folder)
            throws OrtException {
        // DJL's engine makes ONNX Runtime's environment with its own settings, and fails for good where one exists.
        Engine.getEngine("OnnxRuntime");
        Path file = Onnx.write(new JoinedOperators(RuntimeForm.of(network)).numbered(), folder.resolve("network.onnx"));
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
        try (SessionOptions options = new SessionOptions()) {
            options.setOptimizationLevel(level);
            options.setIntraOpNumThreads(threads);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.enableProfiling(folder.resolve("times").toString());
            try (OrtSession session = environment.createSession(file.toString(), options)) {
                for (Map.Entry<String, Tensor> feed : feeds.entrySet()) {
                    inputs.put(feed.getKey(), tensor(environment, feed.getValue()));
                }
                for (int i = 0; i < WARM_UP + runs; i++) {
                    if (Thread.interrupted()) {
                        throw new CancellationException(
                                "Timing network " + network.name() + " was interrupted; the network is as it was.");
                    }
                    session.run(inputs).close();
                }
                return Path.of(session.endProfiling());
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static OnnxTensor tensor(OrtEnvironment environment, Tensor tensor) throws OrtException {
        ByteBuffer direct =
                ByteBuffer.allocateDirect(Math.toIntExact(tensor.bytes())).order(ByteOrder.nativeOrder());
        direct.put(tensor.data()).flip();
        OnnxJavaType type =
                switch (tensor.type()) {
                    case FLOAT -> OnnxJavaType.FLOAT;
                    case DOUBLE -> OnnxJavaType.DOUBLE;
                    case INT64 -> OnnxJavaType.INT64;
                    case INT32 -> OnnxJavaType.INT32;
                    case INT16 -> OnnxJavaType.INT16;
                    case INT8 -> OnnxJavaType.INT8;
                    case UINT8 -> OnnxJavaType.UINT8;
                    case BOOL -> OnnxJavaType.BOOL;
                    case FLOAT16 -> OnnxJavaType.FLOAT16;
                    default ->
                        throw new IllegalArgumentException("A network can not be profiled with inputs " + tensor + ".");
                };
        return OnnxTensor.createTensor(environment, direct, tensor.shape(), type);
    }

    /**
     * The mean of the middle half of all runs but the first, which warm up: what else the machine does slows single runs
     * down, and the profiler counts in whole microseconds, so that a median would be too coarse. Operators that ONNX Runtime
     * added, which have no number, are summed up in each run.
     */
    private static Map<String, Double> parse(Network network, Path file, int runs) throws IOException {
        JoinedOperators operators = new JoinedOperators(network);
        Map<Integer, List<Double>> times = new LinkedHashMap<>();
        for (JsonNode event : new ObjectMapper().readTree(file.toFile())) {
            String name = event.path("name").asText();
            if (event.path("cat").asText().equals("Node") && name.endsWith("_kernel_time")) {
                times.computeIfAbsent(operators.number(event), n -> new ArrayList<>())
                        .add(event.path("dur").asDouble());
            }
        }
        Map<String, Double> middles = new HashMap<>();
        times.forEach((number, all) -> {
            String output = number < 0 ? "" : network.nodes().get(number).output();
            middles.merge(output, middle(all, runs), Double::sum);
        });
        return middles;
    }

    /** The mean over the middle half of runs of the time in each; events come in the order of the runs, in each run as many. */
    static double middle(List<Double> events, int runs) {
        int each = Math.max(1, events.size() / (WARM_UP + runs));
        double[] sums = new double[runs];
        for (int run = 0; run < runs; run++) {
            int first = (WARM_UP + run) * each;
            for (int event = first; event < Math.min(events.size(), first + each); event++) {
                sums[run] += events.get(event);
            }
        }
        Arrays.sort(sums);
        return Arrays.stream(sums, runs / 4, runs - runs / 4).average().orElseThrow();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
