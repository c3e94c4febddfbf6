package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import pomona.djl.IdxDataset;

/** Interrupts, sent as Jupyter sends them, while a magic measures on a data set of digits. */
public class MeasuringInterruptsTest {

    private static final int RECORDS = 10_000;

    /** In the third batch of 256 that errors are counted on. */
    private static final int PAUSE_AT = 600;

    private static JavaSession session;

    /** Digits that wait for the interrupt at one record, so that it comes neither too early nor too late. */
    public static final class WaitingDigits extends RandomAccessDataset {

        private final IdxDataset digits;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final AtomicLong read = new AtomicLong();

        WaitingDigits(IdxDataset digits) {
            super(new ArrayBuilder());
            this.digits = digits;
        }

        @Override
        public Record get(NDManager manager, long index) throws IOException {
            read.incrementAndGet();
            if (index == PAUSE_AT && reached.getCount() > 0) {
                reached.countDown();
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(20));
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

    private static final class ArrayBuilder extends RandomAccessDataset.BaseBuilder<ArrayBuilder> {

        ArrayBuilder() {
            setSampling(1, false);
        }

        @Override
        protected ArrayBuilder self() {
            return this;
        }
    }

    /** What the running test measures on; cells read it. */
    public static volatile WaitingDigits digits;

    @BeforeAll
    static void start() {
        session = JavaSession.start();
        RecordedOutputs.ok(session, """
                float[] weights(int count, long seed) {
                    var random = new Random(seed);
                    float[] values = new float[count];
                    for (int i = 0; i < count; i++) {
                        values[i] = (float) random.nextGaussian() / 8;
                    }
                    return values;
                }
                Network lenet = Network.builder("lenet")
                        .input("image", "batch", 784)
                        .weight("w1", Tensor.ofFloats(weights(784 * 16, 1), 784, 16))
                        .weight("w2", Tensor.ofFloats(weights(160, 2), 16, 10))
                        .node("MatMul", List.of("image", "w1"), "hidden")
                        .node("Relu", List.of("hidden"), "active")
                        .node("MatMul", List.of("active", "w2"), "logits")
                        .output("logits", "batch", 10)
                        .build();
                """);
    }

    @AfterAll
    static void stop() {
        session.close();
    }

    private static CellResult interruptedAtThePause(String cell, RecordedOutputs outputs) throws Exception {
        digits = new WaitingDigits(
                IdxDataset.test(Path.of("../notebooks/data/mnist")).flat());
        RecordedOutputs.ok(session, "var digits = pomona.kernel.MeasuringInterruptsTest.digits;");
        CompletableFuture<CellResult> running = CompletableFuture.supplyAsync(() -> session.execute(cell, outputs));
        assertThat(digits.reached.await(60, TimeUnit.SECONDS)).isTrue();
        session.interrupt();
        CellResult result = running.get(20, TimeUnit.SECONDS);
        // The batch that was read is finished; a fifth of the data would be far more than that.
        assertThat(digits.read.get()).isLessThan(RECORDS / 5);
        return result;
    }

    @Test
    void evaluatingStopsAndNothingIsLost() throws Exception {
        RecordedOutputs.ok(
                session,
                "Evaluation e = %evaluate lenet --data {IdxDataset.test(Path.of(\"../notebooks/data/mnist\")).flat().limit(50)}"
                        + " --latency false");
        RecordedOutputs outputs = new RecordedOutputs();
        CellResult result = interruptedAtThePause("Evaluation e = %evaluate lenet --data digits", outputs);
        assertThat(result.status()).isEqualTo(CellResult.Status.INTERRUPTED);
        assertThat(outputs.error()).isEqualTo("Interrupted: The cell was interrupted.");
        assertThat(RecordedOutputs.ok(session, "e.records()").result()).isEqualTo("50");
    }

    @Test
    void aQuantizedNetworkIsGivenBackWhenMeasuringItIsInterrupted() throws Exception {
        RecordedOutputs outputs = new RecordedOutputs();
        CellResult result =
                interruptedAtThePause("Network w = %quantize lenet --method weight-only --test digits", outputs);
        assertThat(result.status()).isEqualTo(CellResult.Status.OK);
        assertThat(outputs.error()).isNull();
        assertThat(outputs.all)
                .extracting(RecordedOutputs.Output::text)
                .contains("Measuring was interrupted; the network was finished before that and is given back.")
                .noneMatch(text -> text.contains("quantization of"));
        assertThat(RecordedOutputs.ok(session, "w.provenance().get(0).name()").result())
                .isEqualTo("WeightOnlyQuantization");
    }

    @Test
    void whatFollowsInTheCellDoesNotRun() throws Exception {
        RecordedOutputs outputs = new RecordedOutputs();
        CellResult result =
                interruptedAtThePause("int after = 1;\nNetwork v = %quantize lenet --test digits\nafter = 2;", outputs);
        assertThat(result.status()).isEqualTo(CellResult.Status.INTERRUPTED);
        assertThat(RecordedOutputs.ok(session, "v.provenance().get(0).name() + after")
                        .result())
                .isEqualTo("DynamicQuantization1");
    }

    @Test
    void aTypoInAMagicLeavesTheNetworkOfBefore() {
        RecordedOutputs.ok(session, "Network s = %quantize lenet --method dynamic");
        assertThat(RecordedOutputs.run(session, "Network s = %quantize lenet --method dynamc")
                        .error())
                .isEqualTo("IllegalArgumentException: quantize has no method dynamc; did you mean dynamic?");
        assertThat(RecordedOutputs.ok(session, "s.provenance().get(0).name()").result())
                .isEqualTo("DynamicQuantization");
    }
}
