package pomona;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The Python that the tests compare with, which {@code ./pomona test} sets up and names in POMONA_PYTHON. */
public final class Python {

    private static final Path SCRIPTS = Path.of("src/test/python");

    private Python() {}

    /** Runs a script of the tests, and gives what it prints; without such a Python the test is skipped, but never in CI. */
    public static String run(String script, Object... arguments) {
        String python = System.getenv("POMONA_PYTHON");
        assumeTrue(python != null || System.getenv("CI") != null, "POMONA_PYTHON is not set: run ./pomona test");
        assertThat(python).as("POMONA_PYTHON").isNotNull();
        List<String> command =
                new ArrayList<>(List.of(python, SCRIPTS.resolve(script).toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes());
            assertThat(process.waitFor()).as("%s", output).isZero();
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
