package pomona.kernel.cli;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import pomona.kernel.install.SessionJvm;

/**
 * One notebook to run in a process of its own; {@link NotebookProcess} reads it back there.
 *
 * @param notebook the notebook, absolute like all paths here
 * @param output the executed notebook
 * @param html the page
 * @param timeoutMillis the longest a cell may take, or 0
 * @param userFolder what paths are shown relative to
 * @param parameters the values of parameters by name
 */
record NotebookJob(
        String notebook,
        String output,
        String html,
        long timeoutMillis,
        String userFolder,
        Map<String, String> parameters) {

    private static final Gson GSON = new Gson();
    private static final int KILLED = 137;

    static NotebookJob parse(String json) {
        return GSON.fromJson(json, NotebookJob.class);
    }

    Path folder() {
        return Path.of(notebook).getParent();
    }

    /** A path as the user would write it. */
    String shown(Path file) {
        Path user = Path.of(userFolder);
        return file.startsWith(user) ? user.relativize(file).toString() : file.toString();
    }

    /** How the process ended: its exit code and what it told. */
    record Ended(int code, NotebookResult result) {}

    /**
     * Runs the notebook in its own folder, as Jupyter does, and waits for its end. On Ctrl-C both processes get the
     * signal; this one then waits until the other has written what was reached.
     *
     * @param kernelOptions more options for the Java virtual machine
     */
    Ended run(List<String> kernelOptions) throws IOException, InterruptedException {
        Path told = Files.createTempFile("pomona-run", ".json");
        try {
            List<String> command = new ArrayList<>(SessionJvm.current().command(kernelOptions));
            command.addAll(List.of(NotebookProcess.class.getName(), GSON.toJson(this), told.toString()));
            Process process = new ProcessBuilder(command)
                    .directory(folder().toFile())
                    .inheritIO()
                    .start();
            Thread onSignal = new Thread(() -> endWith(process));
            Runtime.getRuntime().addShutdownHook(onSignal);
            int code = process.waitFor();
            try {
                Runtime.getRuntime().removeShutdownHook(onSignal);
            } catch (IllegalStateException e) {
                // Ctrl-C: this process is on its way out as well, and keeps the signal's exit code.
            }
            return ended(code, told);
        } finally {
            Files.deleteIfExists(told);
        }
    }

    private Ended ended(int code, Path told) throws IOException {
        if (Files.size(told) > 0) {
            return new Ended(code, NotebookResult.read(told));
        }
        if (code == KILLED) {
            String reason = "was killed from outside, most likely because memory ran out";
            System.err.println("pomona: " + shown(Path.of(notebook)) + " " + reason + ".");
            return new Ended(1, NotebookResult.lost(reason));
        }
        return new Ended(code == 0 ? 1 : code, NotebookResult.lost("its process ended with exit code " + code));
    }

    private static void endWith(Process process) {
        process.destroy();
        try {
            process.waitFor(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
