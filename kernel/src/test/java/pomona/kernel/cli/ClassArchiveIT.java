package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.kernel.Jdks;

/** The class archive of an installed kernel: used when it fits, passed over in silence when it does not. */
class ClassArchiveIT {

    private static final String SENTENCE =
            "The kernel needs one argument, the connection file that Jupyter writes; it got 0.\n";

    @TempDir
    static Path folder;

    private static List<String> command;
    private static Path archive;
    private static Path saved;

    @BeforeAll
    static void install() throws Exception {
        Checkout.Ended install = Checkout.pomona(folder, Map.of(), "install", "--prefix", folder.toString());
        assertThat(install.out()).startsWith("Installed the kernel");
        Path kernel = folder.resolve("share/jupyter/kernels/pomona");
        JsonObject json = JsonParser.parseString(Files.readString(kernel.resolve("kernel.json")))
                .getAsJsonObject();
        command = json.getAsJsonArray("argv").asList().stream()
                .map(JsonElement::getAsString)
                .filter(part -> !part.equals("{connection_file}"))
                .toList();
        archive = kernel.resolve(Runtime.version().feature() < 24 ? "classes.jsa" : "classes.aot");
        saved = Files.copy(archive, folder.resolve("saved"));
    }

    @BeforeEach
    void freshArchive() throws Exception {
        Files.copy(saved, archive, StandardCopyOption.REPLACE_EXISTING);
        archive.toFile().setWritable(true);
    }

    @AfterEach
    void noCrash() {
        assertThat(folder.toFile().list((in, name) -> name.startsWith("hs_err")))
                .isEmpty();
    }

    @Test
    void holdsTheClassesThatAKernelLoads() throws Exception {
        List<String> loaded = start();
        assertThat(loaded).anyMatch(line -> line.contains("pomona.kernel.KernelMain source: shared objects file"));
        assertThat(loaded).filteredOn(line -> line.contains("source: file:")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.0001, 0.5, 0.999})
    void isLeftOutWhenCut(double part) throws Exception {
        try (RandomAccessFile file = new RandomAccessFile(archive.toFile(), "rw")) {
            file.setLength((long) (file.length() * part));
        }
        assertThat(start()).anyMatch(line -> line.contains("pomona.kernel.KernelMain source: file:"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.0001, 0.5})
    void isLeftOutWhenDamaged(double place) throws Exception {
        byte[] noise = new byte[50_000];
        new Random(1).nextBytes(noise);
        try (RandomAccessFile file = new RandomAccessFile(archive.toFile(), "rw")) {
            file.seek((long) (file.length() * place));
            file.write(noise);
        }
        assertThat(start()).anyMatch(line -> line.contains("pomona.kernel.KernelMain source: file:"));
    }

    @Test
    void isLeftOutWhenMissing() throws Exception {
        Files.delete(archive);
        assertThat(start()).anyMatch(line -> line.contains("pomona.kernel.KernelMain source: file:"));
    }

    @Test
    void isLeftOutByAnotherJdk() throws Exception {
        Path own = Path.of(System.getProperty("java.home")).toRealPath();
        List<Path> others =
                Jdks.installed().stream().filter(home -> !home.equals(own)).toList();
        assumeTrue(!others.isEmpty(), "no other JDK is installed");
        for (Path other : others) {
            List<String> changed = new ArrayList<>(command);
            changed.set(0, other.resolve("bin/java").toString());
            assertThat(start(changed)).anyMatch(line -> line.contains("pomona.kernel.KernelMain source: file:"));
        }
    }

    @Test
    void isMadeAnewByTheKernelWhenAJarHasChanged() throws Exception {
        Path jar = Files.list(archive.resolveSibling("lib"))
                .filter(file -> file.getFileName().toString().startsWith("gson"))
                .findFirst()
                .orElseThrow();
        Path copy = Files.copy(jar, folder.resolve("copy.jar"));
        Files.move(copy, jar, StandardCopyOption.REPLACE_EXISTING);
        assertThat(start()).anyMatch(line -> line.contains("pomona.kernel.KernelMain source: file:"));

        List<String> quick = new ArrayList<>(command);
        quick.add(quick.indexOf("-cp"), "-Dpomona.classes.renewal=1");
        quick.add(connection().toString());
        Process kernel = new ProcessBuilder(quick).directory(folder.toFile()).start();
        try {
            Object before =
                    Files.readAttributes(archive, BasicFileAttributes.class).fileKey();
            long deadline = System.nanoTime() + 120_000_000_000L;
            while (before.equals(Files.readAttributes(archive, BasicFileAttributes.class)
                            .fileKey())
                    && System.nanoTime() < deadline) {
                Thread.sleep(200);
            }
        } finally {
            kernel.destroyForcibly().waitFor();
        }
        assertThat(start()).anyMatch(line -> line.contains("pomona.kernel.KernelMain source: shared objects file"));
        Files.copy(archive, saved, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Path connection() throws Exception {
        JsonObject connection = new JsonObject();
        List<ServerSocket> held = new ArrayList<>();
        for (String name : List.of("control", "shell", "stdin", "hb", "iopub")) {
            held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            connection.addProperty(name + "_port", held.get(held.size() - 1).getLocalPort());
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
        connection.addProperty("transport", "tcp");
        connection.addProperty("ip", "127.0.0.1");
        connection.addProperty("signature_scheme", "hmac-sha256");
        connection.addProperty("key", "secret");
        return Files.writeString(folder.resolve("connection.json"), connection.toString());
    }

    private static List<String> start() throws Exception {
        return start(command);
    }

    /** Starts the kernel without its argument, checks that it says so and no more, and gives the log of its classes. */
    private static List<String> start(List<String> command) throws Exception {
        Path log = folder.resolve("classes.log");
        List<String> logged = new ArrayList<>(command);
        logged.add(logged.indexOf("-cp"), "-Xlog:class+load:file=" + log);
        Checkout.Ended ended = Checkout.run(folder, Map.of(), logged);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).isEqualTo(SENTENCE);
        assertThat(ended.code()).isEqualTo(2);
        return Files.readAllLines(log);
    }
}
