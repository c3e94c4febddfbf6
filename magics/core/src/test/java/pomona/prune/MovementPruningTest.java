package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.evaluate.Evaluation;
import pomona.graph.Attribute;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.PassBinding;
import pomona.train.Descent;
import pomona.train.FineTuning;
import pomona.train.Schedule;
import pomona.train.Training;

class MovementPruningTest {

    private static final int RECORDS = 24;
    private static final float[] DATA = Networks.uniform(5, -1, 2, RECORDS, 6).toFloatArray();
    private static final int[] LABELS = new Random(1).ints(RECORDS, 0, 4).toArray();
    private static final NDManager MANAGER = NDManager.newBaseManager();
    private static final Training ONE_EPOCH = Training.epochs(1);

    @AfterAll
    static void free() {
        MANAGER.close();
    }

    private static RandomAccessDataset data(float[] values, int[] labels) {
        return new ArrayDataset.Builder()
                .setData(MANAGER.create(values, new Shape(labels.length, values.length / labels.length)))
                .optLabels(MANAGER.create(labels))
                .setSampling(1, false)
                .build();
    }

    private static Network linear(float[] weights, int outputs) {
        return Network.builder("linear")
                .input("x", "batch", weights.length / outputs)
                .weight("fc.weight", Tensor.ofFloats(weights, outputs, weights.length / outputs))
                .node(Node.of("Gemm", "fc", List.of("x", "fc.weight"), "y").with("transB", Attribute.of(1)))
                .output("y", "batch", outputs)
                .build();
    }

    /**
     * One record x = (1, 1) of class 0, weights (2, -0.5; 0.5, 1): logits are 1.5 and 1.5, so the gradient is -0.5 for the
     * first row and 0.5 for the second. Scores fall by gradient times weight: they become 0.1 (1, -0.25; -0.25, -0.5).
     * Half of the weights go, those of the lowest scores: the last one, and of two equal ones the first. Weights themselves
     * moved by 0.05 each.
     */
    @Test
    void aStepByHand() {
        Training step = new Training(1, 1, 0.1, Descent.SGD, 0, Schedule.CONSTANT, 0, 0);
        Network pruned = linear(new float[] {2, -0.5f, 0.5f, 1}, 2)
                .apply(new MovementPruning(0.5, 1, data(new float[] {1, 1}, new int[] {0}), step));
        assertThat(pruned.weight("fc.weight").toFloatArray())
                .containsExactly(new float[] {2.05f, 0, 0.45f, 0}, within(1e-6f));
        assertThat(pruned.nodes()).isEqualTo(linear(new float[4], 2).nodes());
        assertThat(pruned.weights().keySet()).containsExactly("fc.weight");
    }

    /** The resource was made by movement.py beside it. */
    @Test
    void agreesWithPyTorch() throws IOException {
        JsonNode judge;
        try (InputStream file = getClass().getResourceAsStream("movement.json")) {
            judge = new ObjectMapper().readTree(file);
        }
        Network shape = Networks.mlp(6, 5, 4);
        Network network = shape.withWeights(Map.of(
                "fc1.weight", Tensor.ofFloats(values(judge.get("weights").get(0)), 5, 6),
                "fc2.weight", Tensor.ofFloats(values(judge.get("weights").get(1)), 4, 5),
                "fc1.bias", Tensor.ofFloats(values(judge.get("biases").get(0)), 5),
                "fc2.bias", Tensor.ofFloats(values(judge.get("biases").get(1)), 4)));
        int[] labels = new ObjectMapper().convertValue(judge.get("labels"), int[].class);
        RandomAccessDataset records = data(values(judge.get("data")), labels);
        Training training = Training.epochs(12)
                .withBatchSize(24)
                .withLearningRate(0.05)
                .withOptimizer(Descent.SGD)
                .withSchedule(Schedule.CONSTANT);
        Network pruned = network.apply(new MovementPruning(0.6, 8, records, training));
        same(pruned.weight("fc1.weight"), values(judge.get("pruned").get(0)), 12);
        same(pruned.weight("fc2.weight"), values(judge.get("pruned").get(1)), 8);
        same(pruned.weight("fc1.bias"), values(judge.get("learned").get(0)), 5);
        same(pruned.weight("fc2.bias"), values(judge.get("learned").get(1)), 4);
    }

