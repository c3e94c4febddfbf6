package pomona.kernel.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import pomona.kernel.install.SessionJvm;
import pomona.kernel.notebook.Notebook;
import pomona.kernel.notebook.NotebookException;

/**
 * Checks what was asked and runs each notebook in a Java process of its own, started in the notebook's folder, as
 * Jupyter does: relative paths in cells then mean the same.
 */
@Command(
        name = "run",
        sortOptions = false,
        header = "Runs notebooks without Jupyter, showing each cell as it runs.",
        description = {
            "",
            "Beside the notebook X it writes X.executed.ipynb and X.html, a page of its own.",
            "The first cell that fails ends the run; what was reached is written anyway.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:every cell ran", "1:a cell failed or was stopped", "2:the command was wrong"})
final class RunCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Parameters(paramLabel = "NOTEBOOK", arity = "1..*", description = "The notebooks, run one after the other.")
    private List<Path> notebooks;

    @Option(names = "--output", paramLabel = "FILE", description = "Where the executed notebook goes.")
    private Path output;

    @Option(names = "--html", paramLabel = "FILE", description = "Where the page goes.")
    private Path html;

    @Option(
            names = {"-p", "--param"},
            paramLabel = "NAME=VALUE",
            description = "Sets a variable that the cell tagged \"parameters\" declares.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "The longest one cell may take.")
    private Double timeout;

    @Override
    public Integer call() throws Exception {
        check();
        int worst = 0;
        for (Path notebook : notebooks) {
            int code = runApart(notebook);
            if (code > 1) {
                return code;
            }
            worst = Math.max(worst, code);
        }
        return worst;
    }

    private void check() {
        if (timeout != null && !(timeout > 0 && timeout < 1e9)) {
            throw wrong("--timeout is " + trimmed(timeout) + ", but must be a number of seconds above 0.");
        }
        if (notebooks.size() > 1 && (output != null || html != null)) {
            throw wrong((output != null ? "--output" : "--html") + " names one file, but " + notebooks.size()
                    + " notebooks were given.");
        }
        for (Path file : notebooks) {
            try {
                Notebook notebook = Notebook.read(file);
                if (!notebook.language().equalsIgnoreCase("java")) {
                    throw new NotebookException(file + " is a notebook in " + notebook.language()
                            + ", but only Java notebooks can be run.");
                }
                pomona.kernel.notebook.Parameters.inject(notebook, parameters);
                checkPlace(file, outputOf(file));
                checkPlace(file, htmlOf(file));
            } catch (NotebookException e) {
                throw wrong(e.getMessage());
            }
        }
    }

    private void checkPlace(Path notebook, Path place) throws NotebookException {
        Path folder = place.toAbsolutePath().getParent();
        if (Files.isDirectory(place)) {
            throw new NotebookException(place + " is a folder, but a file is to be written there.");
        }
        if (place.toAbsolutePath().equals(notebook.toAbsolutePath())) {
            throw new NotebookException(place + " is the notebook itself: give another file.");
        }
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new NotebookException("Nothing can be written to " + folder + ": "
                    + (Files.isDirectory(folder) ? "it is not writable." : "there is no such folder."));
        }
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }

    private Path outputOf(Path notebook) {
        return output != null ? output : notebook.resolveSibling(stem(notebook) + ".executed.ipynb");
    }

    private Path htmlOf(Path notebook) {
        return html != null ? html : notebook.resolveSibling(stem(notebook) + ".html");
    }

    private static String stem(Path notebook) {
        return notebook.getFileName().toString().replaceFirst("\\.ipynb$", "");
    }

    private static String trimmed(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    private int runApart(Path file) throws IOException, InterruptedException {
        Path notebook = file.toAbsolutePath().normalize();
        List<String> command = new ArrayList<>(SessionJvm.current().command());
        command.add(NotebookProcess.class.getName());
        command.add(notebook.toString());
        command.add(outputOf(file).toAbsolutePath().normalize().toString());
        command.add(htmlOf(file).toAbsolutePath().normalize().toString());
        command.add(Long.toString(
                timeout == null ? 0 : Duration.ofNanos((long) (timeout * 1e9)).toMillis()));
        command.add(Path.of("").toAbsolutePath().toString());
        parameters.forEach((name, value) -> command.add(name + "=" + value));
        Process process = new ProcessBuilder(command)
                .directory(notebook.getParent().toFile())
                .inheritIO()
                .start();
        Thread stop = new Thread(() -> endWith(process));
        Runtime.getRuntime().addShutdownHook(stop);
        int code = process.waitFor();
        try {
            Runtime.getRuntime().removeShutdownHook(stop);
        } catch (IllegalStateException e) {
            // Ctrl-C: this process is on its way out as well, and keeps the signal's exit code.
        }
        if (code == 137) {
            System.err.println("pomona: " + file + " was killed from outside, most likely because memory ran out.");
            return 1;
        }
        return code;
    }

    /** On Ctrl-C both processes get the signal: wait until the other has written what was reached. */
    private static void endWith(Process process) {
        process.destroy();
        try {
            process.waitFor(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
