package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.RuntimeSession;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.train.GradientMoments;

/** Which weights each method chooses, against its formula computed here from ONNX Runtime's outputs. */
class ImportanceTest {

    private static final int RECORDS = 24;
    private static final int INPUTS = 6;
    private static final int CLASSES = 4;
    private static final NDManager MANAGER = NDManager.newBaseManager();
    private static final float[] DATA =
            Networks.uniform(5, -1, 2, RECORDS, INPUTS).toFloatArray();
    private static final int[] LABELS = new Random(1).ints(RECORDS, 0, CLASSES).toArray();
    private static final Network LINEAR = Networks.mlp(INPUTS, CLASSES);

    @AfterAll
    static void free() {
        MANAGER.close();
    }

    private static RandomAccessDataset data(float[] values, long... shape) {
        return new ArrayDataset.Builder()
                .setData(MANAGER.create(values, new Shape(shape)))
                .optLabels(MANAGER.create(LABELS))
                .setSampling(1, false)
                .build();
    }

    private static RandomAccessDataset records() {
        return data(DATA, RECORDS, INPUTS);
    }

    /** The gradient of each record's cross entropy: (softmax - one-hot) times input, for a linear layer. */
    private static double[][] gradients() {
        double[][] gradients = new double[RECORDS][CLASSES * INPUTS];
        try (RuntimeSession session = RuntimeSession.open(LINEAR)) {
            float[] logits = session.run(Tensor.ofFloats(DATA, RECORDS, INPUTS)).toFloatArray();
            for (int r = 0; r < RECORDS; r++) {
                double sum = 0;
                for (int c = 0; c < CLASSES; c++) {
                    sum += Math.exp(logits[r * CLASSES + c]);
                }
                for (int c = 0; c < CLASSES; c++) {
                    double error = Math.exp(logits[r * CLASSES + c]) / sum - (LABELS[r] == c ? 1 : 0);
                    for (int i = 0; i < INPUTS; i++) {
                        gradients[r][c * INPUTS + i] = error * DATA[r * INPUTS + i];
                    }
                }
            }
        }
        return gradients;
    }

    private static List<Integer> zeros(Network network, String weight) {
        float[] values = network.weight(weight).toFloatArray();
        return IntStream.range(0, values.length)
                .filter(i -> values[i] == 0)
                .boxed()
                .toList();
    }

    private static List<Integer> least(int size, int count, IntToDoubleFunction score) {
        return IntStream.range(0, size)
                .boxed()
                .sorted(Comparator.comparingDouble(score::applyAsDouble))
                .limit(count)
                .sorted()
                .toList();
    }

    private static float weight(int i) {
        return LINEAR.weight("fc1.weight").toFloatArray()[i];
    }

    @Test
    void gradientMomentsAreThoseOfTheFormula() {
        double[][] gradients = gradients();
        GradientMoments moments = GradientMoments.of(LINEAR, List.of("fc1.weight"), records(), 1, RECORDS, 0);
        for (int i = 0; i < CLASSES * INPUTS; i++) {
            int place = i;
            double mean = Arrays.stream(gradients)
                    .mapToDouble(g -> g[place])
                    .average()
                    .orElseThrow();
            double square = Arrays.stream(gradients)
                    .mapToDouble(g -> g[place] * g[place])
                    .average()
                    .orElseThrow();
            assertThat((double) moments.means().get("fc1.weight")[i]).isCloseTo(mean, within(1e-6));
            assertThat((double) moments.squares().get("fc1.weight")[i]).isCloseTo(square, within(1e-6));
        }
    }

    @Test
    void snipTakesTheMeanGradientAndTaylorAndBrainDamageItsSquare() {
        double[][] gradients = gradients();
        IntToDoubleFunction mean =
                i -> Arrays.stream(gradients).mapToDouble(g -> g[i]).average().orElseThrow();
        IntToDoubleFunction square = i ->
                Arrays.stream(gradients).mapToDouble(g -> g[i] * g[i]).average().orElseThrow();
        int size = CLASSES * INPUTS;
        assertThat(zeros(LINEAR.apply(new SnipPruning(0.5, records())), "fc1.weight"))
                .isEqualTo(least(size, 12, i -> Math.abs(weight(i) * mean.applyAsDouble(i))));
        assertThat(zeros(LINEAR.apply(new OptimalBrainDamagePruning(0.25, records())), "fc1.weight"))
                .isEqualTo(least(size, 6, i -> weight(i) * weight(i) * square.applyAsDouble(i)));
        GradientSample single = GradientSample.of(records()).withBatchSize(1);
        assertThat(zeros(LINEAR.apply(new TaylorPruning(0.75, Scope.GLOBAL, single, Selection.ALL)), "fc1.weight"))
                .isEqualTo(least(size, 18, i -> weight(i) * weight(i) * square.applyAsDouble(i)));
    }

