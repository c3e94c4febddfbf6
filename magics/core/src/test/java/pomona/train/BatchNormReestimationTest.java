package pomona.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.evaluate.Activations;
import pomona.evaluate.Evaluation;
import pomona.evaluate.EvaluationOptions;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.prune.ChannelImportance;
import pomona.prune.ChannelPruning;
import pomona.prune.Scope;
import pomona.structure.Topologies;

class BatchNormReestimationTest {

    private static final IdxDataset DATA =
            IdxDataset.test(Path.of("../../notebooks/data/mnist")).limit(96);

    /** What goes into the first normalization does not depend on any: its statistics are those of all records. */
    @Test
    void measuresMeanAndVarianceOfAllRecords() {
        Network network = Topologies.digits();
        Network measured = network.apply(new BatchNormReestimation(DATA, 96, 40, 0));
        double[] sums = new double[8];
        double[] squares = new double[8];
        Activations.forEach("test", network, List.of("stem.out"), DATA, 96, (name, tensor) -> {
            float[] values = tensor.toFloatArray();
            for (int i = 0; i < values.length; i++) {
                sums[i / 784 % 8] += values[i];
                squares[i / 784 % 8] += values[i] * (double) values[i];
            }
        });
        for (int c = 0; c < 8; c++) {
            double mean = sums[c] / (96 * 784);
            double variance = squares[c] / (96 * 784) - mean * mean;
            assertThat(measured.weight("bn0.mean").toFloatArray()[c]).isCloseTo((float) mean, within(1e-4f));
            assertThat(measured.weight("bn0.variance").toFloatArray()[c]).isCloseTo((float) variance, within(1e-4f));
        }
        assertThat(measured.weight("bn0.scale")).isEqualTo(network.weight("bn0.scale"));
        assertThat(measured.nodes()).isEqualTo(network.nodes());
    }

    @Test
    void everyNormalizationGivesItsShiftAndScaleOnAverage() {
        Network measured = Topologies.digits().apply(new BatchNormReestimation(DATA, 96, 96, 0));
        double[] sums = new double[16];
        Activations.forEach("test", measured, List.of("bn3.out"), DATA, 96, (name, tensor) -> {
            float[] values = tensor.toFloatArray();
            for (int i = 0; i < values.length; i++) {
                sums[i / 49 % 16] += values[i];
            }
        });
        float[] shift = measured.weight("bn3.shift").toFloatArray();
        for (int c = 0; c < 16; c++) {
            assertThat(sums[c] / (96 * 49)).isCloseTo(shift[c], within(1e-3));
        }
    }

    @Test
    void bringsBackANetworkWhoseStatisticsDoNotFit() {
        IdxDataset data = IdxDataset.test(Path.of("../../notebooks/data/mnist")).limit(2000);
        Training training = Training.epochs(1).withBatchSize(25).withLearningRate(0.02);
        Network dense = Topologies.digits().apply(new FineTuning(data, training, false));
        Map<String, Tensor> lost = new HashMap<>();
        for (String norm : List.of("bn0", "bn1", "bn2", "bn3")) {
            lost.put(norm + ".mean", Topologies.digits().weight(norm + ".mean"));
            lost.put(norm + ".variance", Topologies.digits().weight(norm + ".variance"));
        }
        Network unfit = dense.withWeights(lost);
        Network fit = unfit.apply(new BatchNormReestimation(data));
        assertThat(error(unfit, data)).isGreaterThan(error(dense, data) + 10);
        assertThat(error(fit, data)).isLessThan(error(dense, data) + 2);
    }

    @Test
    void comesWithPruningThatIsGivenData() {
        ChannelPruning pruning = new ChannelPruning(0.25, Scope.LAYER, ChannelImportance.ACTIVATION, DATA);
        Network kept = Topologies.digits().apply(pruning.withReestimate(false));
        Network measured = new BatchNormReestimation(DATA).transform(kept);
        Network both = pruning.transform(Topologies.digits());
        assertThat(both.weights()).isEqualTo(measured.weights());
        assertThat(both.weight("bn2.mean")).isNotEqualTo(kept.weight("bn2.mean"));
    }

    private static double error(Network network, IdxDataset data) {
        return Evaluation.of(network, data, EvaluationOptions.DEFAULTS.withoutLatency())
                .error();
    }

    @Test
    void leavesANetworkWithoutNormalizationAsItIs() {
        Network network = Networks.lenet300();
        assertThat(new BatchNormReestimation(DATA).transform(network)).isSameAs(network);
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> new BatchNormReestimation(null))
                .hasMessage("Batch normalizations are measured on data; none was given (option data).");
        assertThatThrownBy(() -> new BatchNormReestimation(DATA, 10, 1, 0))
                .hasMessage("batch-size must be 2 or more; it was 1.");
        assertThatThrownBy(() -> new BatchNormReestimation(DATA, 0, 8, 0))
                .hasMessage("records must be 1 or more; it was 0.");
        Network other = Topologies.chain();
        assertThatThrownBy(() -> other.apply(new BatchNormReestimation(DATA)))
                .hasMessage("Network chain takes x float[batch,3,8,8], but a batch of the data is (64, 1, 28, 28).");
    }
}
