package pomona.pass;

import java.util.Objects;

/**
 * How far a long piece of work has come. Work reports to it; whoever shows progress (a notebook, a terminal) listens.
 *
 * <pre>{@code
 * try (Progress progress = Progress.start("fine-tune", batches)) {
 *     progress.advance(1, "loss 0.12");
 * }
 * }</pre>
 */
public final class Progress implements AutoCloseable {

    /** Gets every report, on the thread that does the work; must return fast. */
    @FunctionalInterface
    public interface Listener {
        void changed(Progress progress);
    }

    private static volatile Listener listener = progress -> {};

    /** The work of this thread that is shown for all that belongs to it. */
    private static final ThreadLocal<Progress> WHOLE = new ThreadLocal<>();

    private final String task;
    private final long total;
    private final boolean shown;
    private long done;
    private String note = "";
    private boolean ended;

    private Progress(String task, long total) {
        this.task = Objects.requireNonNull(task, "task");
        this.total = total;
        this.shown = WHOLE.get() == null;
    }

    /** Sets who listens in this process, and gives back who did before. */
    public static synchronized Listener listen(Listener newListener) {
        Listener before = listener;
        listener = Objects.requireNonNull(newListener, "newListener");
        return before;
    }

    /**
     * Shows all work of this process from now on in one line of {@code System.err}, as terminals do: for JShell, scripts and
     * programs without a notebook. A line that stays is left of each work that takes longer than a moment.
     */
    public static void toTerminal() {
        listen(new TerminalProgress(System.err, System::nanoTime));
    }

    /**
     * Starts a piece of work.
     *
     * @param task what is done, in a word or two
     * @param total how many units it takes
     */
    public static Progress start(String task, long total) {
        Progress progress = new Progress(task, total);
        progress.report();
        return progress;
    }

    /**
     * Starts a piece of work that is shown as one: what this thread starts before the end of it is a part of it, and has
     * no bar of its own.
     *
     * @param task what is done, in a word or two
     * @param total how many units it takes
     */
    public static Progress startWhole(String task, long total) {
        Progress progress = start(task, total);
        if (progress.shown) {
            WHOLE.set(progress);
        }
        return progress;
    }

    /** Some more units are done; the note is what to show beside the bar, such as the loss. */
    public void advance(long units, String newNote) {
        done = Math.min(total, done + units);
        note = newNote;
        report();
    }

    /** The work has ended, whether it was finished or not. */
    @Override
    public void close() {
        if (!ended) {
            ended = true;
            if (WHOLE.get() == this) {
                WHOLE.remove();
            }
            report();
        }
    }

    private void report() {
        if (shown) {
            listener.changed(this);
        }
    }

    public String task() {
        return task;
    }

    public long total() {
        return total;
    }

    public long done() {
        return done;
    }

    public String note() {
        return note;
    }

    public boolean isEnded() {
        return ended;
    }
}
