package pomona.kernel;

/**
 * What compiled cells call back: generated code is its only caller.
 *
 * <p>{@link #check} is woven into every loop and method of a cell, so that a busy cell can be interrupted;
 * {@link #argument} turns the value of a {@code {expression}} in a magic's arguments into text.
 */
public final class CellRuntime {

    private static volatile boolean stopping;
    private static volatile JavaSession session;

    private CellRuntime() {}

    /** Ends the calling thread's work if its cell was interrupted. */
    public static void check() {
        if (stopping) {
            JavaSession running = session;
            if (running != null) {
                running.interrupts().stopIfInterrupted();
            }
        }
    }

    /**
     * Gives the text a magic receives for a value: its string form when it is a plain value, else a session name that
     * evaluates to the very object.
     *
     * @param value the value of the expression in braces
     * @return the argument's text
     */
    public static String argument(Object value) {
        return session.magicArgument(value);
    }

    /** The running session; null when none runs. */
    static JavaSession session() {
        return session;
    }

    static void install(JavaSession running) {
        session = running;
    }

    static void stopping(boolean on) {
        stopping = on;
    }
}
