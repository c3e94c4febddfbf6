package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.graph.Constants;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;

/** A published transformer encoder, as exporters write it: MiniLM-L6, 22.7 million parameters in 6 layers. */
class MiniLmTest {

    private static final Network NETWORK = read();

    private static Network read() {
        try (InputStream file = MiniLmTest.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
            return Onnx.read(file.readAllBytes(), "minilm");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 5", "4, 17", "2, 64"})
    void givesWhatOnnxRuntimeGives(int batch, int tokens) {
        Map<String, Tensor> feeds = feeds(batch, tokens);
        float[] expected;
        try (RuntimeSession session = RuntimeSession.open(NETWORK)) {
            expected = session.run(feeds).values().iterator().next().toFloatArray();
        }
        float[] actual;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDList inputs = new NDList();
            NETWORK.signature().inputs().forEach(v -> inputs.add(Tensors.toArray(feeds.get(v.name()), manager)));
            NDArray output = NetworkBlock.of(NETWORK)
                    .forward(new ParameterStore(manager, false), inputs, false)
                    .singletonOrThrow();
            assertThat(output.getShape().getShape()).containsExactly(batch, tokens, 384);
            actual = output.toFloatArray();
        }
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow(actual[i] - expected[i], 2);
            size += Math.pow(expected[i], 2);
        }
        assertThat(Math.sqrt(difference / size)).isLessThan(1e-5);
    }

    @Test
    void itsLayersAreComputedAsLayers() {
        Network lifted = Constants.lift(NETWORK);
        List<String> outputs = List.of(lifted.graph().outputs().get(0).name());
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Node node : Fusion.of(lifted.nodes(), lifted.weights(), outputs)) {
            counts.merge(node.op(), 1, Integer::sum);
        }
        assertThat(counts)
                .containsEntry("LayerNormalization", 13)
                .containsEntry("Gelu", 6)
                .containsEntry("Linear", 36)
                .containsEntry("Attention", 6)
                .doesNotContainKeys("Erf", "Softmax", "MatMul", "Sqrt");
    }

    /** One random batch, with the last third of each sentence masked. */
    private static Map<String, Tensor> feeds(int batch, int tokens) {
        SplittableRandom random = new SplittableRandom(3);
        long[] ids = random.longs((long) batch * tokens, 0, 30_000).toArray();
        long[] mask = new long[ids.length];
        Arrays.setAll(mask, i -> i % tokens < tokens - tokens / 3 ? 1 : 0);
        return Map.of(
                "input_ids", Tensor.ofLongs(ids, batch, tokens),
                "attention_mask", Tensor.ofLongs(mask, batch, tokens),
                "token_type_ids", Tensor.ofLongs(new long[ids.length], batch, tokens));
    }
}
