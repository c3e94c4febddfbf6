package pomona.kernel;

import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.ForkJoinPool;

/**
 * Stops the running cell: a flag for code that computes, a thread interrupt for code that waits.
 *
 * <p>The thread is interrupted only while it runs the user's code. Interrupting it inside the compiler would close the
 * compiler's jar files under its feet, since a file channel closes when its reader is interrupted.
 */
final class Interrupts {

    /** How long threads that a cell left behind still see the stop after the cell itself has ended. */
    private static final long LINGER_MILLIS = 300;

    private static final int MAX_LINGERS = 30;

    private static final long REPEAT_MILLIS = 100;

    private final Timer timer = new Timer("cell-interrupts", true);
    private CellOutput cell;
    private CellOutput stopped;
    private Thread thread;
    private boolean inUserCode;
    private boolean requested;
    private boolean closed;

    synchronized void begin(CellOutput output) {
        cell = output;
        thread = Thread.currentThread();
        requested = false;
        inUserCode = false;
    }

    /** Ends the cell and tells whether it was asked to stop. */
    synchronized boolean end() {
        boolean was = requested;
        cell = null;
        thread = null;
        inUserCode = false;
        requested = false;
        Thread.interrupted();
        if (was) {
            CellOutput ended = stopped;
            later(() -> relax(ended, MAX_LINGERS), LINGER_MILLIS);
        }
        return was;
    }

    synchronized boolean requested() {
        return requested && Thread.currentThread() == thread;
    }

    /** Asks the running cell to stop; does nothing when none runs. */
    synchronized void request() {
        if (cell == null) {
            return;
        }
        requested = true;
        stopped = cell;
        CellRuntime.stopping(true);
        nudge(cell);
    }

    /** Marks the start of the user's code (or of the kernel's own, nested in it) and returns what was before. */
    synchronized boolean enter(boolean userCode) {
        if (Thread.currentThread() != thread) {
            return userCode;
        }
        boolean before = inUserCode;
        inUserCode = userCode;
        if (!userCode) {
            Thread.interrupted();
        } else if (requested) {
            thread.interrupt();
        }
        return before;
    }

    synchronized void leave(boolean before) {
        enter(before);
    }

    /** Called from woven code once a stop was requested, by whichever thread runs it. */
    void stopIfInterrupted() {
        CellOutput owner = CellOutput.ofThread();
        synchronized (this) {
            // A pool's thread belongs to no cell: it is stopped unless another cell runs by now.
            boolean mine = owner == null ? cell == null || cell == stopped : owner == stopped;
            if (mine && stopped != null) {
                throw new CellInterruptedError(owner != null);
            }
        }
    }

    synchronized void close() {
        closed = true;
        timer.cancel();
        CellRuntime.stopping(false);
    }

    /** Repeats the interrupt as long as the cell runs on, since libraries swallow it. */
    private synchronized void nudge(CellOutput target) {
        if (cell != target || !requested) {
            return;
        }
        if (inUserCode) {
            thread.interrupt();
        }
        later(() -> nudge(target), REPEAT_MILLIS);
    }

    /** Ends the stop, but not while the common pool still holds tasks that the cell left there. */
    private synchronized void relax(CellOutput ended, int more) {
        if (stopped != ended || cell == ended) {
            return;
        }
        ForkJoinPool pool = ForkJoinPool.commonPool();
        if (more > 0 && (pool.getQueuedTaskCount() > 0 || pool.hasQueuedSubmissions())) {
            later(() -> relax(ended, more - 1), LINGER_MILLIS);
            return;
        }
        stopped = null;
        CellRuntime.stopping(false);
    }

    private synchronized void later(Runnable action, long millis) {
        if (closed) {
            return;
        }
        timer.schedule(
                new TimerTask() {
                    @Override
                    public void run() {
                        action.run();
                    }
                },
                millis);
    }
}
