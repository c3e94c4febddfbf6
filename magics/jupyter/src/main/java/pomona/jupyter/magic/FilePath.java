package pomona.jupyter.magic;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Paths as people write them on a line. */
final class FilePath {

    private FilePath() {}

    /** The path, with a leading {@code ~} for the user's home. */
    static Path of(String text) {
        String home = System.getProperty("user.home");
        try {
            return Path.of(text.equals("~") || text.startsWith("~/") ? home + text.substring(1) : text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(text + " is not a path of a file: " + e.getReason() + ".", e);
        }
    }
}
