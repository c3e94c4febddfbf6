package pomona.jupyter;

import pomona.pass.Progress;

/**
 * How far a piece of work was at one moment.
 *
 * @param task what is done
 * @param done the units that are done
 * @param total the units there are
 * @param note what the work says about itself, such as its loss; may be empty
 * @param elapsedNanos how long it has run
 * @param ended whether it has ended, finished or not
 */
record ProgressState(String task, long done, long total, String note, long elapsedNanos, boolean ended) {

    static ProgressState of(Progress progress, long elapsedNanos) {
        String note = progress.note() == null ? "" : progress.note();
        return new ProgressState(
                progress.task(), progress.done(), progress.total(), note, elapsedNanos, progress.isEnded());
    }

    boolean finished() {
        return ended && done >= total;
    }

    /** From 0 to 100, rounded down so that 100 means all. */
    int percent() {
        return total <= 0 ? 0 : (int) (100 * done / total);
    }

    /** The time that is left if the rest goes as the work so far, or -1 when that can not be said yet. */
    long remainingNanos() {
        return done <= 0 ? -1 : (long) ((double) elapsedNanos / done * (total - done));
    }
}
