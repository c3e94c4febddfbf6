package pomona.kernel.cli;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import pomona.kernel.notebook.RunOutcome;

/**
 * What became of one notebook, as its process tells the one that started it.
 *
 * @param ran how many cells were started
 * @param cells how many would run
 * @param millis how long they took together
 * @param problem why the run stopped early, in a phrase; empty when every cell passed
 */
record NotebookResult(int ran, int cells, long millis, String problem) {

    private static final Gson GSON = new Gson();

    static NotebookResult of(RunOutcome outcome, int cells) {
        return new NotebookResult(
                outcome.cellsRun(), cells, outcome.time().toMillis(), TerminalReport.problem(outcome));
    }

    /** What is known when a process ended without a word. */
    static NotebookResult lost(String problem) {
        return new NotebookResult(0, 0, 0, problem);
    }

    static NotebookResult read(Path file) throws IOException {
        return GSON.fromJson(Files.readString(file), NotebookResult.class);
    }

    void write(Path file) throws IOException {
        Files.writeString(file, GSON.toJson(this));
    }

    boolean passed() {
        return problem.isEmpty();
    }

    Duration time() {
        return Duration.ofMillis(millis);
    }
}
