package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.kernel.CellOutputs;
import pomona.kernel.CellResult.Status;
import pomona.kernel.notebook.Cell;
import pomona.kernel.notebook.Notebook;
import pomona.kernel.notebook.RunOutcome;

class TerminalReportTest {

    private static final Duration SHORT = Duration.ofMillis(120);
    private static final String REWRITE = "\r\u001B[K";
    private static final Map<String, Object> NONE = Map.of();

    @TempDir
    Path folder;

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private Cell cell;

    @BeforeEach
    void aCell() throws Exception {
        Path file = Files.writeString(
                folder.resolve("x.ipynb"),
                "{\"nbformat\":4,\"nbformat_minor\":5,\"cells\":[{\"cell_type\":\"code\",\"source\":\"int a = 1;\\nmore\"}]}");
        cell = Notebook.read(file).cells().get(0);
    }

    @Test
    void aWindowShowsProgressInPlace() {
        TerminalReport report = report(60);
        CellOutputs outputs = report.started(1, 2, cell);
        outputs.display(Map.of("text/plain", "10 %"), NONE, "bar");
        outputs.updateDisplay(Map.of("text/plain", "100 %"), NONE, "bar");
        outputs.stream("stdout", "a\nb");
        outputs.stream("stdout", "\rc\n");
        report.ended(Status.OK, SHORT);
        assertThat(screen()).isEqualTo("""
                ▸ 1/2  int a = 1;
                       100 %
                       a
                       c
                ✓ 1/2  0.1 s
                """);
        report.started(2, 2, cell);
        report.ended(Status.ERROR, SHORT);
        assertThat(screen()).endsWith("✗ 2/2  int a = 1;  0.1 s\n");
    }

    @Test
    void aLogGetsTheLastStateOnly() {
        TerminalReport report = report(0);
        CellOutputs outputs = report.started(1, 1, cell);
        outputs.stream("stdout", "10 %\r");
        outputs.stream("stdout", "100 %\nhalf a line");
        outputs.display(Map.of("text/plain", "0 of 2"), NONE, "bar");
        outputs.updateDisplay(Map.of("text/plain", "2 of 2"), NONE, "bar");
        outputs.error("E", "v", List.of("\u001B[31mE\u001B[0m: v"));
        report.ended(Status.ERROR, SHORT);
        assertThat(text()).isEqualTo("""
                  1/1  int a = 1;
                       100 %
                       half a line
                       E: v
                       2 of 2
                ✗ 1/1  failed after 0.1 s
                """);
    }

    @Test
    void theEndRepeatsTheLastTable() {
        TerminalReport report = report(0);
        report.started(1, 2, cell)
                .result(1, Map.of("text/plain", "a  b\n1  2", "text/html", "<table><tr></tr></table>"), NONE);
        report.ended(Status.OK, SHORT);
        report.started(2, 2, cell).result(2, Map.of("text/plain", "3"), NONE);
        report.ended(Status.OK, SHORT);
        report.summary("x.ipynb", outcome(RunOutcome.Ending.FINISHED), List.of("x.executed.ipynb", "x.html"));
        assertThat(text()).endsWith("""

                a  b
                1  2

                ✓ x.ipynb: 2 cells in 1 min 5 s
                  x.executed.ipynb
                  x.html
                """);
    }

    @Test
    void longOutputIsCutInTheTerminalOnly() {
        TerminalReport report = report(0);
        report.started(1, 1, cell).result(1, Map.of("text/plain", "line\n".repeat(200)), NONE);
        report.ended(Status.OK, SHORT);
        assertThat(text().lines()).hasSize(123);
        assertThat(text()).contains("       … and 80 lines more, in the files\n");
    }

    @Test
    void outputsComeInTheOrderOfTheNotebook() {
        for (int columns : new int[] {0, 60}) {
            written.reset();
            TerminalReport report = report(columns);
            CellOutputs outputs = report.started(1, 1, cell);
            outputs.display(Map.of("text/plain", "pruning\n1  2", "text/html", "<table></table>"), NONE, "table");
            outputs.display(Map.of("text/plain", "Figure: weights"), NONE, "figure");
            outputs.display(Map.of("text/plain", "0 of 2"), NONE, "bar");
            outputs.updateDisplay(Map.of("text/plain", "2 of 2"), NONE, "bar");
            outputs.result(1, Map.of("text/plain", "comparison\n3  4"), NONE);
            report.ended(Status.OK, SHORT);
            assertThat(screen()).as("%d columns", columns).endsWith("""
                           pruning
                           1  2
                           Figure: weights
                           2 of 2
                           comparison
                           3  4
                    ✓ 1/1  0.1 s
                    """);
        }
    }

