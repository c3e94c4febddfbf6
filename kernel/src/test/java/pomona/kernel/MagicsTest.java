package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.pass.Progress;

/** Pomona's own magics in a real session: cells as people write them, on real digits. */
class MagicsTest {

    private static JavaSession session;

    @TempDir
    static Path folder;

    @BeforeAll
    static void start() {
        session = JavaSession.start();
        ok("""
                Random random = new Random(1);
                float[] weights(int count) {
                    float[] values = new float[count];
                    for (int i = 0; i < count; i++) {
                        values[i] = (float) random.nextGaussian() / 8;
                    }
                    return values;
                }
                Network lenet = Network.builder("lenet")
                        .input("image", "batch", 784)
                        .weight("w1", Tensor.ofFloats(weights(784 * 16), 784, 16))
                        .weight("w2", Tensor.ofFloats(weights(160), 16, 10))
                        .node("MatMul", List.of("image", "w1"), "hidden")
                        .node("Relu", List.of("hidden"), "active")
                        .node("MatMul", List.of("active", "w2"), "logits")
                        .output("logits", "batch", 10)
                        .build();
                """);
        ok("var test = IdxDataset.test(Path.of(\"../notebooks/data/mnist\")).flat().limit(200);");
    }

    @AfterAll
    static void stop() {
        session.close();
    }

    private static RecordedOutputs run(String source) {
        return RecordedOutputs.run(session, source);
    }

    private static RecordedOutputs ok(String source) {
        return RecordedOutputs.ok(session, source);
    }

    @Test
    void aMagicGivesAJavaValueOfItsType() {
        assertThat(ok("Network small = %prune lenet --method magnitude --sparsity 0.9 --scope global\n"
                                + "small.nonZeros()")
                        .result())
                .isEqualTo("1270");
        assertThat(ok("var half = %prune lenet --sparsity 0.5\nhalf.provenance().get(0).name()")
                        .result())
                .isEqualTo("MagnitudePruning");
    }

    @Test
    void expressionsInBracesAreArguments() {
        assertThat(ok("double share = 0.75;\nNetwork less = %prune {lenet.named(\"other\")} --sparsity {share}\n"
                                + "less.name() + \" \" + less.nonZeros()")
                        .result())
                .isEqualTo("other 3176");
    }

    /** All weights of both layers may go, up to the greatest level, when any error is allowed. */
    @Test
    void levelsOfAScanAreTargetsOfPruning() {
        assertThat(ok("Sensitivity scan = %sensitivity lenet --data test --levels 0.5,0.9\n"
                                + "Network less = %prune lenet --targets {scan.targets(100)}\n"
                                + "scan.targets(100) + \" leaves \" + less.nonZeros()")
                        .result())
                .isEqualTo("w1=0.9, w2=0.9 leaves 1270");
    }

