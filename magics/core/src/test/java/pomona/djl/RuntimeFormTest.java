package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import ai.onnx.proto.OnnxMl.ModelProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;

/** Files of a younger format or operator set than ONNX Runtime knows run all the same, and stay as young as they were. */
class RuntimeFormTest {

    /** As the Python package onnx 1.23 writes it. */
    private static final long YOUNG_IR = 14;

    private static final Tensor ONES = Tensor.ofFloats(new float[] {1, 1, 1, 1}, 1, 4);

    private static Network network(long opset, Node last) {
        return Network.builder("young")
                .opset("", opset)
                .input("x", "batch", 4)
                .weight("w", Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2))
                .node("MatMul", List.of("x", "w"), "h")
                .node(last)
                .output("y", "batch", 2)
                .build();
    }

    private static Network young(long opset, Node last) throws Exception {
        byte[] bytes = ModelProto.parseFrom(Onnx.bytes(network(opset, last))).toBuilder()
                .setIrVersion(YOUNG_IR)
                .build()
                .toByteArray();
        return Onnx.read(bytes, "young");
    }

    private static Network young(long opset) throws Exception {
        return young(opset, Node.of("Relu", "last", List.of("h"), "y"));
    }

    private static long irVersion(Network network) throws Exception {
        return ModelProto.parseFrom(Onnx.bytes(network)).getIrVersion();
    }

    @Test
    void youngFilesRun() throws Exception {
        for (long opset : new long[] {13, 17, 22, 23, 24, 26, 28}) {
            Network young = young(opset);
            try (RuntimeSession session = RuntimeSession.open(young)) {
                assertThat(session.run(ONES).toFloatArray()).containsExactly(16, 20);
            }
            try (Predictor<NDList, NDList> predictor = Djl.predictor(young, new NoopTranslator());
                    NDManager manager = NDManager.newBaseManager("OnnxRuntime")) {
                NDList answer =
                        predictor.predict(new NDList(manager.create(new float[] {1, 1, 1, 1}, new Shape(1, 4))));
                assertThat(answer.singletonOrThrow().toFloatArray()).containsExactly(16, 20);
            }
            assertThat(OperatorTimes.measure(young, Map.of("x", ONES), 2, 1)).containsKey("h");
            assertThat(irVersion(young)).isEqualTo(YOUNG_IR);
            assertThat(young.opset()).isEqualTo(opset);
        }
    }

    @Test
    void youngFilesAreServed(@TempDir Path folder) throws Exception {
        Network young = young(28);
        Djl.write(young, folder);
        Criteria<NDList, NDList> criteria = Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optModelPath(folder)
                .build();
        try (ZooModel<NDList, NDList> model = criteria.loadModel()) {
            Network served = Djl.network(model);
            assertThat(served.nodes()).isEqualTo(young.nodes());
            assertThat(served.weights()).isEqualTo(young.weights());
            assertThat(irVersion(served)).isEqualTo(RuntimeForm.NEWEST_IR);
        }
    }

    @Test
    void writingKeepsTheAgeOfTheFile(@TempDir Path folder) throws Exception {
        Path file = Onnx.write(young(28), folder.resolve("young.onnx"));
        ModelProto written = ModelProto.parseFrom(Files.readAllBytes(file));
        assertThat(written.getIrVersion()).isEqualTo(YOUNG_IR);
        assertThat(written.getOpsetImport(0).getVersion()).isEqualTo(28);
    }

    @Test
    void theNewestOfRuntimeAreTheNewestItTakes() throws Exception {
        Path file = Files.createTempFile("young", ".onnx");
        try {
            for (long[] ages : new long[][] {
                {RuntimeForm.NEWEST_IR, RuntimeForm.NEWEST_OPSET},
                {RuntimeForm.NEWEST_IR + 1, RuntimeForm.NEWEST_OPSET},
                {RuntimeForm.NEWEST_IR, RuntimeForm.NEWEST_OPSET + 1}
            }) {
                ModelProto.Builder model = ModelProto.parseFrom(Onnx.bytes(young(ages[1]))).toBuilder();
                Files.write(file, model.setIrVersion(ages[0]).build().toByteArray());
                boolean newest = ages[0] == RuntimeForm.NEWEST_IR && ages[1] == RuntimeForm.NEWEST_OPSET;
                assertThat(loads(file))
                        .as("IR version %d, set %d", ages[0], ages[1])
                        .isEqualTo(newest);
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static boolean loads(Path file) {
        Criteria<NDList, NDList> criteria = Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optEngine("OnnxRuntime")
                .optModelPath(file)
                .build();
        try (ZooModel<NDList, NDList> model = criteria.loadModel()) {
            return model != null;
        } catch (Exception e) {
            return false;
        }
    }

    @Test
    void operatorsThatChangedAreNamed() throws Exception {
        Network swish = young(28, Node.of("Swish", "last", List.of("h"), "y"));
        assertThatThrownBy(() -> RuntimeSession.open(swish))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "ONNX Runtime takes networks of operator sets up to 23; network young is written in set 28, and"
                                + " operator Swish (last) is new or another since then, so export it again in set 23 or an older"
                                + " one.");
        Node cast = Node.of("Cast", "last", List.of("h"), "y").with("to", Attribute.of(1));
        try (RuntimeSession session = RuntimeSession.open(young(28, cast))) {
            assertThat(session.run(ONES).toFloatArray()).containsExactly(16, 20);
        }
        Network rounding = young(28, cast.with("round_mode", Attribute.of("down")));
        assertThatThrownBy(() -> RuntimeSession.open(rounding))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("operator Cast (last) is new or another since then");
        Network future = young(99);
        assertThatThrownBy(() -> RuntimeSession.open(future))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("ONNX Runtime takes networks of operator sets up to 23; network young is written in set 99,"
                        + " which is not known yet, so export it again in set 23 or an older one.");
    }
}
