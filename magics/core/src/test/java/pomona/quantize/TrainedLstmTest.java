package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.RuntimeSession;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.train.FineTuning;
import pomona.train.Training;

/** An LSTM that was trained to remember, with weights as training makes them, and its integers. */
class TrainedLstmTest {

    private static final int LENGTH = 12;
    private static final int WORDS = 10;
    private static final int UNITS = 24;

    /** Sentences over ten words, and whether a word 2 comes anywhere after a word 1. */
    private record Sentences(long[] words, long[] labels) {

        static Sentences of(long seed, int count) {
            Random random = new Random(seed);
            long[] words = random.longs((long) count * LENGTH, 0, WORDS).toArray();
            long[] labels = new long[count];
            for (int i = 0; i < count; i++) {
                boolean one = false;
                for (int t = 0; t < LENGTH; t++) {
                    labels[i] = one && words[i * LENGTH + t] == 2 ? 1 : labels[i];
                    one |= words[i * LENGTH + t] == 1;
                }
            }
            return new Sentences(words, labels);
        }

        Tensor tensor() {
            return Tensor.ofLongs(words, labels.length, LENGTH);
        }
    }

    private static Network untrained() {
        return Network.builder("memory")
                .input(Value.of("words", ElementType.INT64, "batch", LENGTH))
                .weight("embedding", Networks.uniform(1, -0.5f, 0.5f, WORDS, 16))
                .weight("w", Networks.uniform(2, -0.2f, 0.2f, 1, 4 * UNITS, 16))
                .weight("r", Networks.uniform(3, -0.2f, 0.2f, 1, 4 * UNITS, UNITS))
                .weight("b", Networks.uniform(4, -0.2f, 0.2f, 1, 8 * UNITS))
                .weight("direction", Tensor.ofLongs(new long[] {0}, 1))
                .weight("head", Networks.uniform(5, -0.2f, 0.2f, UNITS, 2))
                .node("Gather", List.of("embedding", "words"), "embedded")
                .node(Node.of("Transpose", "turn", List.of("embedded"), "sequence")
                        .with("perm", Attribute.ofInts(1, 0, 2)))
                .node(Node.of("LSTM", "lstm", List.of("sequence", "w", "r", "b"), "", "last")
                        .with("hidden_size", Attribute.of(UNITS)))
                .node("Squeeze", List.of("last", "direction"), "state")
                .node("MatMul", List.of("state", "head"), "y")
                .output("y", "batch", 2)
                .build();
    }

    private static float[] scores(Network network, Sentences sentences) {
        try (RuntimeSession session = RuntimeSession.open(network)) {
            return session.run(sentences.tensor()).toFloatArray();
        }
    }

    private static double errorPercent(float[] scores, Sentences sentences) {
        int wrong = 0;
        for (int i = 0; i < scores.length / 2; i++) {
            wrong += (scores[2 * i + 1] > scores[2 * i] ? 1 : 0) == sentences.labels()[i] ? 0 : 1;
        }
        return 200.0 * wrong / scores.length;
    }

    @Test
    void staysRightAndGetsSmaller() {
        Sentences known = Sentences.of(1, 4000);
        Sentences held = Sentences.of(2, 1000);
        Network trained;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            ArrayDataset data = new ArrayDataset.Builder()
                    .setData(manager.create(known.words(), new Shape(4000, LENGTH)))
                    .optLabels(manager.create(known.labels()))
                    .setSampling(50, false)
                    .build();
            trained = untrained().apply(new FineTuning(data, Training.epochs(6).withLearningRate(0.01), false));
        }
        float[] floats = scores(trained, held);
        assertThat(errorPercent(floats, held)).isLessThan(3);
        for (String operators : List.of("Gemm,MatMul,LSTM", "Gemm,MatMul,LSTM,Gather")) {
            for (ByteType bytes : ByteType.values()) {
                Network small = trained.apply(new DynamicQuantization(true, ReducedRange.OFF, "*")
                        .withOperators(operators)
                        .withWeights(bytes));
                float[] integers = scores(small, held);
                assertThat(errorPercent(integers, held)).isLessThanOrEqualTo(errorPercent(floats, held) + 0.5);
                double difference = 0;
                double size = 0;
                for (int i = 0; i < floats.length; i++) {
                    difference += Math.pow(floats[i] - integers[i], 2);
                    size += Math.pow(floats[i], 2);
                }
                // 28 dB.
                assertThat(Math.sqrt(difference / size)).isLessThan(0.04);
                assertThat(Onnx.size(small)).isLessThan(Onnx.size(trained) / 2);
            }
        }
    }
}