    /** An interrupt as Jupyter sends it, from another thread and at any moment. */
    @Test
    void aScanGoesOnWhereAnInterruptStoppedIt() throws Exception {
        String line = "Sensitivity whole = %sensitivity lenet --data test --levels 0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8";
        List<String> measured = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch some = new CountDownLatch(3);
        AtomicReference<Progress.Listener> before = new AtomicReference<>();
        before.set(Progress.listen(progress -> {
            before.get().changed(progress);
            if (progress.task().equals("sensitivity of lenet")
                    && !progress.isEnded()
                    && !progress.note().isEmpty()) {
                measured.add(progress.note());
                some.countDown();
                if (measured.size() == 3) {
                    // The interrupt shall not come too late on a fast machine.
                    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(10));
                }
            }
        }));
        try {
            CompletableFuture<CellResult> running =
                    CompletableFuture.supplyAsync(() -> session.execute(line, new RecordedOutputs()));
            assertThat(some.await(20, TimeUnit.SECONDS)).isTrue();
            session.interrupt();
            assertThat(running.get(20, TimeUnit.SECONDS).status()).isEqualTo(CellResult.Status.INTERRUPTED);
            assertThat(measured).hasSizeBetween(3, 15);
            assertThat(ok(line + "\nwhole.isComplete()").result()).isEqualTo("true");
            assertThat(measured).hasSize(16).doesNotHaveDuplicates();
        } finally {
            Progress.listen(before.get());
        }
    }

    @Test
    void aNetworkIsShownWithItsLayers() {
        var output = ok("lenet").all.get(0);

        assertThat(output.text()).startsWith("lenet (image float[batch,784]) -> (logits float[batch,10])\n");
        assertThat(output.bundle().get("text/html").toString()).contains("<h4>lenet</h4>", "<td>MatMul</td>");
    }

    @Test
    void evaluatesComparesAndPlotsInOneCell() {
        var cell = ok("""
                Network a = %prune lenet --sparsity 0.9 --name pruned
                Evaluation e1 = %evaluate lenet --data test --latency false
                Evaluation e2 = %evaluate a --data test --latency false
                Table t = %compare e1 e2
                Figure f = %plot t
                display(t);
                display(f);
                e2
                """);

        // Engines may log, and a slow machine shows progress, before the three that the cell itself shows.
        var shown = cell.all.subList(cell.all.size() - 3, cell.all.size());
        assertThat(shown).extracting(output -> output.kind()).containsExactly("display", "display", "result");
        assertThat(shown.get(0).text()).contains("lenet", "pruned", "1,270");
        assertThat(shown.get(1).text()).isEqualTo("Figure: comparison (error % over .xz KB); 2 points");
        assertThat(shown.get(1).bundle().get("text/html").toString()).contains("data-pomona-library");
        assertThat(cell.result()).startsWith("pruned on 200 records\nerror ");
    }

    @Test
    void exportsToAFileAndReadsItBack() {
        String file = folder.resolve("with blank/small.onnx.xz").toString();

        assertThat(ok("Path p = %export lenet \"" + file + "\"\np").result()).isEqualTo(file);
        assertThat(ok("Network back = %network \"" + file + "\"\nback.weights().equals(lenet.weights())")
                        .result())
                .isEqualTo("true");
        assertThat(ok("Network again = %network p\nagain.parameters()").result())
                .isEqualTo("12704");
    }

    @Test
    void mistakesAreOneSentenceAndTheSessionGoesOn() {
        assertThat(run("Network x = %prune lenet --sparsty 0.9").error())
                .isEqualTo("IllegalArgumentException: %prune has no option --sparsty; did you mean --sparsity?");
        assertThat(run("%prune lenet --sparsity 1.5").error())
                .isEqualTo("IllegalArgumentException: Sparsity 1.5 is out of range; it is from 0 up to but not"
                        + " including 1.");
        assertThat(run("%network missing.onnx").error())
                .isEqualTo("IllegalArgumentException: There is no file missing.onnx; give the path of an .onnx or"
                        + " .onnx.xz file.");
        assertThat(run("%prune lenett").error())
                .isEqualTo("IllegalArgumentException: There is no variable lenett; did you mean lenet?");
        assertThat(run("%prune q").error())
                .isEqualTo("IllegalArgumentException: There is no variable q in this session.");
        assertThat(run("%evaluate lenet --data lenet").error())
                .isEqualTo("IllegalArgumentException: lenet is a Network, but it takes a RandomAccessDataset.");
        assertThat(run("%prune lenett").tracebackText()).doesNotContain("\tat ", "pomona.jupyter");
        assertThat(ok("lenet.parameters()").result()).isEqualTo("12704");
    }

    @Test
    void damagedFilesAndUnknownOperatorsAreOneSentenceToo() throws Exception {
        Path text = Files.writeString(folder.resolve("text.onnx"), "this is no network");
        assertThat(run("%network " + text).error())
                .isEqualTo("IllegalArgumentException: " + text + " is not an ONNX file: it is a text.");
        Path whole = folder.resolve("whole.onnx");
        ok("Path written = %export lenet " + whole);
        Path cut = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(Files.readAllBytes(whole), 4000));
        assertThat(run("%network " + cut).error())
                .isEqualTo("IllegalArgumentException: " + cut
                        + " is not a whole ONNX file: its 4000 bytes end too early or are damaged.");
        ok("""
                Network odd = Network.builder("odd")
                        .input("image", "batch", 784)
                        .node("NonMaxSuppression", List.of("image", "image"), "boxes")
                        .output("boxes", "batch", 10)
                        .build();
                """);
        assertThat(run("%finetune odd --data test").error())
                .isEqualTo("IllegalArgumentException: Network odd can not be trained: node boxes is a"
                        + " NonMaxSuppression, an operator without a trainable form.");
        assertThat(ok("lenet.parameters()").result()).isEqualTo("12704");
    }

    @Test
    void helpIsPrintedAndGivesNothing() {
        RecordedOutputs help = ok("%prune --help");

        assertThat(help.stream("stdout")).contains("Usage: %prune ", "Options of --method threshold:");
        assertThat(help.result()).isNull();
    }

    @Test
    void longWorkShowsItsProgress() {
        RecordedOutputs cell = ok("""
                try (Progress progress = Progress.start("fit", 10)) {
                    for (int i = 0; i < 10; i++) {
                        Thread.sleep(60);
                        progress.advance(1, "loss 0.5");
                    }
                }
                """);

        assertThat(cell.all).first().satisfies(output -> {
            assertThat(output.kind()).isEqualTo("display");
            assertThat(output.text()).startsWith("fit [");
            assertThat(output.bundle().get("text/html").toString()).contains("<progress max=\"10\"");
        });
        assertThat(cell.all).last().satisfies(output -> {
            assertThat(output.kind()).isEqualTo("update");
            assertThat(output.text()).startsWith("fit: done in 0.").endsWith(" s, loss 0.5");
        });
    }
}
