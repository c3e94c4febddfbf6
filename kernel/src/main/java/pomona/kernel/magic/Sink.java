package pomona.kernel.magic;

/**
 * Takes values so that the compiler can not leave out their computation: each is compared with a volatile field, which
 * may have changed. The idea is that of JMH's Blackhole.
 */
public final class Sink {

    private volatile long number = 0x5eedf00dL;
    private volatile Object object = new Object();
    private long seen;

    /** Takes a whole number or a character. */
    public void take(long value) {
        if (value == number) {
            seen++;
        }
    }

    /** Takes a fraction. */
    public void take(double value) {
        if (value == number) {
            seen++;
        }
    }

    /** Takes a truth value. */
    public void take(boolean value) {
        take(value ? 1 : 0);
    }

    /** Takes an object. */
    public void take(Object value) {
        if (value == object) {
            seen++;
        }
    }

    /** How many values happened to be those that they were compared with. */
    public long seen() {
        return seen;
    }
}
