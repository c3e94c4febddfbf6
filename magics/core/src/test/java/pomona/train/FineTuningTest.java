package pomona.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.ArrayDataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.djl.RuntimeSession;
import pomona.djl.Tensors;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.Progress;

class FineTuningTest {

    private static final Path MNIST = Path.of("../../notebooks/data/mnist");
    private static final IdxDataset DATA = IdxDataset.test(MNIST).flat().limit(3000);
    private static final Training TWO_EPOCHS = Training.epochs(2).withBatchSize(64);

    @Test
    void learnsToReadDigits() {
        Network before = perceptron();
        Network after = before.apply(new FineTuning(DATA, Training.epochs(4).withLearningRate(0.005), false));
        assertThat(errorRate(before)).isGreaterThan(0.6);
        assertThat(errorRate(after)).isLessThan(0.15);
        assertThat(after.nodes()).isEqualTo(before.nodes());
        assertThat(after.provenance()).hasSize(1);
        assertThat(after.provenance().get(0).toString())
                .isEqualTo("FineTuning(data=IdxDataset, epochs=4, batchSize=128, learningRate=0.005,"
                        + " optimizer=adam, weightDecay=0.0, schedule=cosine, seed=0, jitter=0, holdZeros=false)");
    }

    @ParameterizedTest
    @EnumSource(Descent.class)
    void heldZerosStayZero(Descent descent) {
        Network sparse = withZeros(perceptron());
        double rate = descent == Descent.ADAM ? 0.01 : 0.1;
        Training training =
                TWO_EPOCHS.withOptimizer(descent).withLearningRate(rate).withWeightDecay(1e-4);
        Network held = sparse.apply(new FineTuning(DATA, training, true));
        for (String weight : List.of("fc1.weight", "fc2.weight")) {
            float[] before = sparse.weight(weight).toFloatArray();
            float[] after = held.weight(weight).toFloatArray();
            int changed = 0;
            for (int i = 0; i < before.length; i++) {
                if (before[i] == 0f) {
                    assertThat(after[i]).isZero();
                } else {
                    changed += after[i] != before[i] ? 1 : 0;
                }
            }
            assertThat(changed).isGreaterThan(before.length / 10);
        }
        assertThat(held.weight("fc1.bias").countNonZeros()).isGreaterThan(0);
        assertThat(errorRate(held)).isLessThan(errorRate(sparse) - 0.4);
        Network free = sparse.apply(new FineTuning(DATA, training, false));
        assertThat(free.nonZeros()).isGreaterThan(held.nonZeros());
    }

    @Test
    void theSameSeedGivesTheSameNetwork() {
        Network start = withDropout();
        FineTuning tuning = new FineTuning(DATA, TWO_EPOCHS.withSeed(5), false);
        Network once = start.apply(tuning);
        assertThat(start.apply(tuning)).isEqualTo(once);
        assertThat(start.apply(new FineTuning(DATA, TWO_EPOCHS.withSeed(6), false)))
                .isNotEqualTo(once);
    }

    @Test
    void keepsTheLossesAndReportsProgress() {
        List<String> notes = new ArrayList<>();
        List<Long> done = new ArrayList<>();
        Progress.Listener before = Progress.listen(progress -> {
            notes.add(progress.task() + " " + progress.note());
            done.add(progress.done());
            assertThat(progress.total()).isEqualTo(94);
        });
        Trained trained;
        try {
            trained = new FineTuning(DATA, TWO_EPOCHS, false).train(perceptron());
        } finally {
            Progress.listen(before);
        }
        LossHistory history = trained.history();
        assertThat(history.batches()).hasSize(94);
        assertThat(history.epochs()).hasSize(2);
        assertThat(history.epochs()[1]).isLessThan(history.epochs()[0]);
        assertThat(history.toString()).matches("2 epochs, loss \\d\\.\\d{4} -> \\d\\.\\d{4}");
        assertThat(done.get(0)).isZero();
        assertThat(done).last().isEqualTo(94L);
        assertThat(done).isSorted();
        assertThat(notes).last().asString().matches("fine-tune epoch 2/2, loss \\d\\.\\d{4}");
    }

