package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Libraries that come into a running session, out of a real Maven repository in a folder. */
class MavenMagicTest {

    @TempDir
    Path folder;

    private JavaSession session;
    private MavenRepository repository;

    @BeforeEach
    void start() throws Exception {
        session = JavaSession.start();
        repository = new MavenRepository(folder);
        repository.library("core", "1.0");
        repository.library("core", "2.0");
        repository.library("apple", "1.0", "core:1.0");
        repository.library("plum", "1.0", "core:2.0");
    }

    @AfterEach
    void stop() {
        session.close();
    }

    private RecordedOutputs run(String source) {
        return RecordedOutputs.run(session, source.replace("$S", "--settings " + repository.settings));
    }

    private RecordedOutputs ok(String source) {
        return RecordedOutputs.ok(session, source.replace("$S", "--settings " + repository.settings));
    }

    @Test
    void whatALibraryNeedsComesWithIt() {
        assertThat(session.assistant().complete("orchard.App", 11).items()).isEmpty();
        RecordedOutputs cell = ok("%maven $S orchard:apple:1.0\norchard.Apple.version() + orchard.Core.version()");
        assertThat(cell.stream("stdout")).isEqualTo("Added 2 jars: apple-1.0.jar, core-1.0.jar.\n");
        assertThat(cell.result()).isEqualTo("1.01.0");
        assertThat(session.assistant().complete("orchard.App", 11).items())
                .extracting(CodeAssistant.Item::text)
                .containsExactly("Apple");
        assertThat(ok("%maven $S orchard:apple:1.0").stream("stdout")).isEqualTo("Everything was there already.\n");
    }

    @Test
    void allCoordinatesOfALineAreResolvedTogether() {
        // The nearest declaration wins, as in a project: core 2.0 is named directly.
        assertThat(ok("%maven $S orchard:apple:1.0 orchard:core:2.0\norchard.Core.version()")
                        .result())
                .isEqualTo("2.0");
        assertThat(ok("%maven $S orchard:plum:1.0").stream("stdout")).isEqualTo("Added 1 jar: plum-1.0.jar.\n");
    }

    @Test
    void whatIsLoadedStaysAndAConflictIsSaid() {
        ok("%maven $S orchard:apple:1.0");
        RecordedOutputs later = ok("%maven $S orchard:core:2.0\norchard.Core.version()");
        assertThat(later.stream("stderr"))
                .isEqualTo("core-2.0.jar is left out: core-1.0.jar is loaded already, and a running session can not"
                        + " exchange it.\n");
        assertThat(later.result()).isEqualTo("1.0");
        RecordedOutputs own = ok("%jars " + jarNamed("gson-2.0.jar"));
        assertThat(own.stream("stderr")).matches("gson-2\\.0\\.jar is left out: gson-.*\\.jar is loaded already.*\n");
    }

    private Path jarNamed(String name) {
        try {
            return Files.copy(repository.library("other", "1.0"), folder.resolve(name));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void offlineAsksTheLocalRepositoryOnly() {
        assertThat(run("%maven $S --offline orchard:apple:1.0").error())
                .isEqualTo("MagicException: Maven: Cannot access near (" + repository.address()
                        + ") in offline mode and the artifact orchard:apple:jar:1.0 has not been downloaded from it"
                        + " before.");
        ok("%maven $S orchard:apple:1.0");
        assertThat(ok("%maven $S --offline orchard:apple:1.0").stream("stdout"))
                .isEqualTo("Everything was there already.\n");
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThat(run("%maven $S orchard:pear:1.0").error())
                .isEqualTo("MagicException: Maven: Could not find artifact orchard:pear:jar:1.0 in near ("
                        + repository.address() + ").");
        assertThat(run("%maven $S orchard:pear:1.0").traceback).hasSizeLessThanOrEqualTo(3);
        // What could not be found is not asked for again.
        assertThat(ok("%maven $S orchard:apple:1.0").stream("stdout")).startsWith("Added 2 jars");
    }

    @Test
    void aPomsDependenciesAreAdded() throws Exception {
        repository.pom(
                "bom",
                "1.0",
                "pom",
                "<dependencyManagement><dependencies>" + MavenRepository.dependency("core:2.0")
                        + "</dependencies></dependencyManagement>");
        RecordedOutputs cell = ok("""
                %%pom $S
                <properties><apple.version>1.0</apple.version></properties>
                <dependencyManagement>
                  <dependencies>
                    <dependency>
                      <groupId>orchard</groupId><artifactId>bom</artifactId><version>1.0</version>
                      <type>pom</type><scope>import</scope>
                    </dependency>
                  </dependencies>
                </dependencyManagement>
                <dependencies>
                  <dependency>
                    <groupId>orchard</groupId><artifactId>apple</artifactId><version>${apple.version}</version>
                  </dependency>
                </dependencies>
                """);
        assertThat(cell.stream("stdout")).isEqualTo("Added 2 jars: apple-1.0.jar, core-2.0.jar.\n");
        assertThat(ok("orchard.Core.version()").result()).isEqualTo("2.0");
        assertThat(run("%%pom $S\n<dependency><groupId>a</dependency>").error())
                .startsWith("MagicException: %%pom: this is no pom.xml: ");
        assertThat(run("%%pom $S\n" + MavenRepository.dependency("plum")).error())
                .isEqualTo("MagicException: %%pom: orchard:plum has no version.");
    }

    @Test
    void jarsAndFoldersAreAdded() throws Exception {
        repository.library("quince", "3.1");
        String place = folder.resolve("remote").toString();
        assertThat(ok("%jars " + place + "/**/quince*.jar\norchard.Quince.version()")
                        .result())
                .isEqualTo("3.1");
        assertThat(ok("%classpath").stream("stdout")).contains("quince-3.1.jar\n");
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("data/fruit.txt"), "from the class path");
        ok("%classpath " + folder.resolve("data"));
        assertThat(ok("new String(Thread.currentThread().getContextClassLoader()"
                                + ".getResourceAsStream(\"fruit.txt\").readAllBytes())")
                        .result())
                .isEqualTo("from the class path");
    }
}
