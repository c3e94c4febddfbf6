package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RunSummaryTest {

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final Terminal terminal = new Terminal(new PrintStream(written, true, StandardCharsets.UTF_8), 0, false);

    @Test
    void aLineForEachNotebook() {
        RunSummary summary = new RunSummary();
        summary.add("a.ipynb", new NotebookResult(4, 4, 1234, ""));
        summary.add("work/longer.ipynb", new NotebookResult(2, 13, 65_000, "cell 2 failed: E: v"));
        summary.add("c.ipynb", RunSummary.NOT_REACHED);
        summary.print(terminal);
        assertThat(written.toString(StandardCharsets.UTF_8)).isEqualTo("""

                  notebook            cells          time  result
                ✓ a.ipynb               4/4         1.2 s  passed
                ✗ work/longer.ipynb    2/13     1 min 5 s  cell 2 failed: E: v
                ✗ c.ipynb                 -             -  not reached

                1 of 3 notebooks failed, 1 was not reached.
                """);
    }

    @Test
    void saysThatAllPassed() {
        RunSummary summary = new RunSummary();
        summary.add("a.ipynb", new NotebookResult(4, 4, 1234, ""));
        summary.add("b.ipynb", new NotebookResult(1, 1, 20, ""));
        summary.print(terminal);
        assertThat(written.toString(StandardCharsets.UTF_8)).endsWith("\nAll 2 notebooks passed.\n");
    }
}
