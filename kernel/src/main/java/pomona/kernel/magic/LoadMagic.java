package pomona.kernel.magic;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import pomona.kernel.notebook.Cell;
import pomona.kernel.notebook.Notebook;
import pomona.kernel.notebook.NotebookException;

/** {@code %load}: runs a file in the session. */
@Command(
        name = "%load",
        description = {
            "Runs a file in this session, so that what it declares can be used. The file is a notebook (.ipynb), whose"
                    + " code cells run, a JShell script (.jsh), or Java (.java), whose package is left out.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%n")
final class LoadMagic extends MagicCommand {

    @Parameters(paramLabel = "FILE", arity = "1", description = "A file *.ipynb, *.jsh, *.jshell or *.java.")
    private String file;

    @Override
    Object run(MagicCall call) throws IOException {
        Path path = call.session().shell().resolve(file);
        String name = String.valueOf(path.getFileName());
        if (Files.isDirectory(path) || !name.matches(".*\\.(ipynb|jsh|jshell|java)")) {
            throw new MagicException("%load: " + path + " is not a notebook, a .jsh script or a .java file.");
        }
        if (!Files.exists(path)) {
            throw new MagicException("%load: there is no file " + path + ".");
        }
        if (name.endsWith(".ipynb")) {
            loadNotebook(call, path, name);
        } else if (name.endsWith(".java")) {
            // JShell has no packages; the line stays, so that the others keep their numbers.
            call.session().run(name, text(path).replaceFirst("(?m)^\\s*package\\s+[\\w.]+\\s*;", ""));
        } else {
            call.session().run(name, script(text(path), name));
        }
        return null;
    }

    private static String text(Path path) throws IOException {
        try {
            return Files.readString(path);
        } catch (MalformedInputException e) {
            throw new MagicException("%load: " + path + " is not text in UTF-8.", e);
        }
    }

    private static void loadNotebook(MagicCall call, Path path, String name) {
        try {
            Notebook notebook = Notebook.read(path);
            if (!notebook.language().equalsIgnoreCase("java")) {
                throw new MagicException("%load: " + path + " is a notebook in " + notebook.language() + ".");
            }
            int number = 0;
            for (Cell cell : notebook.runnableCells()) {
                number++;
                call.session().run(name + " cell " + number, cell.source());
            }
        } catch (NotebookException e) {
            throw new MagicException("%load: " + e.getMessage(), e);
        }
    }

    /** JShell's own commands mean nothing here; /exit at the end of a script is usual. */
    private static String script(String text, String name) {
        return text.lines()
                .map(line -> {
                    String command = line.strip();
                    if (!command.matches("/[a-z!?-].*|/\\d+")) {
                        return line;
                    }
                    if (!command.startsWith("/exit") && !command.startsWith("/ex")) {
                        System.err.println(name + ": the JShell command " + command + " was left out.");
                    }
                    return "";
                })
                .collect(Collectors.joining("\n"));
    }
}
