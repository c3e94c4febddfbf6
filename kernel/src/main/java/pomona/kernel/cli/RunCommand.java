package pomona.kernel.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import pomona.kernel.FileProblem;
import pomona.kernel.notebook.JunitReport;
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
            "The first cell that fails ends its notebook; what was reached is written anyway,",
            "and the notebooks after it run.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every cell of every notebook ran",
            "1:a cell failed or took too long, or a result could not be written",
            "2:the command or a notebook was wrong, and nothing ran",
            "130:Ctrl-C stopped it; what was reached is written"
        })
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

    @Option(
            names = "--output",
            paramLabel = "PLACE",
            description = "Where the executed notebook goes: a file, or for several notebooks a folder.")
    private Path output;

    @Option(names = "--html", paramLabel = "PLACE", description = "Where the page goes, likewise.")
    private Path html;

    @Option(
            names = "--junit",
            paramLabel = "FILE",
            description = "Also writes the results as JUnit XML for CI servers, a test case for each code cell.")
    private Path junit;

    @Option(
            names = {"-p", "--param"},
            paramLabel = "NAME=VALUE",
            description = "Sets a variable that the cell tagged \"parameters\" declares.")
    private List<String> assignments = new ArrayList<>();

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "The longest one cell may take.")
    private String timeout;

    @Option(
            names = "--kernel-option",
            paramLabel = "OPTION",
            description = "An option for the Java virtual machine that runs the cells, such as -Xmx4g or"
                    + " --enable-preview; may be given several times.")
    private List<String> kernelOptions = new ArrayList<>();

    private final Map<String, String> parameters = new LinkedHashMap<>();
    private RunPlaces places;
    private long timeoutMillis;

    @Override
    public Integer call() throws IOException, InterruptedException {
        places = new RunPlaces(output, html, notebooks.size() > 1);
        try {
            check();
        } catch (NotebookException e) {
            throw wrong(e.getMessage());
        }
        // After Ctrl-C, the reports of what was reached are still to be written.
        CountDownLatch done = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> await(done)));
        try {
            return runAll();
        } finally {
            done.countDown();
        }
    }

    private int runAll() throws IOException, InterruptedException {
        Terminal terminal = Terminal.detect();
        RunSummary summary = new RunSummary();
        JunitReport report = new JunitReport();
        int worst = 0;
        for (Path file : notebooks) {
            if (worst > 1) {
                summary.add(file.toString(), RunSummary.NOT_REACHED);
                continue;
            }
            if (notebooks.size() > 1) {
                RunSummary.printHeading(file.toString(), terminal);
            }
            NotebookJob job = job(file);
            NotebookJob.Ended ended = job.run(kernelOptions);
            summary.add(file.toString(), ended.result());
            report(file.toString(), job, ended.result(), report);
            worst = Math.max(worst, ended.code());
        }
        if (notebooks.size() > 1) {
            summary.print(terminal);
        }
        return writeJunit(report) ? worst : Math.max(worst, 1);
    }

    private static void report(String name, NotebookJob job, NotebookResult result, JunitReport report) {
        if (result.cells() == 0 && !result.passed()) {
            report.addLost(name, result.problem());
            return;
        }
        try {
            report.add(name, Notebook.read(Path.of(job.output())));
        } catch (NotebookException e) {
            report.addLost(name, e.getMessage());
        }
    }

    private boolean writeJunit(JunitReport report) {
        if (junit != null) {
            try {
                report.write(junit);
            } catch (IOException e) {
                spec.commandLine()
                        .getErr()
                        .println("pomona: The JUnit report could not be written: " + FileProblem.reason(e) + ".");
                return false;
            }
        }
        return true;
    }

    private static void await(CountDownLatch done) {
        try {
            done.await(25, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void check() throws NotebookException {
        timeoutMillis = timeoutMillis();
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new NotebookException("--param " + assignment + " names no value: write it as NAME=VALUE.");
            }
            parameters.put(assignment.substring(0, equals), assignment.substring(equals + 1));
        }
        for (Path file : notebooks) {
            Notebook notebook = Notebook.read(file);
            if (!notebook.language().equalsIgnoreCase("java")) {
                throw new NotebookException(
                        file + " is a notebook in " + notebook.language() + ", but only Java notebooks can be run.");
            }
            pomona.kernel.notebook.Parameters.inject(notebook, parameters);
        }
        places.check(notebooks);
        if (junit != null) {
            places.checkFile(junit);
        }
        KernelOptions.check(kernelOptions);
    }

    private long timeoutMillis() throws NotebookException {
        if (timeout == null) {
            return 0;
        }
        try {
            double seconds = Double.parseDouble(timeout);
            if (seconds > 0 && seconds < 1e9) {
                return Math.max(1, Duration.ofNanos((long) (seconds * 1e9)).toMillis());
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new NotebookException("--timeout is " + timeout + ", but must be a number of seconds above 0.");
    }

    private NotebookJob job(Path file) {
        return new NotebookJob(
                file.toAbsolutePath().normalize().toString(),
                places.outputOf(file).toAbsolutePath().normalize().toString(),
                places.htmlOf(file).toAbsolutePath().normalize().toString(),
                timeoutMillis,
                Path.of("").toAbsolutePath().toString(),
                parameters);
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
