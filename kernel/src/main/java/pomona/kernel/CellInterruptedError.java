package pomona.kernel;

/** Unwinds an interrupted cell; an Error, so that a cell's own {@code catch (Exception e)} does not swallow it. */
final class CellInterruptedError extends Error {

    private static final long serialVersionUID = 1L;

    /** Made where the cell stopped. */
    CellInterruptedError() {
        this(true);
    }

    /**
     * Makes one.
     *
     * @param located whether it tells where the cell stopped; a pool that drops a million tasks need not know
     */
    CellInterruptedError(boolean located) {
        super("The cell was interrupted.", null, false, located);
    }
}
