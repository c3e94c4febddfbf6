package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.kernel.MavenRepository;

/** The kernel's magics where the kernel is as users have it: Maven's resolver apart from the class path. */
class KernelMagicsIT {

    @TempDir
    Path folder;

    @Test
    void librariesComeIntoARunningNotebook() throws Exception {
        MavenRepository repository = new MavenRepository(folder);
        repository.library("core", "1.0");
        repository.library("apple", "1.0", "core:1.0");
        Files.writeString(folder.resolve("libraries.ipynb"), """
                {"cells": [
                  {"cell_type": "code", "metadata": {}, "execution_count": null, "outputs": [],
                   "source": "%%maven --settings %s orchard:apple:1.0\\norchard.Apple.version() + orchard.Core.version()"},
                  {"cell_type": "code", "metadata": {}, "execution_count": null, "outputs": [],
                   "source": "%%sh echo from the shell\\n%%classpath"}],
                 "metadata": {"language_info": {"name": "java"}}, "nbformat": 4, "nbformat_minor": 5}
                """.formatted(repository.settings));

        Checkout.Ended run = Checkout.pomona(folder, Map.of(), "run", "libraries.ipynb");

        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains("Added 2 jars: apple-1.0.jar, core-1.0.jar.", "1.01.0", "from the shell")
                .contains("core-1.0.jar\n")
                .doesNotContain("maven-resolver");
        assertThat(run.code()).isZero();
    }
}
