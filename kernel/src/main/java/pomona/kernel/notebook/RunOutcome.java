package pomona.kernel.notebook;

import java.time.Duration;

/**
 * How a notebook run ended.
 *
 * @param ending finished, or why it stopped
 * @param cellsRun how many cells were started; when the run stopped early, the number of the cell it stopped at
 * @param error what the failing cell said in one line, or null
 * @param time from the first cell's start to the last one's end
 * @param hanging whether the last cell goes on running although it was interrupted
 */
public record RunOutcome(Ending ending, int cellsRun, String error, Duration time, boolean hanging) {

    /** The ways a run ends. */
    public enum Ending {
        FINISHED,
        FAILED,
        TIMED_OUT,
        STOPPED
    }

    /** Whether every cell ran as it should. */
    public boolean succeeded() {
        return ending == Ending.FINISHED;
    }
}