    @Test
    void wandaComparesMagnitudeTimesInputNormInsideEachOutput() {
        Network pruned = LINEAR.apply(new WandaPruning(0.5, records()));
        List<Integer> expected = new ArrayList<>();
        for (int c = 0; c < CLASSES; c++) {
            int row = c;
            least(INPUTS, 3, i -> Math.abs(weight(row * INPUTS + i)) * norm(i))
                    .forEach(i -> expected.add(row * INPUTS + i));
        }
        assertThat(zeros(pruned, "fc1.weight")).isEqualTo(expected);
    }

    private static double norm(int input) {
        return Math.sqrt(IntStream.range(0, RECORDS)
                .mapToDouble(r -> DATA[r * INPUTS + input])
                .map(v -> v * v)
                .sum());
    }

    @Test
    void lampDividesBySquaresOfWhatIsNotSmaller() {
        Network network = Networks.mlp(4, 3, 2);
        Network pruned = network.apply(new LampPruning(0.5));
        List<double[]> scores = new ArrayList<>();
        for (LayerWeight layer : LayerWeight.of(network)) {
            float[] values = layer.tensor().toFloatArray();
            for (int i = 0; i < values.length; i++) {
                double rest = 0;
                for (float other : values) {
                    rest += Math.abs(other) >= Math.abs(values[i]) ? (double) other * other : 0;
                }
                scores.add(new double[] {
                    (double) values[i] * values[i] / rest, layer.name().hashCode(), i
                });
            }
        }
        scores.sort(Comparator.comparingDouble(s -> s[0]));
        for (int i = 0; i < scores.size(); i++) {
            double[] score = scores.get(i);
            String name = score[1] == "fc1.weight".hashCode() ? "fc1.weight" : "fc2.weight";
            assertThat(pruned.weight(name).toFloatArray()[(int) score[2]] == 0).isEqualTo(i < 9);
        }
    }

    @Test
    void randomPruningIsTheSameForTheSameSeedAndKeepsZeros() {
        Network network = Networks.mlp(40, 30, 10);
        Network pruned = network.apply(new RandomPruning(0.5));
        assertThat(network.apply(new RandomPruning(0.5))).isEqualTo(pruned);
        RandomPruning other = new RandomPruning(0.5, Scope.LAYER, 7, Selection.ALL);
        assertThat(network.apply(other).weights()).isNotEqualTo(pruned.weights());
        assertThat(pruned.weight("fc1.weight").countNonZeros()).isEqualTo(600);
        Network further = pruned.apply(other.withSparsity(0.75));
        assertThat(further.weight("fc1.weight").countNonZeros()).isEqualTo(300);
        assertThat(zeros(further, "fc1.weight")).containsAll(zeros(pruned, "fc1.weight"));
    }

    @Test
    void gradientsAndActivationsNeedData() {
        assertThatThrownBy(() -> GradientSample.of(null))
                .hasMessage("Gradients are measured on labelled data; none was given (option data).");
        assertThatThrownBy(() -> new WandaPruning(0.5, null))
                .hasMessage("Wanda pruning measures activations on data; none was given (option data).");
        assertThatThrownBy(() -> new SparseGptPruning(0.5, null))
                .hasMessage("SparseGPT pruning measures activations on data; none was given (option data).");
        assertThatThrownBy(() -> LINEAR.apply(new TaylorPruning(0.5, data(new float[RECORDS * 3], RECORDS, 3))))
                .hasMessage("Network mlp takes x float[batch,6], but a batch of the data is (24, 3).");
        assertThat(LINEAR.weights()).isEqualTo(Networks.mlp(INPUTS, CLASSES).weights());
    }

    @Test
    void weightsThatAreZeroAlreadyCount() {
        Network half = LINEAR.apply(new MagnitudePruning(0.5));
        Network more = half.apply(new WandaPruning(0.75, Scope.LAYER, records(), 24, Selection.ALL));
        assertThat(zeros(more, "fc1.weight")).hasSize(18).containsAll(zeros(half, "fc1.weight"));
        assertThat(Map.copyOf(more.weights())).containsKey("fc1.bias");
    }
}
