package pomona.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.MutableCallSite;

/**
 * What compiled cells call back: generated code is its only caller.
 *
 * <p>{@link #check} is woven into every loop and method of a cell, so that a busy cell can be interrupted;
 * {@link #argument} turns the value of a {@code {expression}} in a magic's arguments into text.
 */
public final class CellRuntime {

    /** What a check does. Compiled loops hold its target as a constant: nothing at all, until it is replaced. */
    private static final MutableCallSite SITE =
            new MutableCallSite(MethodHandles.empty(MethodType.methodType(void.class)));

    private static final MethodHandle CHECK = SITE.dynamicInvoker();
    private static final MethodHandle NOTHING = SITE.getTarget();
    private static final MethodHandle STOP = stop();

    private static volatile JavaSession session;

    private CellRuntime() {}

    /** Ends the calling thread's work if its cell was interrupted. */
    public static void check() throws Throwable {
        CHECK.invokeExact();
    }

    /** Stands for {@code System.exit} in a cell, which would take the session with it and all that other cells made. */
    public static void exit(int code) {
        throw new UnsupportedOperationException("System.exit(" + code
                + ") would end the whole session, so it only ends its cell; restart or shut down the kernel for more.");
    }

    private static void stopIfInterrupted() {
        JavaSession running = session;
        if (running != null) {
            running.interrupts().stopIfInterrupted();
        }
    }

    private static MethodHandle stop() {
        try {
            return MethodHandles.lookup()
                    .findStatic(CellRuntime.class, "stopIfInterrupted", MethodType.methodType(void.class));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            throw new ExceptionInInitializerError(e);
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

    /**
     * Code with a value.
     *
     * @param <T> the value
     * @param <X> what it throws
     */
    @FunctionalInterface
    public interface Computation<T, X extends Throwable> {

        /** Runs the code. */
        T get() throws X;
    }

    /**
     * Code without a value.
     *
     * @param <X> what it throws
     */
    @FunctionalInterface
    public interface Statement<X extends Throwable> {

        /** Runs the code. */
        void run() throws X;
    }

    /** Runs code and prints how long it took. */
    public static <T, X extends Throwable> T time(Computation<T, X> code) throws X {
        RunClock clock = new RunClock();
        clock.start();
        T value = code.get();
        clock.stop();
        System.out.println("time: " + clock.text());
        return value;
    }

    /** Runs code and prints how long it took. */
    public static <X extends Throwable> void time(Statement<X> code) throws X {
        Computation<Void, X> computation = () -> {
            code.run();
            return null;
        };
        time(computation);
    }

    static void install(JavaSession running) {
        session = running;
    }

    static synchronized void stopping(boolean on) {
        MethodHandle target = on ? STOP : NOTHING;
        if (SITE.getTarget() != target) {
            SITE.setTarget(target);
            MutableCallSite.syncAll(new MutableCallSite[] {SITE});
        }
    }
}
