package pomona.kernel;

import java.time.Duration;
import pomona.kernel.magic.Durations;

/** Counts the time of code: what passed, and the processor time of all threads of the process. */
final class RunClock {

    private long nanos;
    private Duration processor = Duration.ZERO;
    private long startNanos;
    private Duration startProcessor;

    void start() {
        startProcessor = processorTime();
        startNanos = System.nanoTime();
    }

    void stop() {
        nanos += System.nanoTime() - startNanos;
        processor = processor.plus(processorTime().minus(startProcessor));
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** As {@code 1.24 s (processor 2.30 s)}; processors are counted in steps of 10 ms, so short times go without. */
    String text() {
        double used = processor.toNanos() / 1e9;
        return Durations.text(nanos / 1e9) + (used < 0.02 ? "" : " (processor " + Durations.text(used) + ")");
    }
}
