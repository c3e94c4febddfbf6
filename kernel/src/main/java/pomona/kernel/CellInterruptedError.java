package pomona.kernel;

/** Unwinds an interrupted cell; an Error, so that a cell's own {@code catch (Exception e)} does not swallow it. */
final class CellInterruptedError extends Error {

    private static final long serialVersionUID = 1L;

    CellInterruptedError() {
        super("The cell was interrupted.");
    }
}
