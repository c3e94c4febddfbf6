package pomona.kernel.notebook;

import java.time.Duration;
import pomona.kernel.CellOutputs;
import pomona.kernel.CellResult;

/** Follows a notebook run: each cell's start, its outputs as they come, and its end. */
public interface RunListener {

    /**
     * A cell is about to run.
     *
     * @param number the cell's place among those that run, from 1
     * @param total how many cells run
     * @return receives the cell's outputs as they come
     */
    CellOutputs started(int number, int total, Cell cell);

    /** The cell last started has ended. */
    void ended(CellResult.Status status, Duration time);
}
