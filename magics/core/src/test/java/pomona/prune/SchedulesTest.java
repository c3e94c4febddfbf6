package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.distill.SoftTargetDistillation;
import pomona.djl.IdxDataset;
import pomona.djl.RuntimeSession;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.graph.Tensor;
import pomona.pass.Pass;
import pomona.train.FineTuning;
import pomona.train.Training;

class SchedulesTest {

    private static final IdxDataset DATA =
            IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(1000);
    private static final Training ONE_EPOCH = Training.epochs(1).withBatchSize(50);
    private static final Pass TUNING = new FineTuning(DATA, ONE_EPOCH, true);

    private static Network perceptron() {
        return Networks.mlp(784, 20, 10).named("perceptron");
    }

    private static double sparsity(Network network) {
        long zeros = 0;
        long all = 0;
        for (LayerWeight weight : LayerWeight.of(network)) {
            zeros += weight.tensor().size() - weight.tensor().countNonZeros();
            all += weight.tensor().size();
        }
        return (double) zeros / all;
    }

    /** A pass that leaves the network alone and keeps what it was given. */
    private record Watching(List<Network> seen) implements Pass {
        @Override
        public Network transform(Network network) {
            seen.add(network);
            return network;
        }

        @Override
        public Step step() {
            return new Step("Watching", java.util.Map.of());
        }
    }

    @Test
    void theShareRisesAlongTheSchedule() {
        List<Network> seen = new ArrayList<>();
        perceptron().apply(new IterativePruning(0.8, 4, new Watching(seen)));
        assertThat(seen.stream().map(SchedulesTest::sparsity).toList())
                .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-4 ? 0 : 1)
                .containsExactly(0.8 * (1 - 0.421875), 0.8 * (1 - 0.125), 0.8 * (1 - 0.015625), 0.8);
        seen.clear();
        perceptron().apply(new IterativePruning(0.8, 4, PruningSchedule.LINEAR, new Watching(seen), null, null));
        assertThat(seen.stream().map(SchedulesTest::sparsity).toList())
                .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-4 ? 0 : 1)
                .containsExactly(0.2, 0.4, 0.6, 0.8);
    }

    @Test
    void trainsBetweenRoundsAndEndsAtTheTarget() {
        Network pruned = perceptron().apply(new IterativePruning(0.9, 2, TUNING));
        assertThat(sparsity(pruned)).isEqualTo(0.9, within(1e-4));
        assertThat(pruned.provenance()).hasSize(1);
    }

    @Test
    void learnsFromTheDenseNetworkBetweenRounds() {
        Network dense =
                perceptron().apply(new FineTuning(DATA, Training.epochs(3).withBatchSize(50), false));
        Pass distillation = new SoftTargetDistillation(
                dense, DATA, Training.epochs(5).withBatchSize(50).withLearningRate(0.005));
        Network taught = dense.apply(new IterativePruning(0.9, 2, distillation));
        Network alone = dense.apply(new MagnitudePruning(0.9));
        assertThat(sparsity(taught)).isEqualTo(0.9, within(1e-4));
        assertThat(disagreements(dense, taught)).isLessThan(disagreements(dense, alone) / 2);
    }

    /** On how many of the records two networks see different digits. */
    private static long disagreements(Network first, Network second) {
        Tensor images = DATA.images(0, 1000);
        try (RuntimeSession one = RuntimeSession.open(first);
                RuntimeSession other = RuntimeSession.open(second)) {
            float[] a = one.run(images).toFloatArray();
            float[] b = other.run(images).toFloatArray();
            return IntStream.range(0, 1000)
                    .filter(record -> digit(a, record) != digit(b, record))
                    .count();
        }
    }

    private static int digit(float[] scores, int record) {
        return IntStream.range(0, 10)
                .boxed()
                .max(Comparator.comparing(i -> scores[10 * record + i]))
                .orElseThrow();
    }

    @Test
    void takesTheCriterionsScope() {
        Sparsification byLayer = new MagnitudePruning(0, Scope.LAYER);
        Network pruned = perceptron()
                .apply(new IterativePruning(
                        0.75, 2, PruningSchedule.CUBIC, new Watching(new ArrayList<>()), null, byLayer));
        for (LayerWeight weight : LayerWeight.of(pruned)) {
            assertThat(weight.tensor().countNonZeros())
                    .isEqualTo(weight.tensor().size() / 4);
        }
    }

    @Test
    void aLotteryTicketStartsFromTheEarlyWeights() {
        Network early = perceptron();
        Network trained = early.apply(TUNING);
        List<Network> seen = new ArrayList<>();
        Network ticket =
                trained.apply(new IterativePruning(0.5, 1, PruningSchedule.LINEAR, new Watching(seen), early, null));
        float[] before = early.weight("fc1.weight").toFloatArray();
        float[] kept = ticket.weight("fc1.weight").toFloatArray();
        float[] chosen =
                trained.apply(new MagnitudePruning(0.5)).weight("fc1.weight").toFloatArray();
        for (int i = 0; i < before.length; i++) {
            assertThat(kept[i]).isEqualTo(chosen[i] == 0 ? 0 : before[i]);
        }
        assertThat(ticket.weight("fc1.bias")).isEqualTo(early.weight("fc1.bias"));
    }

    @Test
    void gradualPruningEndsAtTheTargetAndHoldsIt() {
        Network dense = perceptron();
        Training twoEpochs = Training.epochs(2).withBatchSize(50);
        Network pruned = dense.apply(new GradualPruning(0.9, PruningSchedule.CUBIC, 1, 4, null, DATA, twoEpochs));
        assertThat(sparsity(pruned)).isEqualTo(0.9, within(1e-4));
        assertThat(pruned.weight("fc1.weight"))
                .isNotEqualTo(dense.apply(new MagnitudePruning(0.9)).weight("fc1.weight"));
        assertThat(sparsity(dense)).isZero();
    }

    @Test
    void saysWhatDoesNotFit() {
        assertThatThrownBy(() -> new IterativePruning(0.5, 0, TUNING))
                .hasMessage("rounds must be 1 or more; it was 0.");
        assertThatThrownBy(() -> new IterativePruning(0.5, 2, null))
                .hasMessage("Option recovery was not given; it is a pass that trains, such as a FineTuning.");
        assertThatThrownBy(() -> new GradualPruning(0.5, 3, DATA, ONE_EPOCH))
                .hasMessage("pruning-epochs is 3, but the training ends after 1 epoch; prune over 1 to 1 of them.");
        Network untouched = perceptron();
        assertThatThrownBy(() ->
                        untouched.apply(new GradualPruning(0.5, PruningSchedule.CUBIC, 1, 100, null, DATA, ONE_EPOCH)))
                .hasMessage("every is 100, but pruning ends after 20 steps (pruning-epochs 1, 20 batches each); take"
                        + " fewer steps between prunings, or more pruning-epochs.");
        assertThat(untouched).isEqualTo(perceptron());
        Pass forgetful = new FineTuning(DATA, ONE_EPOCH, false);
        assertThatThrownBy(() -> perceptron().apply(new IterativePruning(0.5, 1, forgetful)))
                .hasMessage("Recovery brought pruned weights of layer fc1 back; take one that holds zeros.");
        assertThatThrownBy(() -> perceptron()
                        .apply(new IterativePruning(
                                0.5, 1, PruningSchedule.LINEAR, TUNING, Networks.mlp(784, 30, 10), null)))
                .hasMessage("Network mlp has no weight fc1.weight of the shape that it has in perceptron; rewind takes"
                        + " the same network from before or early in training.");
    }
}
