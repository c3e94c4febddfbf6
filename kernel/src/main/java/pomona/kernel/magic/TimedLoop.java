package pomona.kernel.magic;

/** Code of a cell that {@code %timeit} repeats; generated code implements it. */
@FunctionalInterface
public interface TimedLoop {

    /**
     * Runs the code.
     *
     * @param times how often
     * @param sink takes its values
     */
    void run(long times, Sink sink) throws Throwable;
}
