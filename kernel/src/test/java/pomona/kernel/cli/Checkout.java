package pomona.kernel.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The checkout under test, and the programs that tests start in it as a user would. */
final class Checkout {

    static final Path ROOT = Path.of(System.getProperty("pomona.checkout", ".."))
            .toAbsolutePath()
            .normalize();

    /** How a program ended. */
    record Ended(int code, String out, String err) {}

    private Checkout() {}

    /** Runs the launcher in a folder and waits for its end. */
    static Ended pomona(Path folder, Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("pomona").toString()));
        command.addAll(List.of(arguments));
        return run(folder, environment, command);
    }

    /** Runs a program and waits for its end, ten minutes at most. */
    static Ended run(Path folder, Map<String, String> environment, List<String> command) throws Exception {
        Path out = Files.createTempFile("pomona", ".out");
        Path err = Files.createTempFile("pomona", ".err");
        try {
            Process process = start(folder, environment, command, out, err);
            if (!process.waitFor(10, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end; it said: " + read(out) + read(err));
            }
            return new Ended(process.exitValue(), read(out), read(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    static Process start(Path folder, Map<String, String> environment, List<String> command, Path out, Path err)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        // A history of its own: not the user's.
        builder.environment()
                .put("POMONA_HISTORY", out.resolveSibling("history.jsonl").toString());
        environment.forEach((name, value) -> {
            if (value == null) {
                builder.environment().remove(name);
            } else {
                builder.environment().put(name, value);
            }
        });
        return builder.start();
    }

    static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    /** Copies one of the tests' notebooks to a folder. */
    static Path notebook(String name, Path folder) throws IOException {
        Path copy = folder.resolve(name);
        Files.copy(ROOT.resolve("kernel/src/test/resources/notebooks").resolve(name), copy);
        return copy;
    }

    /** The Python of the tests' own environment, which {@code ./pomona test} sets up. */
    static String python() {
        String python = System.getenv("POMONA_PYTHON");
        assumeTrue(python != null, "POMONA_PYTHON is not set: run ./pomona test");
        return python;
    }

    /** The browser that {@code ./pomona test} has found or installed. */
    static Path chromium() {
        String chromium = System.getenv("POMONA_CHROMIUM");
        assumeTrue(chromium != null, "POMONA_CHROMIUM is not set: run ./pomona test");
        return Path.of(chromium);
    }
}
