package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.evaluate.Evaluation;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.train.FineTuning;
import pomona.train.Training;

class MaxDropPruningTest {

    private static final Path MNIST = Path.of("../../notebooks/data/mnist");
    private static final IdxDataset TRAIN = IdxDataset.train(MNIST).flat().limit(2000);
    private static final IdxDataset UNSEEN = IdxDataset.test(MNIST).flat();
    private static final RandomAccessDataset DATA = UNSEEN.subDataset(0, 2000);
    private static final RandomAccessDataset TEST = UNSEEN.subDataset(2000, (int) UNSEEN.size());

    @Test
    void findsTheGreatestSparsityThatTheValidationDataBears() {
        Network dense = Networks.mlp(784, 30, 10)
                .apply(new FineTuning(TRAIN, Training.epochs(3).withLearningRate(0.005), true));
        Network pruned = dense.apply(new MaxDropPruning(0.01, DATA, TEST));
        double before = Evaluation.errorPercent(dense, DATA);
        double after = Evaluation.errorPercent(pruned, DATA);
        assertThat(after).isLessThanOrEqualTo(before + 1);
        Map<String, String> step =
                pruned.provenance().get(pruned.provenance().size() - 1).options();
        double found = Double.parseDouble(step.get("found").replace("sparsity ", ""));
        assertThat(found).isGreaterThan(0.2);
        long zeros = LayerWeight.of(pruned).stream()
                .mapToLong(w -> w.tensor().size() - w.tensor().countNonZeros())
                .sum();
        assertThat(zeros).isCloseTo(Math.round(found * (784 * 30 + 300)), org.assertj.core.api.Assertions.within(2L));
        assertThat(step.get("validationError"))
                .isEqualTo(String.format(java.util.Locale.ROOT, "%.2f %% to %.2f %%", before, after));
        assertThat(step.get("testError"))
                .isEqualTo(String.format(
                        java.util.Locale.ROOT,
                        "%.2f %% to %.2f %%",
                        Evaluation.errorPercent(dense, TEST),
                        Evaluation.errorPercent(pruned, TEST)));
        double further = Math.min(0.99, found + 0.0051);
        assertThat(Evaluation.errorPercent(dense.apply(new MagnitudePruning(further)), DATA))
                .isGreaterThan(before + 1);
    }

    @Test
    void saysWhatIsMissing() {
        assertThatThrownBy(() -> new MaxDropPruning(-0.1, DATA, null))
                .hasMessage("max-drop must be 0 to 1, where 0.005 or 0.5% is half a percentage point; it was -0.1.");
        assertThatThrownBy(() -> new MaxDropPruning(50, DATA, null))
                .hasMessage("max-drop must be 0 to 1, where 0.005 or 0.5% is half a percentage point; it was 50.0.");
        assertThatThrownBy(() -> new MaxDropPruning(0.01, null, null))
                .hasMessage("The greatest sparsity is searched for on validation data; none was given (option data).");
        assertThatThrownBy(() -> new MaxDropPruning(0.01, DATA, null, null, 0))
                .hasMessage("precision must be above 0 and below 1; it was 0.0.");
    }
}
