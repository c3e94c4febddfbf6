package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Networks;
import pomona.Records;
import pomona.djl.IdxDataset;
import pomona.djl.RuntimeSession;
import pomona.evaluate.Evaluation;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.train.FineTuning;
import pomona.train.Training;

class SparseGptPruningTest {

    private static double error(Network network, Network pruned, Tensor x) {
        try (RuntimeSession dense = RuntimeSession.open(network);
                RuntimeSession sparse = RuntimeSession.open(pruned)) {
            float[] a = dense.run(x).toFloatArray();
            float[] b = sparse.run(x).toFloatArray();
            double error = 0;
            double all = 0;
            for (int i = 0; i < a.length; i++) {
                error += (a[i] - b[i]) * (a[i] - b[i]);
                all += a[i] * a[i];
            }
            return error / all;
        }
    }

    @Test
    void aTrainedNetworkLosesLessThanByMagnitude() {
        Path mnist = Path.of("../../notebooks/data/mnist");
        IdxDataset train = IdxDataset.train(mnist).flat().limit(2000);
        IdxDataset test = IdxDataset.test(mnist).flat().limit(2000);
        Network dense = Networks.mlp(784, 100, 10)
                .apply(new FineTuning(train, Training.epochs(3).withLearningRate(0.005), false));
        double before = Evaluation.errorPercent(dense, test);
        Network small = dense.apply(new SparseGptPruning(0.6, train));
        double solved = Evaluation.errorPercent(small, test);
        double magnitude = Evaluation.errorPercent(dense.apply(new MagnitudePruning(0.6, Scope.LAYER)), test);
        assertThat(solved - before).isLessThan((magnitude - before) / 2).isLessThan(2);
        assertThat(small.weight("fc1.weight").countNonZeros()).isBetween(20_000L, 31_360L);
    }

    @Test
    void makesUpForTheOneWeightThatGoesAsLeastSquaresWould() {
        // One output of two inputs; the first goes, and the second takes over its share: w1 + w0 <x0,x1> / <x1,x1>.
        Tensor x = Records.correlated(1, 64, 2, 1);
        float[] v = x.toFloatArray();
        double cross = 0;
        double square = 0;
        for (int r = 0; r < 64; r++) {
            cross += v[2 * r] * v[2 * r + 1];
            square += v[2 * r + 1] * v[2 * r + 1];
        }
        Network network = Network.builder("two")
                .input("x", "batch", 2)
                .weight("w", Tensor.ofFloats(new float[] {0.1f, 2f}, 2, 1))
                .node("MatMul", java.util.List.of("x", "w"), "y")
                .output("y", "batch", 1)
                .build();
        Network pruned = network.apply(new SparseGptPruning(0.5, Records.of(x), 64, 1e-9, Granularity.WEIGHT, "*"));
        float[] after = pruned.weight("w").toFloatArray();
        assertThat(after[0]).isZero();
        assertThat((double) after[1]).isCloseTo(2 + 0.1 * cross / square, within(1e-5));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.5, 0.7})
    void keepsOutputsFarBetterThanMagnitudeOnCorrelatedInputs(double sparsity) {
        Network network = Networks.mlp(200, 30);
        Tensor calibration = Records.correlated(1, 600, 200, 1);
        Tensor unseen = Records.correlated(2, 300, 200, 1);
        Network solved = network.apply(
                new SparseGptPruning(sparsity, Records.of(calibration), 600, 0.01, Granularity.WEIGHT, "*"));
        Network byMagnitude = network.apply(new MagnitudePruning(sparsity, Scope.LAYER));
        for (LayerWeight weight : LayerWeight.of(solved)) {
            long size = weight.tensor().size();
            assertThat(size - weight.tensor().countNonZeros()).isEqualTo(Math.round(sparsity * size));
        }
        assertThat(error(network, solved, unseen)).isLessThan(2.0 / 3 * error(network, byMagnitude, unseen));
    }

    @Test
    void removesTwoOfFour() {
        Network network = Networks.mlp(16, 8, 4);
        Network pruned = network.apply(new SparseGptPruning(
                0.5, Records.of(Records.correlated(1, 100, 16, 1)), 100, 0.01, Granularity.someOf(2, 4), "fc1"));
        float[] values = pruned.weight("fc1.weight").toFloatArray();
        for (int group = 0; group < values.length; group += 4) {
            int kept = 0;
            for (int i = group; i < group + 4; i++) {
                kept += values[i] != 0 ? 1 : 0;
            }
            assertThat(kept).isEqualTo(2);
        }
        assertThat(pruned.weight("fc2.weight")).isEqualTo(network.weight("fc2.weight"));
    }

    @Test
    void solvesConvolutions() {
        Network network = Networks.cnn();
        Tensor images = Records.correlated(4, 60, 144, 1).reshape(60, 1, 12, 12);
        Network solved = network.apply(new SparseGptPruning(0.6, Records.of(images)));
        Network byMagnitude = network.apply(new MagnitudePruning(0.6, Scope.LAYER));
        Tensor unseen = Records.correlated(5, 60, 144, 1).reshape(60, 1, 12, 12);
        assertThat(error(network, solved, unseen)).isLessThan(error(network, byMagnitude, unseen));
    }

    @Test
    void saysWhatItCanNotDo() {
        RandomAccessDataset data = Records.of(Records.correlated(1, 8, 16, 1));
        assertThatThrownBy(() -> new SparseGptPruning(0.5, data, 8, 0.01, Granularity.block(4, 1), "*"))
                .hasMessage("SparseGPT removes single weights or N:M; granularity 4x1 is neither.");
        assertThatThrownBy(() -> new SparseGptPruning(0.5, data, 8, 0, Granularity.WEIGHT, "*"))
                .hasMessage("dampening must be above 0; it was 0.0.");
        assertThatThrownBy(() -> new SparseGptPruning(0.5, data, 0, 0.01, Granularity.WEIGHT, "*"))
                .hasMessage("records must be 1 or more; it was 0.");
    }
}