    @Test
    void anInterruptStopsItAndLeavesTheNetwork() {
        Network network = perceptron();
        FineTuning tuning = new FineTuning(DATA, TWO_EPOCHS, true);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> network.apply(tuning))
                .isInstanceOf(CancellationException.class)
                .hasMessage("Training of network perceptron was interrupted in epoch 1; the network is as it was.");
        assertThat(Thread.interrupted()).isFalse();
        assertThat(network).isEqualTo(perceptron());
        assertThat(network.apply(tuning)).isNotEqualTo(network);
    }

    @Test
    void saysWhenTheLossIsLost() {
        Training wild = TWO_EPOCHS.withOptimizer(Descent.SGD).withLearningRate(1e20);
        assertThatThrownBy(() -> perceptron().apply(new FineTuning(DATA, wild, false)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageMatching("The loss of network perceptron became (NaN|Infinity) in epoch 1; a smaller"
                        + " learning-rate may help\\.");
    }

    @Test
    void refusesDataThatDoesNotFit() {
        IdxDataset images = IdxDataset.test(MNIST).limit(100);
        assertThatThrownBy(() -> perceptron().apply(new FineTuning(images, TWO_EPOCHS, false)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Network perceptron takes x float[batch,784], but a batch of the data is (64, 1, 28, 28).");
        assertThatThrownBy(() -> new FineTuning(null, TWO_EPOCHS, false))
                .hasMessage("Fine-tuning needs data to train on; none was given.");
        assertThatThrownBy(() -> new FineTuning(images, null, false))
                .hasMessage("Fine-tuning needs training settings; none were given.");
    }

    @Test
    void refusesANetworkWithoutWeights() {
        Network bare = Network.builder("bare")
                .input("x", "batch", 784)
                .node("Relu", List.of("x"), "y")
                .output("y", "batch", 784)
                .build();
        assertThatThrownBy(() -> bare.apply(new FineTuning(DATA, TWO_EPOCHS, false)))
                .hasMessage(
                        "Network bare has nothing to train: none of its weights is of floats and of one dimension or"
                                + " more.");
    }

    @Test
    void takesAnyRandomAccessDataset() {
        IdxDataset some = DATA.limit(500);
        float[] labels = new float[500];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = some.labels()[i];
        }
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            ArrayDataset arrays = new ArrayDataset.Builder()
                    .setData(Tensors.toArray(some.images(0, 500), manager))
                    .optLabels(manager.create(labels))
                    .setSampling(10, false)
                    .build();
            Network trained = new FineTuning(arrays, TWO_EPOCHS, false).transform(perceptron());
            assertThat(trained).isEqualTo(new FineTuning(some, TWO_EPOCHS, false).transform(perceptron()));
        }
    }

    @Test
    void aSoftmaxAtTheEndIsNotDoubled() {
        Trained logits = new FineTuning(DATA, TWO_EPOCHS, false).train(perceptron());
        for (String op : List.of("Softmax", "LogSoftmax")) {
            Network ended = perceptron().toBuilder()
                    .outputs(List.of())
                    .node(op, List.of("fc2.out"), "end")
                    .output("end", "batch", 10)
                    .build();
            Trained trained = new FineTuning(DATA, TWO_EPOCHS, false).train(ended);
            assertThat(trained.history().epochs()[1]).isCloseTo(logits.history().epochs()[1], within(1e-3));
        }
    }

    private static double errorRate(Network network) {
        IdxDataset test = IdxDataset.test(MNIST).flat();
        int first = 9000;
        int[] labels = test.labels();
        int errors = 0;
        try (RuntimeSession session = RuntimeSession.open(network)) {
            float[] logits = session.run(test.images(first, 10_000)).toFloatArray();
            for (int i = 0; i < 1000; i++) {
                int best = 0;
                for (int j = 1; j < 10; j++) {
                    best = logits[10 * i + j] > logits[10 * i + best] ? j : best;
                }
                errors += best == labels[first + i] ? 0 : 1;
            }
        }
        return errors / 1000.0;
    }

    private static Network perceptron() {
        return Networks.mlp(784, 64, 10).named("perceptron");
    }

    private static Network withDropout() {
        List<Node> nodes = new ArrayList<>(perceptron().nodes());
        nodes.set(2, nodes.get(2).withInputs(List.of("c", "fc2.weight", "fc2.bias")));
        nodes.add(Node.of("Dropout", "drop", List.of("relu1.out"), "c"));
        return perceptron().toBuilder().nodes(nodes).build();
    }

    private static Network withZeros(Network network) {
        Map<String, Tensor> changed = new HashMap<>();
        for (String name : List.of("fc1.weight", "fc2.weight")) {
            float[] values = network.weight(name).toFloatArray();
            for (int i = 0; i < values.length; i++) {
                values[i] = i % 3 == 0 ? values[i] : 0f;
            }
            changed.put(name, Tensor.ofFloats(values, network.weight(name).shape()));
        }
        return network.withWeights(changed);
    }
}