    private static void same(Tensor ours, float[] judged, long nonZeros) {
        assertThat(ours.toFloatArray()).containsExactly(judged, within(2e-5f));
        assertThat(ours.countNonZeros()).isEqualTo(nonZeros);
        for (int i = 0; i < judged.length; i++) {
            assertThat(ours.toFloatArray()[i] == 0).isEqualTo(judged[i] == 0);
        }
    }

    private static float[] values(JsonNode numbers) {
        List<Float> values = new ArrayList<>();
        numbers.forEach(number -> {
            if (number.isArray()) {
                number.forEach(inner -> values.add((float) inner.asDouble()));
            } else {
                values.add((float) number.asDouble());
            }
        });
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = values.get(i);
        }
        return floats;
    }

    @Test
    void learnsWhatToKeepAndKeepsZerosAndOtherLayers() {
        IdxDataset digits =
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(2000);
        Network dense = Networks.mlp(784, 20, 10)
                .apply(new FineTuning(digits, Training.epochs(2).withBatchSize(50), false));
        Network some = dense.apply(new MagnitudePruning(0.3, Scope.LAYER));
        Training training = Training.epochs(3).withBatchSize(50);
        Network pruned = some.apply(new MovementPruning(0.9, PruningSchedule.CUBIC, 2, "fc1", digits, training));
        float[] before = some.weight("fc1.weight").toFloatArray();
        float[] after = pruned.weight("fc1.weight").toFloatArray();
        for (int i = 0; i < before.length; i++) {
            assertThat(before[i] == 0 && after[i] != 0).isFalse();
        }
        assertThat(pruned.weight("fc1.weight").countNonZeros()).isEqualTo(1568);
        assertThat(pruned.weight("fc2.weight").countNonZeros()).isEqualTo(140);
        assertThat(Evaluation.errorPercent(pruned, digits))
                .isLessThan(Evaluation.errorPercent(dense.apply(new MagnitudePruning(0.9, Scope.LAYER, "fc1")), digits))
                .isLessThan(20);
        for (LayerWeight weight : LayerWeight.of(dense)) {
            assertThat(weight.tensor().countNonZeros())
                    .isEqualTo(weight.tensor().size());
        }
    }

    @Test
    void isAMethodOfPruneAndSaysWhatDoesNotFit() {
        RandomAccessDataset records = data(DATA, LABELS);
        assertThat(PassBinding.of("prune")
                        .bind("movement", Map.of("data", records, "sparsity", 0.8, "epochs", 1), name -> null))
                .isEqualTo(new MovementPruning(0.8, 1, records, ONE_EPOCH.withBatchSize(128)));
        assertThatThrownBy(() -> new MovementPruning(1, 1, records, ONE_EPOCH))
                .hasMessage("Sparsity 1.0 is out of range; it is from 0 up to but not including 1.");
        assertThatThrownBy(() -> new MovementPruning(0.5, 1, null, ONE_EPOCH))
                .hasMessage("Movement pruning needs data to train on; none was given (option data).");
        assertThatThrownBy(() -> new MovementPruning(0.5, 1, records, null))
                .hasMessage("Option training was not given; it is the settings of a training.");
        assertThatThrownBy(() -> new MovementPruning(0.5, 4, records, Training.epochs(2)))
                .hasMessage("pruning-epochs is 4, but the training ends after 2 epochs; prune over 1 to 2 of them.");
        Network network = Networks.mlp(6, 5, 4);
        assertThatThrownBy(() ->
                        network.apply(new MovementPruning(0.5, PruningSchedule.LINEAR, 1, "fd1", records, ONE_EPOCH)))
                .hasMessage("No layer of network mlp is named fd1; did you mean fc1?");
        assertThat(network).isEqualTo(Networks.mlp(6, 5, 4));
    }
}
