package pomona.kernel.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where the report goes: the process's own standard output, whatever cells do to {@code System.out}.
 *
 * @param out the stream
 * @param columns the width of the window, or 0 when the output is not a terminal
 * @param colours whether colours are welcome
 */
record Terminal(PrintStream out, int columns, boolean colours) {

    /** The launcher tells the width of the window in {@code POMONA_COLUMNS}, and only when there is one. */
    static Terminal detect() {
        String columns = System.getenv("POMONA_COLUMNS");
        int width = columns != null && columns.matches("[1-9]\\d{0,4}") ? Integer.parseInt(columns) : 0;
        String noColour = System.getenv("NO_COLOR");
        boolean colours = width > 0 && (noColour == null || noColour.isEmpty());
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        return new Terminal(out, width, colours);
    }

    /** Whether lines can be rewritten in place. */
    boolean live() {
        return columns > 0;
    }

    String green(String text) {
        return paint("32", text);
    }

    String red(String text) {
        return paint("31", text);
    }

    String bold(String text) {
        return paint("1", text);
    }

    String dim(String text) {
        return paint("2", text);
    }

    private String paint(String code, String text) {
        return colours ? "\u001B[" + code + "m" + text + "\u001B[0m" : text;
    }
}
