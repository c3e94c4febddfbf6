package pomona.kernel;

/**
 * Marks text for terminals and notebooks by its weight alone: front ends put errors on red, light or dark, and no colour
 * of theirs can be read well on both.
 */
final class Ansi {

    private static final String BOLD = "\u001b[1m";
    private static final String RESET = "\u001b[0m";

    private Ansi() {}

    /** What is wrong, and the place of it. */
    static String error(String text) {
        return BOLD + text + RESET;
    }

    static String warning(String text) {
        return BOLD + text + RESET;
    }
}
