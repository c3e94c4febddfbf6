package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The installed kernel, driven by Jupyter's own client: the Python tests in {@code src/test/python/protocol}. */
class ProtocolIT {

    private static final Path SCRIPTS = Checkout.ROOT.resolve("kernel/src/test/python/protocol");

    @TempDir
    static Path folder;

    @BeforeAll
    static void install() throws Exception {
        Checkout.python();
        Checkout.Ended install = Checkout.pomona(
                folder,
                Map.of(),
                "install",
                "--prefix",
                folder.resolve("prefix").toString());
        assertThat(install.err()).isEmpty();
    }

    static List<String> modules() throws Exception {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("test_") && name.endsWith(".py"))
                    .map(name -> name.substring(0, name.length() - ".py".length()))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("modules")
    void passes(String module) throws Exception {
        Checkout.Ended tests = python("-m", "unittest", module);
        assertThat(tests.code()).as(tests.out() + tests.err()).isZero();
        assertThat(tests.err()).containsPattern("Ran [1-9][0-9]* tests?").endsWith("OK\n");
    }

    @Test
    void livesThroughTenThousandBrokenMessages() throws Exception {
        Checkout.Ended fuzz = python(SCRIPTS.resolve("fuzz.py").toString());
        assertThat(fuzz.code()).as(fuzz.out() + fuzz.err()).isZero();
        assertThat(fuzz.out()).startsWith("10000 messages in ").endsWith("alive, and not grown\n");
    }

    /** A short form of {@code soak.py}, which runs 2,000 cells: the growth is steadier, and its bound lower, there. */
    @Test
    void memoryStaysFlat() throws Exception {
        Checkout.Ended soak = python(SCRIPTS.resolve("soak.py").toString(), "--cells", "200", "--growth", "150");
        assertThat(soak.code()).as(soak.out() + soak.err()).isZero();
        assertThat(soak.out()).contains("live heap and metaspace grow by ");
    }

    private static Checkout.Ended python(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(Checkout.python()));
        command.addAll(List.of(arguments));
        Map<String, String> environment = Map.of(
                "JUPYTER_PATH", folder.resolve("prefix/share/jupyter").toString(),
                "PYTHONPATH", SCRIPTS.toString(),
                "PYTHONDONTWRITEBYTECODE", "1");
        return Checkout.run(folder, environment, command);
    }
}
