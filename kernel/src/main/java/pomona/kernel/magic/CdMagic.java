package pomona.kernel.magic;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code %cd}: the folder of shell commands and of paths on magics' lines. */
@Command(
        name = "%cd",
        description = {
            "Goes to a folder for magics and shell commands. They start there, and relative paths of %%load, %%jars and %%classpath begin"
                    + " there. A Java process can not change its own folder: relative paths in Java stay where the"
                    + " kernel was started.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%n")
final class CdMagic extends MagicCommand {

    @Parameters(
            paramLabel = "FOLDER",
            arity = "0..1",
            defaultValue = "~",
            description = "The folder; the home folder if not given.")
    private String folder;

    @Override
    Object run(MagicCall call) {
        Path place = call.session().shell().resolve(folder);
        if (!Files.isDirectory(place)) {
            throw new MagicException(
                    Files.exists(place)
                            ? "%cd: " + place + " is not a folder."
                            : "%cd: there is no folder " + place + ".");
        }
        call.session().shell().changeTo(place);
        System.out.println(place);
        return null;
    }
}
