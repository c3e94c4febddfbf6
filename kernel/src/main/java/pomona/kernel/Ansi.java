package pomona.kernel;

/** Colours that both light and dark themes show well: neither black nor white, and none for plain text. */
final class Ansi {

    private static final String RESET = "\u001b[0m";

    private Ansi() {}

    static String error(String text) {
        return "\u001b[1;31m" + text + RESET;
    }

    static String place(String text) {
        return "\u001b[36m" + text + RESET;
    }

    static String warning(String text) {
        return "\u001b[33m" + text + RESET;
    }
}
