package pomona.kernel;

/** A running Java session that executes notebook cells one at a time: the kernel without its sockets. */
public interface CellSession extends AutoCloseable {

    /**
     * Executes one cell and returns when it has ended. Outputs reach the listener as they happen.
     *
     * @param source the cell's text, magics included
     * @param outputs receives streams, displays, the result and the error, in order
     * @return how the cell ended; a user's mistake is a result, never an exception
     */
    CellResult execute(String source, CellOutputs outputs);

    /** Stops the running cell, if any; variables are kept. Safe to call from any thread. */
    void interrupt();

    @Override
    void close();
}
