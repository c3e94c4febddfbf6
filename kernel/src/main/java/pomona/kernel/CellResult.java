package pomona.kernel;

/**
 * How a cell ended.
 *
 * @param status ok, error or interrupted
 * @param executionCount the number the cell was given, from 1
 */
public record CellResult(Status status, int executionCount) {

    /** The three ways a cell ends. */
    public enum Status {
        OK,
        ERROR,
        INTERRUPTED
    }
}
