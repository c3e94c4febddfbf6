package pomona.kernel.magic;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code %maven}: libraries from Maven repositories. */
@Command(
        name = "%maven",
        description = {
            "Adds libraries and what they depend on to the class path. All that the session asked for is resolved"
                    + " together. Your settings.xml, local repository, mirrors and proxies are used.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%n")
final class MavenMagic extends MagicCommand {

    @Parameters(
            paramLabel = "G:A:V",
            arity = "1..*",
            description = "Coordinates: group:artifact:version or group:artifact:extension:classifier:version.")
    private List<String> coordinates;

    @Option(
            names = {"-r", "--repository"},
            paramLabel = "URL",
            description = "One more repository, as URL or ID=URL.")
    private List<String> repositories = List.of();

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
        for (String one : coordinates) {
            int parts = one.split(":", -1).length;
            if (parts < 3 || parts > 5 || one.matches(".*(^|:)\\s*(:|$).*")) {
                throw new MagicException("%maven: " + one + " is no coordinate; write group:artifact:version,"
                        + " such as org.apache.commons:commons-lang3:3.17.0.");
            }
        }
        Path file = settings == null ? null : call.session().shell().resolve(settings);
        if (file != null && !Files.isRegularFile(file)) {
            throw new MagicException("%maven: there is no file " + file + ".");
        }
        call.session()
                .dependencies()
                .add(
                        call.session(),
                        new DependencyResolver.Request(
                                coordinates, List.of(), repositories, file, offline ? Boolean.TRUE : null));
        return null;
    }
}
