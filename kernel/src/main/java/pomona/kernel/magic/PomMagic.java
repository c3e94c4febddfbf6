package pomona.kernel.magic;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code %%pom}: the dependencies of a pom.xml. */
@Command(
        name = "%%pom",
        description = {
            "Adds dependencies that are written below as in a pom.xml. That is a whole <project>, or its elements <dependencies>,"
                    + " <dependencyManagement>, <repositories> and <properties>, or <dependency> elements alone.",
            ""
        },
        optionListHeading = "%nOptions:%n")
final class PomMagic extends MagicCommand {

    @Option(
            names = {"-o", "--offline"},
            description = "Asks the local repository only.")
    private boolean offline;

    @Option(
            names = {"-s", "--settings"},
            paramLabel = "FILE",
            description = "Another settings.xml than yours.")
    private String settings;

    @Override
    Object run(MagicCall call) {
        if (call.body().isBlank()) {
            throw new MagicException("%%pom needs dependencies below its line, written as in a pom.xml.");
        }
        Path file = settings == null ? null : call.session().shell().resolve(settings);
        if (file != null && !Files.isRegularFile(file)) {
            throw new MagicException("%%pom: there is no file " + file + ".");
        }
        call.session()
                .dependencies()
                .add(
                        call.session(),
                        new DependencyResolver.Request(
                                List.of(), List.of(call.body()), List.of(), file, offline ? Boolean.TRUE : null));
        return null;
    }
}
