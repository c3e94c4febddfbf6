package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;

/** What a predictor of a network promises: it has run once, is optimized, and uses all processors. */
class PredictorTest {

    /** Tensors in and out, as they are. */
    private static final class Plain implements Translator<List<Tensor>, List<Tensor>> {

        @Override
        public NDList processInput(TranslatorContext context, List<Tensor> inputs) {
            NDManager manager = context.getNDManager();
            return new NDList(inputs.stream()
                    .map(input -> Tensors.toArray(input, manager))
                    .toList());
        }

        @Override
        public List<Tensor> processOutput(TranslatorContext context, NDList outputs) {
            return outputs.stream().map(Tensors::of).toList();
        }

        @Override
        public Batchifier getBatchifier() {
            return null;
        }
    }

    /** Its numbers go on from run to run, so they tell how often it has run. */
    private static Network dice(Value input) {
        return Network.builder("dice")
                .input(input)
                .node(Node.of("Shape", "shape", List.of(input.name()), "sizes"))
                .node(Node.of("RandomUniform", "dice", List.of(), "random")
                        .with("shape", Attribute.ofInts(3))
                        .with("seed", Attribute.of(5f)))
                .output("random", 3)
                .output(Value.of("sizes", ElementType.INT64, input.shape().size()))
                .build();
    }

    @Test
    void hasRunOnceWhenItIsAsked() throws Exception {
        assertSecondNumbersComeFirst(Value.of("x", ElementType.FLOAT, "batch", 4), Tensor.ofFloats(new float[8], 2, 4));
        assertSecondNumbersComeFirst(
                Value.of("x", ElementType.INT64, "batch", "sequence"), Tensor.ofLongs(new long[6], 2, 3));
        assertSecondNumbersComeFirst(
                Value.of("x", ElementType.BOOL, 3), Tensor.ofBytes(ElementType.BOOL, new byte[3], 3));
    }

    private static void assertSecondNumbersComeFirst(Value input, Tensor fed) throws Exception {
        Network network = dice(input);
        float[] first;
        float[] second;
        try (RuntimeSession session = RuntimeSession.open(network)) {
            first = session.run(Map.of("x", fed)).get("random").toFloatArray();
            second = session.run(Map.of("x", fed)).get("random").toFloatArray();
        }
        assertThat(second).isNotEqualTo(first);
        try (Predictor<List<Tensor>, List<Tensor>> predictor = Djl.predictor(network, new Plain())) {
            assertThat(predictor)
                    .hasToString("predictor of " + network.name() + " " + network.signature() + " on ONNX Runtime");
            List<Tensor> answer = predictor.predict(List.of(fed));
            assertThat(answer.get(0).toFloatArray()).isEqualTo(second);
            assertThat(answer.get(1).toLongArray()).isEqualTo(fed.shape());
        }
    }

    /** One record of zeros is nothing that a division of it into four could take; the first real input is. */
    @Test
    void whatDoesNotTakeZerosPredictsAllTheSame() throws Exception {
        Network network = Network.builder("quarters")
                .input("x", "length")
                .weight("shape", Tensor.ofLongs(new long[] {4, -1}, 2))
                .node("Reshape", List.of("x", "shape"), "y")
                .output("y", 4, "quarter")
                .build();
        try (Predictor<List<Tensor>, List<Tensor>> predictor = Djl.predictor(network, new Plain())) {
            Tensor answer = predictor
                    .predict(List.of(Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 8)))
                    .get(0);
            assertThat(answer).isEqualTo(Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2));
        }
    }

    @Test
    void saysWhyANetworkIsRefused() {
        Network odd = Network.builder("odd")
                .input("x", 2)
                .node("Frobnicate", List.of("x"), "y")
                .output("y", 2)
                .build();
        assertThatThrownBy(() -> Djl.predictor(odd, new Plain()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("ONNX Runtime can not load network odd: ");
    }

    @Test
    void saysOnceWhatAnInputIsRefusedFor() {
        Network network = Networks.mlp(4, 2);
        try (Predictor<List<Tensor>, List<Tensor>> predictor = Djl.predictor(network, new Plain())) {
            assertThatThrownBy(() -> predictor.predict(List.of(Tensor.ofFloats(new float[4], 4))))
                    .isInstanceOf(TranslateException.class)
                    .hasMessage(
                            "Network mlp failed in ONNX Runtime: Invalid rank for input: x Got: 1 Expected: 2 Please"
                                    + " fix either the inputs/outputs or the model.")
                    .hasNoCause();
        }
    }

    /** ONNX Runtime writes down what the settings of a predictor make of a network: operators are fused. */
    @Test
    void isOptimizedAsFarAsItGoes(@TempDir Path folder) throws Exception {
        Network network = Networks.cnn();
        Path file = folder.resolve("optimized.onnx");
        try (RuntimeModel model = RuntimeModel.load(network, 1)) {
            model.options().setOptimizedModelFilePath(file.toString());
            try (OrtSession session =
                    OrtEnvironment.getEnvironment().createSession(Onnx.bytes(network), model.options())) {
                assertThat(session.getNumInputs()).isEqualTo(1);
            }
        }
        Network optimized = Onnx.read(file);
        assertThat(network.nodes()).extracting(Node::op).contains("BatchNormalization", "Relu");
        assertThat(optimized.nodes()).extracting(Node::op).doesNotContain("BatchNormalization", "Relu");
        assertThat(optimized.nodes())
                .filteredOn(node -> node.op().endsWith("Conv"))
                .allMatch(node -> node.domain().startsWith("com.microsoft"));
    }

    /** Threads that ONNX Runtime starts are named after the one that asked for them. */
    @Test
    void usesAllProcessorsAndGivesThemBack() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/task")), "needs Linux, which lists the threads of a process");
        int processors = Runtime.getRuntime().availableProcessors();
        FutureTask<Void> task = new FutureTask<>(() -> {
            long alone = threads("predicting");
            try (Predictor<List<Tensor>, List<Tensor>> predictor = Djl.predictor(Networks.cnn(), new Plain())) {
                assertThat(threads("predicting") - alone).isEqualTo(processors - 1);
                Tensor input = Networks.uniform(1, -1, 1, 3, 1, 12, 12);
                float[] answer = predictor.predict(List.of(input)).get(0).toFloatArray();
                try (RuntimeSession session = RuntimeSession.open(Networks.cnn(), 1)) {
                    assertThat(answer).containsExactly(session.run(input).toFloatArray(), within(1e-5f));
                }
            }
            assertThat(threads("predicting")).isEqualTo(alone);
            return null;
        });
        Thread thread = new Thread(task, "predicting");
        thread.start();
        task.get();
    }

    private static long threads(String name) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.filter(task -> {
                        try {
                            return Files.readString(task.resolve("comm"))
                                    .strip()
                                    .equals(name);
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }
}
