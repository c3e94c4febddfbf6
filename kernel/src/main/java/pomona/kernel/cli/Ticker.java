package pomona.kernel.cli;

import java.time.Duration;
import java.util.function.Consumer;

/** Calls back about twice a second with the time since it was made, until stopped. */
final class Ticker {

    private final Thread thread;

    Ticker(Consumer<Duration> onTick) {
        long start = System.nanoTime();
        thread = new Thread(
                () -> {
                    try {
                        while (true) {
                            Thread.sleep(500);
                            onTick.accept(Duration.ofNanos(System.nanoTime() - start));
                        }
                    } catch (InterruptedException e) {
                        // Stopped.
                    }
                },
                "pomona-ticker");
        thread.setDaemon(true);
        thread.start();
    }

    void stop() {
        thread.interrupt();
    }
}
