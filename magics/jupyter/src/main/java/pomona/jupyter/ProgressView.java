package pomona.jupyter;

import java.util.Locale;
import pomona.jupyter.render.Html;
import pomona.jupyter.render.View;

/** Shows a running piece of work as a bar with what is known of it, and an ended one as a line. */
final class ProgressView implements View<ProgressState> {

    private static final int BAR_WIDTH = 24;

    @Override
    public String html(ProgressState state) {
        if (state.ended()) {
            return Html.frame("<div class=\"pomona-note\">" + Html.escape(ending(state)) + "</div>");
        }
        return Html.frame("<div class=\"pomona-progress\"><span>" + Html.escape(state.task()) + "</span>"
                + "<progress max=\"" + state.total() + "\" value=\"" + state.done() + "\"></progress>"
                + "<span>" + state.percent() + " %</span>"
                + (state.note().isEmpty() ? "" : "<span>" + Html.escape(state.note()) + "</span>")
                + "<span class=\"pomona-dim\">" + times(state) + "</span></div>");
    }

    @Override
    public String text(ProgressState state) {
        if (state.ended()) {
            return ending(state);
        }
        int filled = state.percent() * BAR_WIDTH / 100;
        return state.task() + " [" + "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled) + "] " + facts(state);
    }

    /** What stands beside a bar. */
    static String facts(ProgressState state) {
        return state.percent() + " %" + note(state) + ", " + times(state);
    }

    private static String ending(ProgressState state) {
        String time = time(state.elapsedNanos());
        return state.finished()
                ? state.task() + ": done in " + time + note(state)
                : state.task() + ": stopped at " + state.percent() + " % after " + time + note(state);
    }

    private static String note(ProgressState state) {
        return state.note().isEmpty() ? "" : ", " + state.note();
    }

    private static String times(ProgressState state) {
        long left = state.remainingNanos();
        return time(state.elapsedNanos()) + (left < 0 ? "" : ", " + time(left) + " left");
    }

    /** {@code 0.4 s}, {@code 12.3 s}, {@code 2 min 05 s}, {@code 1 h 04 min}. */
    private static String time(long nanos) {
        double seconds = nanos / 1e9;
        if (seconds < 59.95) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole / 60 % 60);
    }
}
