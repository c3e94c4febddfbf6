package pomona.kernel;

/** What cells say about their own output, beside jjava's {@code display}; imported into every session. */
public final class CellDisplay {

    private CellDisplay() {}

    /** Removes what the cell has put out so far. */
    public static void clearOutput() {
        clearOutput(false);
    }

    /**
     * Removes what the cell has put out so far.
     *
     * @param wait whether to wait until the next output replaces it, which does not flicker
     */
    public static void clearOutput(boolean wait) {
        JavaSession session = CellRuntime.session();
        if (session != null) {
            session.clear(wait);
        }
    }
}
