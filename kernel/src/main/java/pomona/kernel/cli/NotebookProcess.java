package pomona.kernel.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import pomona.kernel.CellSession;
import pomona.kernel.FileProblem;
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
 * <p>Arguments: the {@link NotebookJob}, and the file that the {@link NotebookResult} goes to.
 */
final class NotebookProcess {

    private final NotebookJob job;
    private final Path told;
    private final Terminal terminal = Terminal.detect();
    private final CountDownLatch written = new CountDownLatch(1);

    private NotebookProcess(NotebookJob job, Path told) {
        this.job = job;
        this.told = told;
    }

    public static void main(String[] args) {
        Path told = Path.of(args[1]);
        int code;
        try {
            code = new NotebookProcess(NotebookJob.parse(args[0]), told).run();
        } catch (NotebookException e) {
            System.err.println("pomona: " + e.getMessage());
            code = 2;
        } catch (IOException e) {
            code = tellUnwritten("its result could not be written: " + FileProblem.reason(e), told);
        }
        // Not exit: a cell that ignores its interrupt, or a thread it left behind, must not keep the process.
        Runtime.getRuntime().halt(code);
    }

    private static int tellUnwritten(String problem, Path told) {
        System.err.println("pomona: The notebook has run, but " + problem + ".");
        try {
            NotebookResult.lost(problem).write(told);
        } catch (IOException e) {
            // The exit code tells enough.
        }
        return 1;
    }

    private int run() throws NotebookException, IOException {
        Path notebookFile = Path.of(job.notebook());
        Path output = Path.of(job.output());
        Path html = Path.of(job.html());
        Notebook notebook = Notebook.read(notebookFile);
        Parameters.inject(notebook, job.parameters());
        TerminalReport report = new TerminalReport(terminal);
        CellSession session = JavaSession.start();
        NotebookRunner runner = new NotebookRunner(session, timeout(), report);
        Thread onSignal = new Thread(() -> {
            runner.stop();
            awaitWritten();
        });
        Runtime.getRuntime().addShutdownHook(onSignal);
        ScheduledExecutorService autosave = Executors.newSingleThreadScheduledExecutor(NotebookProcess::daemon);
        autosave.scheduleWithFixedDelay(() -> saveSoFar(runner, notebook, output), 10, 10, TimeUnit.SECONDS);
        RunOutcome outcome = runner.run(notebook);
        autosave.shutdownNow();
        try {
            runner.save(notebook, output);
            new HtmlExport(notebook, job.folder()).write(html);
            report.summary(job.shown(notebookFile), outcome, List.of(job.shown(output), job.shown(html)));
            NotebookResult.of(outcome, notebook.runnableCells().size()).write(told);
        } finally {
            written.countDown();
        }
        if (outcome.ending() == RunOutcome.Ending.STOPPED) {
            return 130;
        }
        return outcome.succeeded() ? 0 : 1;
    }

    private Duration timeout() {
        return job.timeoutMillis() == 0 ? null : Duration.ofMillis(job.timeoutMillis());
    }

    /** Should the process be killed outright, the last ten seconds are lost at most. */
    private static void saveSoFar(NotebookRunner runner, Notebook notebook, Path output) {
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
}
