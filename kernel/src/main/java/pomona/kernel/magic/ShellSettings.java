package pomona.kernel.magic;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The folder that magics work in and the environment of the processes they start; a JVM can not change its own. */
public final class ShellSettings {

    private Path folder = Path.of("").toAbsolutePath().normalize();
    private final Map<String, String> environment = new TreeMap<>();

    /** The folder of shell commands and of relative paths on magics' lines, absolute. */
    public synchronized Path folder() {
        return folder;
    }

    synchronized void changeTo(Path other) {
        folder = other;
    }

    synchronized void set(String name, String value) {
        environment.put(name, value);
    }

    /** The process's environment with what {@code %env} set. */
    synchronized Map<String, String> environment() {
        Map<String, String> all = new TreeMap<>(System.getenv());
        all.putAll(environment);
        return all;
    }

    /**
     * A path as people write it on a line, made absolute.
     *
     * @param text a path; a leading {@code ~} is the user's home
     * @throws MagicException if it can not be a path
     */
    public Path resolve(String text) {
        String home = System.getProperty("user.home");
        try {
            return folder().resolve(text.equals("~") || text.startsWith("~/") ? home + text.substring(1) : text)
                    .normalize();
        } catch (InvalidPathException e) {
            throw new MagicException(text + " is not a path: " + e.getReason() + ".", e);
        }
    }
}
