package pomona.pass;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.LongSupplier;

/**
 * Shows work in one line of a terminal, which is written over as the work goes on and stays when it has ended. Work that
 * ends soon shows nothing.
 */
final class TerminalProgress implements Progress.Listener {

    private static final long SHOW_AFTER_NANOS = 300_000_000;
    private static final long UPDATE_EVERY_NANOS = 200_000_000;
    private static final int BAR_WIDTH = 24;

    /** A longer line would be broken, and could not be written over. */
    private static final int LONGEST = 79;

    private static final class Shown {
        private final long start;
        private long updated;
        private boolean visible;

        Shown(long start) {
            this.start = start;
        }
    }

    private final PrintStream out;
    private final LongSupplier clock;
    private final Map<Progress, Shown> running = new WeakHashMap<>();
    private int width;

    TerminalProgress(PrintStream out, LongSupplier nanoClock) {
        this.out = out;
        this.clock = nanoClock;
    }

    @Override
    public synchronized void changed(Progress progress) {
        long now = clock.getAsLong();
        Shown shown = running.computeIfAbsent(progress, p -> new Shown(now));
        if (progress.isEnded()) {
            running.remove(progress);
            if (shown.visible) {
                write(ending(progress, now - shown.start));
                out.println();
                width = 0;
            }
        } else if (now - shown.start >= SHOW_AFTER_NANOS
                && (!shown.visible || now - shown.updated >= UPDATE_EVERY_NANOS)) {
            shown.updated = now;
            shown.visible = true;
            write(line(progress, now - shown.start));
        }
    }

    private void write(String text) {
        String line = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        out.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
        out.flush();
        width = line.length();
    }

    private static String line(Progress progress, long nanos) {
        int filled = percent(progress) * BAR_WIDTH / 100;
        return progress.task() + " [" + "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled) + "] "
                + facts(progress, nanos);
    }

    private static String ending(Progress progress, long nanos) {
        boolean finished = progress.done() >= progress.total();
        return progress.task() + (finished ? ": done, " : ": stopped at ") + facts(progress, nanos);
    }

    private static String facts(Progress progress, long nanos) {
        String note = progress.note() == null || progress.note().isEmpty() ? "" : ", " + progress.note();
        return String.format(Locale.ROOT, "%d %%, %.1f s%s", percent(progress), nanos / 1e9, note);
    }

    /** From 0 to 100, rounded down so that 100 means all. */
    private static int percent(Progress progress) {
        return progress.total() <= 0 ? 0 : (int) (100 * progress.done() / progress.total());
    }
}
