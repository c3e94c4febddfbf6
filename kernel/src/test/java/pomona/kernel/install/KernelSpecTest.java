package pomona.kernel.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelSpecTest {

    @TempDir
    Path folder;

    private KernelSpec spec;
    private Path java;

    @BeforeEach
    void jars() throws Exception {
        java = Path.of(System.getProperty("java.home"), "bin", "java");
        Path own = Files.writeString(folder.resolve("pomona-kernel-1.jar"), "ours");
        Path library = Files.writeString(folder.resolve("library.jar"), "theirs");
        spec = new KernelSpec(new SessionJvm(java, List.of(own, library)));
    }

    @Test
    void holdsAllItNeeds() throws Exception {
        Path installed = spec.installInto(folder.resolve("a b/share/jupyter/kernels"));

        JsonObject json = JsonParser.parseString(Files.readString(installed.resolve("kernel.json")))
                .getAsJsonObject();
        List<String> argv = json.getAsJsonArray("argv").asList().stream()
                .map(element -> element.getAsString())
                .toList();
        assertThat(argv.get(0)).isEqualTo(java.toString());
        // Each jar by name: an archive of classes holds for one order of jars, and nothing has to expand a pattern.
        String jars = installed.resolve("lib/pomona-kernel-1.jar")
                + File.pathSeparator
                + installed.resolve("lib/library.jar");
        assertThat(argv).containsSubsequence("-cp", jars, "pomona.kernel.KernelMain", "{connection_file}");
        assertThat(json.get("display_name").getAsString()).isEqualTo("Java (Pomona)");
        assertThat(json.get("language").getAsString()).isEqualTo("java");
        assertThat(json.get("interrupt_mode").getAsString()).isEqualTo("message");
        assertThat(installed.resolve("logo-svg.svg")).isNotEmptyFile();
        assertThat(ImageIO.read(installed.resolve("logo-64x64.png").toFile()).getWidth())
                .isEqualTo(64);
        assertThat(ImageIO.read(installed.resolve("logo-32x32.png").toFile()).getWidth())
                .isEqualTo(32);
    }

    @Test
    void doesNotChangeWithTheCheckout() throws Exception {
        Path installed = spec.installInto(folder.resolve("kernels"));
        Files.writeString(folder.resolve("pomona-kernel-1.jar"), "rebuilt");
        Files.delete(folder.resolve("library.jar"));
        assertThat(installed.resolve("lib/pomona-kernel-1.jar")).hasContent("ours");
        assertThat(installed.resolve("lib/library.jar")).hasContent("theirs");
    }

    @Test
    void replacesAnEarlierOneAndLeavesNothingBehind() throws Exception {
        Path kernels = folder.resolve("jupyter/kernels");
        Path installed = spec.installInto(kernels);
        Files.writeString(installed.resolve("lib/stale.jar"), "old");
        assertThat(spec.installInto(kernels)).isEqualTo(installed);
        assertThat(installed.resolve("lib").toFile().list())
                .containsExactlyInAnyOrder("pomona-kernel-1.jar", "library.jar");
        assertThat(kernels.toFile().list()).containsExactly("pomona");
        assertThat(kernels.getParent().toFile().list()).containsExactly("kernels");
    }

    @Test
    void saysInOneSentenceWhereItCanNotGo() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> spec.installInto(file.resolve("kernels")))
                .isInstanceOf(InstallException.class)
                .hasMessage("The kernel can not be installed in " + file.resolve("kernels/pomona") + ": "
                        + file.resolve("kernels") + ": Not a directory.");
    }
}
