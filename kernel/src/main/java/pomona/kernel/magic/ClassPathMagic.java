package pomona.kernel.magic;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code %classpath}: shows the class path, or adds folders of classes and jars to it. */
@Command(
        name = "%classpath",
        description = {"Shows the class path of the session, or adds to it.", ""},
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%n")
final class ClassPathMagic extends MagicCommand {

    @Parameters(paramLabel = "PATH", arity = "0..*", description = "Jars and folders of classes to add.")
    private List<String> paths = List.of();

    @Override
    Object run(MagicCall call) throws IOException {
        if (paths.isEmpty()) {
            call.session().classPath().forEach(System.out::println);
            return null;
        }
        List<Path> found = new ArrayList<>();
        for (String path : String.join(File.pathSeparator, paths).split(File.pathSeparator)) {
            Path entry = call.session().shell().resolve(path);
            if (!Files.isDirectory(entry)) {
                JarFiles.check("%classpath", entry);
            }
            found.add(entry);
        }
        JarFiles.add(call.session(), found);
        return null;
    }
}
