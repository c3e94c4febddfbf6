package pomona.kernel.magic;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code %jars}: jars by their names or by patterns of names. */
@Command(
        name = "%jars",
        description = {"Adds jars to the class path of the session.", ""},
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%n")
final class JarsMagic extends MagicCommand {

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "A jar, or a pattern: *.jar in one folder, **/*.jar also in those below it.")
    private List<String> patterns;

    @Override
    Object run(MagicCall call) throws IOException {
        List<Path> found = new ArrayList<>();
        for (String pattern : patterns) {
            Path folder = call.session().shell().resolve(fixedPart(pattern));
            List<Path> jars = isPattern(pattern) ? matching(folder, pattern) : List.of(folder);
            if (jars.isEmpty()) {
                throw new MagicException("%jars: no jar matches " + pattern + " in " + folder + ".");
            }
            for (Path jar : jars) {
                JarFiles.check("%jars", jar);
            }
            found.addAll(jars);
        }
        JarFiles.add(call.session(), found);
        return null;
    }

    private static boolean isPattern(String text) {
        return text.matches(".*[*?\\[{].*");
    }

    /** The folders before the first part that is a pattern. */
    private static String fixedPart(String text) {
        if (!isPattern(text)) {
            return text;
        }
        int slash = text.replaceFirst("[*?\\[{].*", "").lastIndexOf('/');
        return slash < 0 ? "" : text.substring(0, slash + 1);
    }

    private static List<Path> matching(Path folder, String text) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        String pattern = text.substring(fixedPart(text).length());
        var matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        // Two stars stand for no folder too.
        var flat = FileSystems.getDefault().getPathMatcher("glob:" + pattern.replaceFirst("^\\*\\*/", ""));
        int depth = pattern.contains("**") ? Integer.MAX_VALUE : pattern.split("/").length;
        try (Stream<Path> files = Files.walk(folder, depth)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(".jar"))
                    .filter(file -> matcher.matches(folder.relativize(file)) || flat.matches(folder.relativize(file)))
                    .sorted()
                    .toList();
        }
    }
}
