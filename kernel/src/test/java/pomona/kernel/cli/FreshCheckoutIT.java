package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fresh copy of the checkout, a user who is not root, an empty home: the first start from two terminals at once, the
 * second start, and then what mybinder.org does with {@code binder/}. The packages of {@code apt.txt} are taken for
 * installed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FreshCheckoutIT {

    private static final boolean ROOT = System.getProperty("user.name").equals("root");

    private Path machine;
    private Path home;
    private Path checkout;
    private final Map<String, String> environment = new HashMap<>();

    @BeforeAll
    void freshCheckout(@TempDir Path folder) throws Exception {
        machine = folder;
        Checkout.python();
        home = Files.createDirectory(machine.resolve("home"));
        checkout = Files.createDirectory(home.resolve("the checkout"));
        copyCheckout();
        copyPipSettings();
        // Maven's repository as it is here, so that nothing is fetched twice: links to the same files.
        Path repository = machine.resolve("m2");
        done(Map.of(), "cp", "-al", localRepository().toString(), repository.toString());
        if (ROOT) {
            done(Map.of(), "chmod", "755", machine.toString());
            done(Map.of(), "find", repository.toString(), "-type", "d", "-exec", "chown", "nobody", "{}", "+");
            done(Map.of(), "chown", "-R", "nobody", home.toString());
        }
        environment.put("HOME", home.toString());
        environment.put("MAVEN_OPTS", "-Dmaven.repo.local=" + repository);
        for (String name :
                List.of("POMONA_NO_BUILD", "POMONA_CACHE", "XDG_CACHE_HOME", "VIRTUAL_ENV", "CONDA_PREFIX")) {
            environment.put(name, null);
        }
    }

    @Test
    @Order(1)
    void twoFirstStartsAtOnceBuildOnce() throws Exception {
        Files.copy(
                Checkout.ROOT.resolve("kernel/src/test/resources/notebooks/trial.ipynb"), home.resolve("trial.ipynb"));
        List<Process> starts = new ArrayList<>();
        for (String name : List.of("one", "two")) {
            starts.add(Checkout.start(
                    home,
                    environment,
                    asUser(
                            "the checkout/pomona",
                            "run",
                            "trial.ipynb",
                            "--output",
                            name + ".ipynb",
                            "--html",
                            name + ".html"),
                    machine.resolve(name + ".out"),
                    machine.resolve(name + ".err")));
        }
        for (Process start : starts) {
            assertThat(start.waitFor(5, TimeUnit.MINUTES)).isTrue();
        }
        String said = Checkout.read(machine.resolve("one.err")) + Checkout.read(machine.resolve("two.err"));
        assertThat(starts).as(said).allMatch(start -> start.exitValue() == 0);
        assertThat(said.split("Building Pomona", -1)).hasSize(2);
        assertThat(said).contains("Waiting for another terminal to build Pomona (process ");
        assertThat(home.resolve("one.ipynb")).exists();
        assertThat(home.resolve("two.html")).exists();
    }

    @Test
    @Order(2)
    void theSecondStartDoesNotBuild() throws Exception {
        long start = System.nanoTime();
        Checkout.Ended run = Checkout.run(home, environment, asUser("the checkout/pomona", "run", "--help"));
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(3000);
    }

    @Test
    @Order(3)
    void binderServesTheKernel() throws Exception {
        Path prefix = home.resolve("prefix");
        done(environment, "python3", "-m", "venv", prefix.toString());
        Map<String, String> image = new HashMap<>(environment);
        image.put("PATH", prefix.resolve("bin") + ":" + System.getenv("PATH"));
        image.put("VIRTUAL_ENV", prefix.toString());
        done(
                image,
                "pip",
                "install",
                "-q",
                "--retries",
                "0",
                "--timeout",
                "10",
                "--no-cache-dir",
                "-r",
                checkout.resolve("binder/requirements.txt").toString());

        Checkout.Ended build = Checkout.run(checkout, image, asUser("./binder/postBuild"));
        assertThat(build.code()).as(build.out() + build.err()).isZero();
        assertThat(build.out())
                .isEqualTo("Installed the kernel \"Java (Pomona)\" in " + prefix.resolve("share/jupyter/kernels/pomona")
                        + "\n");
        assertThat(checkout.resolve("kernel/target")).doesNotExist();

        // Without the network, and without what the build has used.
        image.put("MAVEN_OPTS", "-Dmaven.repo.local=/nowhere");
        Path script = checkout.resolve("kernel/src/test/python/start_kernel.py");
        Checkout.Ended session = Checkout.run(checkout, image, asUser("python", script.toString()));
        assertThat(session.out() + session.err())
                .isEqualTo("found pomona: Java (Pomona)\nprinted: 42\nresult: 43\nshut down\n");
        done(image, "jupyter", "lab", "--version");
    }

    /** The command as the user who is not root. */
    private static List<String> asUser(String... command) {
        List<String> whole = new ArrayList<>();
        if (ROOT) {
            whole.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"));
        }
        // Looked up on the PATH that the environment gives, not on the test's own.
        whole.addAll(List.of("sh", "-c", "exec \"$0\" \"$@\""));
        whole.addAll(List.of(command));
        return whole;
    }

    private void done(Map<String, String> environment, String... command) throws Exception {
        boolean setUp = environment.isEmpty();
        Checkout.Ended ended = Checkout.run(machine, environment, setUp ? List.of(command) : asUser(command));
        assertThat(ended.code())
                .as(String.join(" ", command) + ": " + ended.out() + ended.err())
                .isZero();
    }

    private static Path localRepository() {
        String given = System.getProperty("maven.repo.local", "");
        return given.isEmpty() ? Path.of(System.getProperty("user.home"), ".m2", "repository") : Path.of(given);
    }

    private void copyCheckout() throws IOException {
        try (Stream<Path> files = Files.walk(Checkout.ROOT)) {
            for (Path file : files.filter(FreshCheckoutIT::isSource).toList()) {
                Path copy = checkout.resolve(Checkout.ROOT.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                }
            }
        }
    }

    /** Where this machine's packages come from is no part of an empty home. */
    private void copyPipSettings() throws IOException {
        for (String settings : List.of(".config/pip/pip.conf", ".pip/pip.conf")) {
            Path file = Path.of(System.getProperty("user.home")).resolve(settings);
            if (Files.isReadable(file)) {
                Files.createDirectories(home.resolve(settings).getParent());
                Files.copy(file, home.resolve(settings));
            }
        }
    }

    private static boolean isSource(Path file) {
        for (Path part : Checkout.ROOT.relativize(file)) {
            if (List.of("target", ".git").contains(part.toString())) {
                return false;
            }
        }
        return true;
    }
}