    @Test
    void aWindowShowsTheLastStateOfSeveralLinesAgain() {
        TerminalReport report = report(60);
        CellOutputs outputs = report.started(1, 1, cell);
        outputs.display(Map.of("text/plain", "a\n1"), NONE, "block");
        outputs.updateDisplay(Map.of("text/plain", "a\n1"), NONE, "block");
        outputs.stream("stdout", "between\n");
        outputs.updateDisplay(Map.of("text/plain", "a\n2"), NONE, "block");
        report.ended(Status.OK, SHORT);
        assertThat(screen()).isEqualTo("""
                ▸ 1/1  int a = 1;
                       a
                       1
                       between
                       a
                       2
                ✓ 1/1  0.1 s
                """);
    }

    @Test
    void aLineThatWasCutWhileItCouldChangeIsShownWholeAtItsEnd() {
        TerminalReport report = report(30);
        CellOutputs outputs = report.started(1, 1, cell);
        outputs.display(Map.of("text/plain", "size 8 KB to 7 KB, one run slower"), NONE, "a");
        assertThat(screen()).endsWith("       size 8 KB to 7 KB, on…\n");
        outputs.display(Map.of("text/plain", "0 of 2"), NONE, "b");
        outputs.updateDisplay(Map.of("text/plain", "2 of 2 and a very long line below"), NONE, "b");
        report.ended(Status.OK, SHORT);
        assertThat(screen()).isEqualTo("""
                ▸ 1/1  int a = 1;
                       size 8 KB to 7 KB, one
                       run slower
                       2 of 2 and a very long
                       line below
                ✓ 1/1  0.1 s
                """);
    }

    @Test
    void aFailureThatIsAllowedSaysSo() throws Exception {
        Path file = Files.writeString(
                folder.resolve("may.ipynb"),
                "{\"nbformat\":4,\"nbformat_minor\":5,\"cells\":[{\"cell_type\":\"code\",\"source\":\"int a = 1;\","
                        + "\"metadata\":{\"tags\":[\"raises-exception\"]}}]}");
        Cell allowed = Notebook.read(file).cells().get(0);
        TerminalReport report = report(0);
        report.started(1, 3, allowed).error("E", "v", List.of("E: v"));
        report.ended(Status.ERROR, SHORT);
        report.started(2, 3, allowed);
        report.ended(Status.OK, SHORT);
        report.started(3, 3, allowed);
        report.ended(Status.INTERRUPTED, SHORT);
        assertThat(text()).isEqualTo("""
                  1/3  int a = 1;
                       E: v
                ✓ 1/3  failed, as allowed, after 0.1 s
                  2/3  int a = 1;  ✓ 0.1 s
                  3/3  int a = 1;  ✗ 0.1 s
                """);
    }

    @Test
    void aNarrowWindowGetsNarrowTables() {
        TerminalReport report = report(30);
        Map<String, Object> table = Map.of(
                "text/plain",
                "layer  operator  bytes\n-----  --------  -----\nl      MatMul    1,024",
                "text/html",
                "<table></table>");
        report.started(1, 1, cell).result(1, table, NONE);
        report.ended(Status.OK, SHORT);
        assertThat(screen()).isEqualTo("""
                ▸ 1/1  int a = 1;
                       layer  operator  bytes
                       -----  --------  -----
                       l      MatMul    1,024
                ✓ 1/1  0.1 s
                """);
        written.reset();
        TerminalReport narrower = report(29);
        narrower.started(1, 1, cell).result(1, table, NONE);
        narrower.ended(Status.OK, SHORT);
        assertThat(screen()).isEqualTo("""
                ▸ 1/1  int a = 1;
                       layer  operator
                       -----  --------
                       l      MatMul

                       layer  bytes
                       -----  -----
                       l      1,024
                ✓ 1/1  0.1 s
                """);
    }

    private static RunOutcome outcome(RunOutcome.Ending ending) {
        return new RunOutcome(ending, 2, null, Duration.ofSeconds(65), false);
    }

    private TerminalReport report(int columns) {
        return new TerminalReport(new Terminal(new PrintStream(written, true, StandardCharsets.UTF_8), columns, false));
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8);
    }

    /** What a window shows after all that was written: of a line, what follows its last rewrite. */
    private String screen() {
        StringBuilder screen = new StringBuilder();
        for (String line : text().split("\n")) {
            screen.append(line.substring(
                            line.lastIndexOf(REWRITE) < 0 ? 0 : line.lastIndexOf(REWRITE) + REWRITE.length()))
                    .append('\n');
        }
        return screen.toString();
    }
}
