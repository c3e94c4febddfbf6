package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterruptsTest {

    private static JavaSession session;

    @BeforeAll
    static void start() {
        session = JavaSession.start();
        session.execute(
                "int kept = 1; long count; int spin(int n) { return n > 500 ? 0 : spin(n + 1) + spin(n + 1); }",
                new RecordedOutputs());
        // The common pool's threads are older than the cells that are stopped.
        session.execute("IntStream.range(0, 100).parallel().forEach(i -> count += i);", new RecordedOutputs());
    }

    @AfterAll
    static void stop() {
        session.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kept++; while (true) {}",
                "kept++; while (true) { count++; }",
                "kept++; for (;;) { try { count++; } catch (Throwable t) { } }",
                "kept++; while (true) { try { Thread.sleep(50); } catch (InterruptedException e) { } }",
                "kept++; Thread.sleep(60_000);",
                "kept++; spin(0)",
                "kept++; Stream.iterate(1L, x -> x + 1).forEach(x -> count += x);",
                "kept++; IntStream.iterate(1, x -> 1 - x).parallel().forEach(x -> { while (true) count++; });",
                "kept++; new CountDownLatch(1).await();",
                "kept++; eval(\"while (true) {}\");",
                "kept++; class Slow { public String toString() { while (true) {} } }\nnew Slow()"
            })
    void everyKindOfCellStopsSoon(String source) throws Exception {
        // A busy machine may delay once what it does not delay twice.
        long millis = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 3 && millis >= 500; attempt++) {
            millis = Math.min(millis, stopMillis(source));
        }
        assertThat(millis).isLessThan(500);
        assertThat(burning()).isEmpty();
    }

    private static long stopMillis(String source) throws Exception {
        int before = Integer.parseInt(value("kept"));
        RecordedOutputs outputs = new RecordedOutputs();
        CompletableFuture<CellResult> running = inBackground(source, outputs);
        while (Integer.parseInt(String.valueOf(session.kernel().evalRaw("kept"))) == before && !running.isDone()) {
            Thread.sleep(10);
        }
        Thread.sleep(300);
        long start = System.nanoTime();
        session.interrupt();
        CellResult result = running.get(20, TimeUnit.SECONDS);
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertThat(result.status()).isEqualTo(CellResult.Status.INTERRUPTED);
        assertThat(outputs.error()).isEqualTo("Interrupted: The cell was interrupted.");
        assertThat(value("kept")).isEqualTo(String.valueOf(before + 1));
        return millis;
    }

    @Test
    void anInterruptBetweenCellsDoesNothing() {
        session.interrupt();
        assertThat(value("1 + 1")).isEqualTo("2");
    }

    @Test
    void anOlderCellsThreadsGoOn() throws Exception {
        session.execute(
                "volatile boolean go = true; long ticks; var older = new Thread(() -> { while (go) ticks++; });"
                        + " older.start();",
                new RecordedOutputs());
        RecordedOutputs outputs = new RecordedOutputs();
        CompletableFuture<CellResult> running = inBackground("System.out.println(); while (true) {}", outputs);
        while (outputs.all.isEmpty()) {
            Thread.sleep(10);
        }
        session.interrupt();
        running.get(5, TimeUnit.SECONDS);
        assertThat(value("older.isAlive()")).isEqualTo("true");
        assertThat(value("go = false; older.join(2000); older.isAlive()")).isEqualTo("false");
    }

    private static CompletableFuture<CellResult> inBackground(String source, RecordedOutputs outputs) {
        CompletableFuture<CellResult> future = new CompletableFuture<>();
        new Thread(() -> future.complete(session.execute(source, outputs))).start();
        return future;
    }

    private static String value(String source) {
        RecordedOutputs outputs = new RecordedOutputs();
        session.execute(source, outputs);
        assertThat(outputs.error()).isNull();
        return outputs.result();
    }

    /** Names of threads that still compute half a second later. */
    private static List<String> burning() throws InterruptedException {
        Thread.sleep(400);
        var threads = ManagementFactory.getThreadMXBean();
        var before = new HashMap<Long, Long>();
        for (long id : threads.getAllThreadIds()) {
            before.put(id, threads.getThreadCpuTime(id));
        }
        Thread.sleep(200);
        var found = new ArrayList<String>();
        for (long id : threads.getAllThreadIds()) {
            long used = threads.getThreadCpuTime(id) - before.getOrDefault(id, 0L);
            var info = threads.getThreadInfo(id);
            if (used > 60_000_000 && info != null) {
                found.add(info.getThreadName());
            }
        }
        return found;
    }
}
