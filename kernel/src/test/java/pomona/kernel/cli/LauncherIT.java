package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher says and does before Java does anything. */
class LauncherIT {

    @TempDir
    Path folder;

    @Test
    void helpsAndRefuses() throws Exception {
        Checkout.Ended help = Checkout.pomona(folder, Map.of(), "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("./pomona run NOTEBOOK...", "./pomona test");
        Checkout.Ended nothing = Checkout.pomona(folder, Map.of());
        assertThat(nothing.code()).isEqualTo(2);
        assertThat(nothing.err()).isEqualTo(help.out());
        Checkout.Ended unknown = Checkout.pomona(folder, Map.of(), "rum");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err())
                .isEqualTo(
                        "pomona: There is no command rum: use run, lab, install, jshell or test, or see ./pomona --help.\n");
    }

    @Test
    void saysWhichJavaIsMissing() throws Exception {
        Checkout.Ended nowhere = Checkout.pomona(folder, Map.of("JAVA_HOME", "/no/jdk"), "run", "x.ipynb");
        assertThat(nowhere.err())
                .isEqualTo("pomona: JAVA_HOME is /no/jdk, but there is no bin/java in it:"
                        + " set it to a JDK 17 or later, or unset it.\n");
        assertThat(nowhere.code()).isEqualTo(2);

        Path old = folder.resolve("jdk 11");
        Files.createDirectories(old.resolve("bin"));
        Path java = Files.writeString(
                old.resolve("bin/java"),
                "#!/bin/sh\necho '    java.home = /jdk 11' >&2\necho '    java.specification.version = 11' >&2\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Checkout.Ended tooOld = Checkout.pomona(folder, Map.of("JAVA_HOME", old.toString()), "jshell");
        assertThat(tooOld.err()).startsWith("pomona: " + java + " is Java 11: Pomona needs a JDK 17 or later (");
        assertThat(tooOld.err().lines()).hasSize(1);
        assertThat(tooOld.code()).isEqualTo(2);
    }

    @Test
    void startsThroughALinkAndWithoutAHome() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("linked"), Checkout.ROOT.resolve("pomona"));
        Map<String, String> environment = new HashMap<>();
        environment.put("HOME", null);
        environment.put("XDG_CACHE_HOME", null);
        environment.put("POMONA_CACHE", null);
        Checkout.Ended help = Checkout.run(folder, environment, java.util.List.of(link.toString(), "--help"));
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("/pomona-");
        Checkout.Ended run = Checkout.run(folder, environment, java.util.List.of(link.toString(), "run", "--help"));
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("Usage: pomona run");
    }

    @Test
    void jshellHasTheLibraryAndItsImports() throws Exception {
        Path script = Files.writeString(folder.resolve("script.jsh"), """
                System.out.println(Table.create(IntColumn.create("a", 1, 2)).rowCount());
                System.out.println(new Shape(3, 4).size());
                System.out.println(Network.class.getName());
                System.out.println(Record.class.getName());
                /exit
                """);
        Checkout.Ended run = Checkout.pomona(folder, Map.of(), "jshell", script.toString());
        assertThat(run.out()).isEqualTo("2\n12\npomona.graph.Network\nai.djl.training.dataset.Record\n");
        assertThat(run.code()).isZero();
    }
}
