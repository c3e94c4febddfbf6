package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.djl.OperatorTimes;
import pomona.graph.Network;

/** Whatever runs records or times a network stops between two batches or runs when its thread is interrupted. */
class InterruptedMeasuringTest {

    private static final int RECORDS = 2_000;

    private final Network network = Networks.lenet300();
    private final StoppingDigits digits = new StoppingDigits();

    /** Digits that interrupt the thread that reads one of them. */
    private static final class StoppingDigits extends RandomAccessDataset {

        private final IdxDataset digits =
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat();
        private long stopAt = 300;
        private long last;

        StoppingDigits() {
            super(new OneByOne());
        }

        @Override
        public Record get(NDManager manager, long index) throws IOException {
            last = index;
            if (index == stopAt) {
                Thread.currentThread().interrupt();
            }
            return digits.get(manager, index);
        }

        @Override
        protected long availableSize() {
            return RECORDS;
        }

        @Override
        public void prepare(Progress progress) {
            // the digits are there
        }
    }

    private static final class OneByOne extends RandomAccessDataset.BaseBuilder<OneByOne> {

        OneByOne() {
            setSampling(1, false);
        }

        @Override
        protected OneByOne self() {
            return this;
        }
    }

    @AfterEach
    void forgetTheInterrupt() {
        Thread.interrupted();
    }

    private void stops(ThrowingCallable measuring, String message) {
        assertThatThrownBy(measuring).isInstanceOf(CancellationException.class).hasMessage(message);
        assertThat(Thread.interrupted()).isFalse();
        assertThat(digits.last).isLessThan(600);
    }

    @Test
    void countingErrorsStops() {
        String message = "Measuring network " + network.name() + " was interrupted; the network is as it was.";
        stops(() -> Evaluation.of(network, digits), message);
        stops(() -> Evaluation.errorPercent(network, digits), message);
        stops(() -> Tradeoff.of(network, network, digits, RECORDS), message);
        stops(() -> ErrorCount.ofClassifier(network, digits, RECORDS), message);
    }

    @Test
    void comparingOutputsStops() {
        stops(
                () -> OutputCosine.of(network, network, new MeasuredRecords(digits, RECORDS, "")),
                "Measuring network " + network.name() + " was interrupted; the network is as it was.");
    }

    @Test
    void activationsStop() {
        List<String> outputs = List.of(network.outputs().get(0).name());
        stops(
                () -> Activations.forEach("look", network, outputs, digits, RECORDS, (name, tensor) -> {}),
                "The work on network " + network.name() + " (look) was interrupted; the network is as it was.");
    }

    @Test
    void aScanTellsHowFarItIsAndGoesOn() {
        Sensitivity scan = new Sensitivity(network, List.of("fc1.weight"), List.of(0.5), (l, s) -> network, digits);
        stops(
                scan::run,
                "The scan of network " + network.name()
                        + " was interrupted after 0 of 1 measurements; run it again to go on from there.");
        digits.stopAt = -1;
        assertThat(scan.run().isComplete()).isTrue();
    }

    @Test
    void compressingStops() {
        stops(
                () -> {
                    Thread.currentThread().interrupt();
                    FileSize.of(network);
                },
                "Compressing network " + network.name() + " was interrupted; the network is as it was.");
    }

    @Test
    void timingStops() {
        var feeds = SampleFeeds.of(network);
        String message = "Timing network " + network.name() + " was interrupted; the network is as it was.";
        stops(
                () -> {
                    Thread.currentThread().interrupt();
                    Latency.inTurns(List.of(network, network), feeds, EvaluationOptions.DEFAULTS);
                },
                message);
        stops(
                () -> {
                    Thread.currentThread().interrupt();
                    LatencyProbe.measure(network, feeds, EvaluationOptions.DEFAULTS);
                },
                message);
        stops(
                () -> {
                    Thread.currentThread().interrupt();
                    OperatorTimes.measure(network, feeds, 5, 1);
                },
                message);
    }
}
