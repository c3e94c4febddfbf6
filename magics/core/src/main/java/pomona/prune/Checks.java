package pomona.prune;

/** Refuses options that were not given. */
final class Checks {

    private Checks() {}

    static void notNull(Object value, String option, String allowed) {
        if (value == null) {
            throw new IllegalArgumentException("Option " + option + " was not given; it is " + allowed + ".");
        }
    }
}
