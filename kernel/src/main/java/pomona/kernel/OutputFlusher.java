package pomona.kernel;

import java.util.concurrent.LinkedBlockingQueue;

/** The thread that flushes written text that no line end has flushed, 50 ms after it was written. */
final class OutputFlusher {

    private static final long DELAY_MILLIS = 50;

    private record Waiting(CellOutput output, long since) {}

    private final LinkedBlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "cell-output");

    OutputFlusher() {
        thread.setDaemon(true);
        thread.start();
    }

    void add(CellOutput output) {
        waiting.add(new Waiting(output, System.nanoTime()));
    }

    void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                Waiting next = waiting.take();
                long age = (System.nanoTime() - next.since()) / 1_000_000;
                if (age < DELAY_MILLIS) {
                    Thread.sleep(DELAY_MILLIS - age);
                }
                next.output().flush();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }
}
