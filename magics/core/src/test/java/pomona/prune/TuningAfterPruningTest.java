package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import pomona.djl.IdxDataset;
import pomona.evaluate.Evaluation;
import pomona.evaluate.EvaluationOptions;
import pomona.graph.Network;
import pomona.structure.Topologies;
import pomona.train.FineTuning;
import pomona.train.Training;

/** What is left after structured pruning learns like any network. */
class TuningAfterPruningTest {

    private static final IdxDataset DATA =
            IdxDataset.test(Path.of("../../notebooks/data/mnist")).limit(2000);

    private static double error(Network network) {
        return Evaluation.of(network, DATA, EvaluationOptions.DEFAULTS.withoutLatency())
                .error();
    }

    @Test
    void recoversByTraining() {
        Training training = Training.epochs(1).withBatchSize(32).withLearningRate(0.01);
        Network dense = Topologies.digits().apply(new FineTuning(DATA, training, false));
        Network pruned = dense.apply(new ChannelPruning(0.5));
        Network tuned = pruned.apply(new FineTuning(DATA, training, true));
        assertThat(pruned.weight("dw1.w").shape()).containsExactly(4, 1, 3, 3);
        double before = error(pruned);
        assertThat(error(tuned)).isLessThan(before - 10);
        assertThat(tuned.weight("fc.w").shape()).containsExactly(10, 8);
    }
}
