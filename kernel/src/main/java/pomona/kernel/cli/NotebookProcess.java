package pomona.kernel.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import pomona.kernel.CellSession;
import pomona.kernel.JavaSession;
import pomona.kernel.notebook.HtmlExport;
import pomona.kernel.notebook.Notebook;
import pomona.kernel.notebook.NotebookException;
import pomona.kernel.notebook.NotebookRunner;
import pomona.kernel.notebook.Parameters;
import pomona.kernel.notebook.RunOutcome;

/**
 * The process that runs one notebook: started by {@link RunCommand} in the notebook's folder.
 *
 * <p>Arguments: notebook, executed notebook, page, timeout in milliseconds or 0, the user's folder, {@code name=value}...
 */
final class NotebookProcess {

    private final Path notebookFile;
    private final Path output;
    private final Path html;
    private final Duration timeout;
    private final Path userFolder;
    private final Map<String, String> parameters;
    private final Terminal terminal = Terminal.detect();
    private final CountDownLatch written = new CountDownLatch(1);

    private NotebookProcess(String[] args) {
        notebookFile = Path.of(args[0]);
        output = Path.of(args[1]);
        html = Path.of(args[2]);
        timeout = args[3].equals("0") ? null : Duration.ofMillis(Long.parseLong(args[3]));
        userFolder = Path.of(args[4]);
        parameters = new LinkedHashMap<>();
        for (String pair : Arrays.asList(args).subList(5, args.length)) {
            int equals = pair.indexOf('=');
            parameters.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
    }

    public static void main(String[] args) {
        int code;
        try {
            code = new NotebookProcess(args).run();
        } catch (NotebookException e) {
            System.err.println("pomona: " + e.getMessage());
            code = 2;
        } catch (IOException e) {
            System.err.println("pomona: the result could not be written: " + e);
            code = 1;
        }
        // Not exit: a cell that ignores its interrupt, or a thread it left behind, must not keep the process.
        Runtime.getRuntime().halt(code);
    }

    private int run() throws NotebookException, IOException {
        Notebook notebook = Notebook.read(notebookFile);
        Parameters.inject(notebook, parameters);
        TerminalReport report = new TerminalReport(terminal);
        CellSession session = JavaSession.start();
        NotebookRunner runner = new NotebookRunner(session, timeout, report);
        Thread onSignal = new Thread(() -> {
            runner.stop();
            awaitWritten();
        });
        Runtime.getRuntime().addShutdownHook(onSignal);
        ScheduledExecutorService autosave = Executors.newSingleThreadScheduledExecutor(NotebookProcess::daemon);
        autosave.scheduleWithFixedDelay(() -> saveSoFar(runner, notebook), 10, 10, TimeUnit.SECONDS);
        RunOutcome outcome = runner.run(notebook);
        autosave.shutdownNow();
        try {
            runner.save(notebook, output);
            new HtmlExport(notebook, notebookFile.getParent()).write(html);
            report.summary(shown(notebookFile), outcome, List.of(shown(output), shown(html)));
        } finally {
            written.countDown();
        }
        if (outcome.ending() == RunOutcome.Ending.STOPPED) {
            return 130;
        }
        return outcome.succeeded() ? 0 : 1;
    }

    /** Should the process be killed outright, the last ten seconds are lost at most. */
    private void saveSoFar(NotebookRunner runner, Notebook notebook) {
        try {
            runner.save(notebook, output);
        } catch (IOException e) {
            // The last save reports what stands in the way.
        }
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "pomona-autosave");
        thread.setDaemon(true);
        return thread;
    }

    private void awaitWritten() {
        try {
            if (!written.await(15, TimeUnit.SECONDS)) {
                System.err.println("pomona: stopped before the result was written");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String shown(Path file) {
        return file.startsWith(userFolder) ? userFolder.relativize(file).toString() : file.toString();
    }
}
