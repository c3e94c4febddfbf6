package pomona.kernel.notebook;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import pomona.kernel.CellResult;
import pomona.kernel.CellResult.Status;
import pomona.kernel.CellSession;

/**
 * Runs a notebook's code cells in order in a {@link CellSession} and records their outputs in the notebook.
 *
 * <p>The first cell that fails ends the run, unless it is tagged {@code raises-exception}. Cells tagged {@code
 * skip-execution} are left out. Both tags mean what they mean to nbclient.
 */
public final class NotebookRunner {

    /** The tag of cells that are not run. */
    static final String SKIP = "skip-execution";

    /** The tag of cells that may fail. */
    static final String EXPECTED = "raises-exception";

    private static final Duration GRACE = Duration.ofSeconds(5);

    private final CellSession session;
    private final Duration timeout;
    private final RunListener listener;
    private final OutputRecorder.Displays displays = new OutputRecorder.Displays();
    private final Map<Cell, OutputRecorder> recorders = new LinkedHashMap<>();
    // One thread for all cells, as in a kernel: libraries keep state per thread.
    private final ExecutorService cellThread = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "pomona-cells");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean stopRequested;
    private volatile CompletableFuture<CellResult> running;

    /**
     * A runner for one notebook.
     *
     * @param timeout the longest a cell may take, or null for no limit
     */
    public NotebookRunner(CellSession session, Duration timeout, RunListener listener) {
        this.session = session;
        this.timeout = timeout;
        this.listener = listener;
    }

    /** Runs the cells; outputs of an earlier run are forgotten first. */
    public RunOutcome run(Notebook notebook) {
        notebook.tellLanguage();
        List<Cell> cells = notebook.runnableCells();
        notebook.cells().stream().filter(Cell::isCode).forEach(Cell::clearRun);
        Instant start = Instant.now();
        int number = 0;
        for (Cell cell : cells) {
            if (stopRequested) {
                return new RunOutcome(RunOutcome.Ending.STOPPED, number, null, since(start), false);
            }
            number++;
            Attempt attempt = runCell(cell, number, cells.size());
            if (attempt.ending != RunOutcome.Ending.FINISHED) {
                return new RunOutcome(attempt.ending, number, attempt.error, since(start), attempt.hanging);
            }
        }
        return new RunOutcome(RunOutcome.Ending.FINISHED, number, null, since(start), false);
    }

    /** Interrupts the running cell and ends the run after it. Safe to call from any thread. */
    public void stop() {
        stopRequested = true;
        if (running != null) {
            session.interrupt();
        }
    }

    /** Writes the notebook with the outputs that have come so far, also while a cell runs. */
    public void save(Notebook notebook, Path file) throws IOException {
        synchronized (displays) {
            recorders.forEach((cell, recorder) -> recorder.copyTo(cell));
            notebook.write(file);
        }
    }

    private record Attempt(RunOutcome.Ending ending, String error, boolean hanging) {}

    private Attempt runCell(Cell cell, int number, int total) {
        OutputRecorder recorder = new OutputRecorder(displays, listener.started(number, total, cell));
        synchronized (displays) {
            recorders.put(cell, recorder);
        }
        Instant start = Instant.now();
        String source = cell.source();
        running = CompletableFuture.supplyAsync(() -> session.execute(source, recorder), cellThread);
        if (stopRequested) {
            session.interrupt();
        }
        boolean late = false;
        CellResult result = await(timeout);
        if (result == null) {
            late = !stopRequested;
            session.interrupt();
            result = await(GRACE);
        }
        running = null;
        if (late) {
            recorder.error("TimeoutError", tooLong(), List.of("TimeoutError: " + tooLong()));
        }
        return finish(cell, result, late, recorder, start);
    }

    private Attempt finish(Cell cell, CellResult result, boolean late, OutputRecorder recorder, Instant start) {
        synchronized (displays) {
            cell.setTimes(start, Instant.now());
            cell.setExecutionCount(result == null ? null : result.executionCount());
        }
        Status status = late || result == null ? Status.INTERRUPTED : result.status();
        listener.ended(status, since(start));
        if (late) {
            return new Attempt(RunOutcome.Ending.TIMED_OUT, tooLong(), result == null);
        }
        if (status == Status.INTERRUPTED || stopRequested) {
            return new Attempt(RunOutcome.Ending.STOPPED, recorder.lastError(), result == null);
        }
        boolean expected = cell.mayFail();
        return status == Status.OK || expected
                ? new Attempt(RunOutcome.Ending.FINISHED, null, false)
                : new Attempt(RunOutcome.Ending.FAILED, recorder.lastError(), false);
    }

    private String tooLong() {
        String seconds = timeout.toMillis() % 1000 == 0
                ? Long.toString(timeout.toSeconds())
                : Double.toString(timeout.toMillis() / 1000.0);
        return "the cell took longer than the " + seconds + " s that --timeout allows";
    }

    /** Waits for the running cell; null when it did not end in time. A stop request shortens the wait. */
    private CellResult await(Duration limit) {
        long deadline = limit == null ? Long.MAX_VALUE : System.nanoTime() + limit.toNanos();
        long stopDeadline = 0;
        while (true) {
            try {
                return running.get(100, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                long now = System.nanoTime();
                if (stopRequested && stopDeadline == 0) {
                    stopDeadline = now + GRACE.toNanos();
                }
                if (limit != null && now > deadline || stopDeadline != 0 && now > stopDeadline) {
                    return null;
                }
            } catch (InterruptedException e) {
                stop();
            } catch (ExecutionException e) {
                throw new IllegalStateException("the session broke: " + e.getCause(), e.getCause());
            }
        }
    }

    private static Duration since(Instant start) {
        return Duration.between(start, Instant.now());
    }
}
