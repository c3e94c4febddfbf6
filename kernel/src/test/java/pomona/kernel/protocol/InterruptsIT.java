package pomona.kernel.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static pomona.kernel.protocol.KernelProcess.content;

import com.google.gson.JsonObject;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.kernel.Jdks;
import pomona.kernel.install.SessionJvm;

/**
 * The interrupt button in a kernel of its own, on every JDK of this machine that can run it, by message and by signal.
 * Run alone with {@code mvn verify -Dtest=none -Dit.test=InterruptsIT}.
 */
class InterruptsIT {

    private static final Path ROOT = Path.of(System.getProperty("pomona.checkout", ".."))
            .toAbsolutePath()
            .normalize();
    private static final int BOUND_MILLIS = 500;
    private static final int ATTEMPTS = 4;

    private static final String DECLARATIONS = """
            int kept = 42;
            long count;
            int spin(int n) { return n > 500 ? 0 : spin(n + 1) + spin(n + 1); }
            void fit() {
                var data = IdxDataset.train(Path.of("%s")).flat();
                Block block = new SequentialBlock()
                        .add(Linear.builder().setUnits(300).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(10).build());
                try (Model model = Model.newInstance("fitted", "PyTorch")) {
                    model.setBlock(block);
                    var config = new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .addTrainingListeners(new ProgressListener("train", 100));
                    try (Trainer trainer = model.newTrainer(config)) {
                        trainer.initialize(new Shape(1, 784));
                        EasyTrain.fit(trainer, 100, data.batches(128).shuffled(1), null);
                    }
                } catch (IOException | TranslateException e) {
                    throw new IllegalStateException(e);
                }
            }
            """;

    private static final List<String> CELLS = List.of(
            "while (true) {}",
            "for (int i = 0; i >= 0; i++) for (int j = 0; j < Integer.MAX_VALUE; j++) count += i ^ j;",
            // A loop that the compiler takes for finite, over local variables alone.
            "long n = 0; for (int i = 0; i < 2_000_000_000; i++) for (int j = 0; j < 2_000_000_000; j++) n += i ^ j;",
            "spin(0)",
            "Thread.sleep(600_000);",
            "System.in.read()",
            "LongStream.iterate(1, x -> x + 1).map(x -> x * x).filter(x -> x % 7 == 0).sum()",
            "IntStream.iterate(1, x -> 1 - x).parallel().forEach(x -> { while (true) count++; });",
            "fit();");

    private static KernelProcess kernel;
    private static Path kernelJdk;

    static Stream<Arguments> cells() throws Exception {
        List<Arguments> all = new ArrayList<>();
        for (Path jdk : Jdks.installed()) {
            for (String how : List.of("message", "signal")) {
                // Both ways lead to the same place: a signal need not be tried on each kind of cell.
                List<String> cells = how.equals("message") ? CELLS : List.of(CELLS.get(0), CELLS.get(3));
                cells.forEach(cell -> all.add(Arguments.of(jdk, how, cell)));
            }
        }
        return all.stream();
    }

    @AfterAll
    static void stop() {
        if (kernel != null) {
            kernel.close();
        }
    }

    @ParameterizedTest
    @MethodSource("cells")
    void stopsWithinHalfASecond(Path jdk, String how, String cell) throws Exception {
        start(jdk);
        // A busy machine may delay once what it does not delay every time.
        long millis = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && millis > BOUND_MILLIS; attempt++) {
            millis = Math.min(millis, stopMillis(how, cell));
            assertThat(kernel.execute("kept").first("execute_result").content().toString())
                    .contains("\"42\"");
        }
        assertThat(millis).isLessThanOrEqualTo(BOUND_MILLIS);
        assertThat(idleShare())
                .as("share of a processor that is used after the stop")
                .isLessThan(0.3);
    }

    private static void start(Path jdk) throws Exception {
        if (jdk.equals(kernelJdk)) {
            return;
        }
        stop();
        File[] jars =
                ROOT.resolve("kernel/target/dist/lib").toFile().listFiles((folder, name) -> name.endsWith(".jar"));
        SessionJvm jvm = new SessionJvm(
                jdk.resolve("bin/java"), Arrays.stream(jars).map(File::toPath).toList());
        kernel = new KernelProcess(null, jvm.command());
        kernelJdk = jdk;
        String data = ROOT.resolve("notebooks/data/mnist").toString();
        assertThat(kernel.execute(DECLARATIONS.formatted(data)).status()).isEqualTo("ok");
        // The first use of the engine loads its libraries, which nothing can interrupt.
        assertThat(kernel.execute("Engine.getEngine(\"PyTorch\").newBaseManager().close();")
                        .status())
                .isEqualTo("ok");
    }

    private static long stopMillis(String how, String cell) throws Exception {
        JsonObject header = kernel.send(kernel.shell, "execute_request", content("code", cell, "allow_stdin", true));
        Thread.sleep(cell.startsWith("fit") ? 3000 : 700);
        assertThat(kernel.wire.receive(kernel.shell, false)).as("it runs").isNull();
        long start = System.nanoTime();
        if (how.equals("message")) {
            kernel.send(kernel.control, "interrupt_request", content());
        } else {
            new ProcessBuilder("kill", "-INT", String.valueOf(kernel.process.pid()))
                    .start()
                    .waitFor();
        }
        JsonObject reply = kernel.reply(kernel.shell, header).content();
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertThat(reply.get("status").getAsString()).isEqualTo("error");
        assertThat(reply.get("ename").getAsString()).isEqualTo("Interrupted");
        return millis;
    }

    /** The share of one processor that the kernel uses, the least of some looks since compilers finish late. */
    private static double idleShare() throws Exception {
        double least = Double.MAX_VALUE;
        for (int look = 0; look < 8 && least > 0.1; look++) {
            Duration before = used();
            Thread.sleep(300);
            least = Math.min(least, (used().toMillis() - before.toMillis()) / 300.0);
        }
        return least;
    }

    private static Duration used() {
        return kernel.process.info().totalCpuDuration().orElse(Duration.ZERO);
    }
}
