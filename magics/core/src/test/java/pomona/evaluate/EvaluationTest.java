package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.ArrayDataset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.Progress;

class EvaluationTest {

    private static final EvaluationOptions QUICK = new EvaluationOptions(3, false, 0, 1, 1);

    private static NDManager manager;

    @BeforeAll
    static void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterAll
    static void close() {
        manager.close();
    }

    /** Says that the answer is the place of the largest of its three inputs. */
    private static Network echo() {
        return Network.builder("echo")
                .input("x", "batch", 3)
                .weight("w", Tensor.ofFloats(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", 3)
                .build();
    }

    private static ArrayDataset data(NDArray labels) {
        NDArray rows = manager.create(new float[][] {{3, 1, 2}, {0, 9, 1}, {1, 2, 5}, {7, 0, 0}, {0, 0, Float.NaN}});
        return new ArrayDataset.Builder()
                .setData(rows)
                .optLabels(labels)
                .setSampling(2, true)
                .build();
    }

    @Test
    void countsErrorsOverBatchesThatDoNotComeOutEven() {
        // Rows 0 and 1 are right, 2 is wrong, 3 is right, 4 answers NaN.
        Evaluation evaluation = Evaluation.of(echo(), data(manager.create(new long[] {0, 1, 1, 0, 2})), QUICK);
        assertThat(evaluation.records()).isEqualTo(5);
        assertThat(evaluation.error()).isEqualTo(40);
        assertThat(evaluation.metric(Evaluation.ACCURACY)).isEqualTo(60);
        assertThat(evaluation.latency().isMeasured()).isFalse();
        assertThat(evaluation.parameters()).isEqualTo(9);
        assertThat(evaluation.nonZeros()).isEqualTo(3);
        assertThat(evaluation.macs()).isEqualTo(9);
    }

    @Test
    void takesLabelsThatMarkTheirClass() {
        NDArray marked = manager.create(new float[][] {{1, 0, 0}, {0, 1, 0}, {0, 1, 0}, {1, 0, 0}, {0, 0, 1}});
        assertThat(Evaluation.of(echo(), data(marked), QUICK).error()).isEqualTo(40);
    }

    @Test
    void sizesAreThoseOfTheFiles(@TempDir Path folder) throws Exception {
        Network network = Networks.mlp(3, 40, 3);
        Evaluation evaluation = Evaluation.of(network, data(manager.create(new long[5])), QUICK);
        assertThat(evaluation.fileBytes()).isEqualTo(Files.size(Onnx.write(network, folder.resolve("n.onnx"))));
        assertThat(evaluation.xzBytes()).isEqualTo(Files.size(Onnx.write(network, folder.resolve("n.onnx.xz"))));
    }

    @Test
    void timesSingleRuns() {
        EvaluationOptions options = new EvaluationOptions(4, true, 5, 40, 1);
        Latency latency = Evaluation.of(echo(), data(manager.create(new long[5])), options)
                .latency();
        assertThat(latency.runs()).isEqualTo(40);
        assertThat(latency.median()).isPositive().isLessThanOrEqualTo(latency.p90());
    }

    @Test
    void quantilesLieBetweenNeighbours() {
        Latency latency = LatencyProbe.of(new long[] {4000, 1000, 2000, 3000});
        assertThat(latency.median()).isEqualTo(2.5);
        assertThat(latency.p90()).isEqualTo(3.7);
    }

    @Test
    void aNetworkOfFixedBatchIsFedThatBatch() {
        Network fixed = Network.builder("fixed")
                .input("x", 1, 3)
                .node("Relu", List.of("x"), "y")
                .output("y", 1, 3)
                .build();
        assertThat(Evaluation.of(fixed, data(manager.create(new long[] {0, 1, 1, 0, 2})), QUICK)
                        .error())
                .isEqualTo(40);
    }

    @Test
    void reportsProgress() {
        List<String> seen = new ArrayList<>();
        Progress.Listener before =
                Progress.listen(p -> seen.add(p.task() + " " + p.done() + "/" + p.total() + " " + p.note()));
        try {
            Evaluation.of(echo(), data(manager.create(new long[] {0, 1, 1, 0, 2})), QUICK);
        } finally {
            Progress.listen(before);
        }
        assertThat(seen)
                .startsWith("evaluate echo 0/5 ", "evaluate echo 3/5 error 33.33 %", "evaluate echo 5/5 error 40.00 %");
    }

    @Test
    void anUntrainedNetworkIsWrongOnMostOfMnist() {
        IdxDataset test = IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat();
        Evaluation evaluation = Evaluation.of(Networks.lenet300(), test, QUICK.withBatchSize(500));
        assertThat(evaluation.records()).isEqualTo(10_000);
        assertThat(evaluation.error()).isBetween(80.0, 100.0);
        assertThat(Evaluation.of(Networks.lenet300(), test.batches(7), QUICK.withBatchSize(999)))
                .isEqualTo(evaluation);
    }

    @Test
    void anAnswerThatIsNoClassIsRefused() {
        Network flat = Network.builder("flat")
                .input("x", "batch", 3)
                .weight("axis", Tensor.ofLongs(new long[] {1}, 1))
                .node("ReduceSum", List.of("x", "axis"), "y")
                .output("y", "batch", 1)
                .build();
        assertThatThrownBy(() -> Evaluation.of(flat, data(manager.create(new long[5])), QUICK))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Network flat gives y float[3,1] for 3 records; a classifier gives (records, classes).");
    }

    @Test
    void aMetricThatWasNotMeasuredIsNamed() {
        Evaluation evaluation = Evaluation.of(echo(), data(manager.create(new long[5])), QUICK);
        assertThatThrownBy(() -> evaluation.metric("bleu"))
                .hasMessage("Network echo was not measured for bleu; it was for error %, accuracy %.");
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> QUICK.withBatchSize(0))
                .hasMessage("Option batch-size is 0, but it must be 1 or more.");
    }
}
