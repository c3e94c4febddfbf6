package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.microsoft.playwright.Page;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart as a new user meets it: first with the launcher alone, then in JupyterLab; the same figures twice. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class QuickstartIT {

    private static final long TWO_GIGABYTES = 2L << 30;

    private Path home;
    private Path notebooks;
    private Path notebook;
    private String tableOfTheRun;

    @BeforeAll
    void copyNotebooks(@TempDir Path folder) throws Exception {
        Path source = Checkout.ROOT.resolve("notebooks");
        assumeTrue(Files.exists(source.resolve("quickstart.ipynb")), "there is no quickstart yet");
        home = folder;
        notebooks = Files.createDirectory(folder.resolve("notebooks"));
        notebook = Files.copy(source.resolve("quickstart.ipynb"), notebooks.resolve("quickstart.ipynb"));
        try (Stream<Path> data = Files.walk(source.resolve("data"))) {
            for (Path file : data.toList()) {
                Files.copy(file, notebooks.resolve(source.relativize(file)));
            }
        }
    }

    @Test
    @Order(1)
    void runsWithoutPythonInTwoGigabytes() throws Exception {
        Path out = home.resolve("out");
        Process run = Checkout.start(
                home,
                Map.of(),
                List.of(Checkout.ROOT.resolve("pomona").toString(), "run", "notebooks/quickstart.ipynb"),
                out,
                home.resolve("err"));
        long peak = 0;
        TreeSet<String> programs = new TreeSet<>();
        while (!run.waitFor(300, TimeUnit.MILLISECONDS)) {
            for (ProcessHandle process : run.descendants().toList()) {
                process.info()
                        .command()
                        .ifPresent(command ->
                                programs.add(Path.of(command).getFileName().toString()));
                peak = Math.max(peak, peakOf(process));
            }
        }
        String said = Checkout.read(out);
        System.out.println(said + "Peak resident memory: " + (peak >> 20) + " MB");
        assertThat(run.exitValue())
                .as(said + Checkout.read(home.resolve("err")))
                .isZero();
        assertThat(programs).noneMatch(program -> program.contains("python") || program.contains("jupyter"));
        assertThat(peak).isLessThan(TWO_GIGABYTES);
        assertThat(said).contains("\n  notebooks/quickstart.executed.ipynb\n  notebooks/quickstart.html\n");
        tableOfTheRun = lastTable(notebooks.resolve("quickstart.executed.ipynb"));
        assertThat(said.substring(said.lastIndexOf("✓ notebooks/quickstart.ipynb") - tableOfTheRun.length() - 2))
                .startsWith(tableOfTheRun);
        assertThat(Files.readString(notebooks.resolve("quickstart.html")))
                .contains("<table", "pomona-plot")
                .doesNotContain("src=\"http", "<link");
    }

    @Test
    @Order(2)
    void runsInJupyterLabWithTheSameFigures() throws Exception {
        String python = Checkout.python();
        Path chromium = Checkout.chromium();
        try (LabServer lab = new LabServer(LabServer.App.LAB, python, home, notebooks);
                LabBrowser browser = new LabBrowser(lab, chromium);
                Page page = browser.open(notebook)) {
            LabBrowser.runAll(page, 900);
            LabBrowser.assertNoError(page);
            LabBrowser.assertTableAndPlot(page);
            LabBrowser.screenshots(
                    page,
                    "quickstart",
                    page.locator(".jp-OutputArea-output .main-svg").last());
            LabBrowser.save(page);
        }
        assertThat(withoutTimes(lastTable(notebook))).isEqualTo(withoutTimes(tableOfTheRun));
    }

    /** The most memory a process has held so far, in bytes; 0 where the system does not tell. */
    private static long peakOf(ProcessHandle process) throws Exception {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (java.io.IOException | java.io.UncheckedIOException e) {
            return 0;
        }
    }

    /** The text of the last output that is a table. */
    private static String lastTable(Path file) throws Exception {
        String last = null;
        for (JsonElement cell :
                JsonParser.parseString(Files.readString(file)).getAsJsonObject().getAsJsonArray("cells")) {
            JsonArray outputs = cell.getAsJsonObject().getAsJsonArray("outputs");
            for (JsonElement output : outputs == null ? new JsonArray() : outputs) {
                JsonObject data = output.getAsJsonObject().getAsJsonObject("data");
                if (data != null
                        && data.has("text/html")
                        && data.get("text/html").toString().contains("<table")) {
                    last = text(data.get("text/plain"));
                }
            }
        }
        assertThat(last).as("a table in " + file).isNotNull();
        return last.stripTrailing();
    }

    private static String text(JsonElement lines) {
        if (!lines.isJsonArray()) {
            return lines.getAsString();
        }
        StringBuilder joined = new StringBuilder();
        lines.getAsJsonArray().forEach(line -> joined.append(line.getAsString()));
        return joined.toString();
    }

    /** A table's rows without the columns that measure time. */
    private static List<String> withoutTimes(String table) {
        List<String[]> rows = table.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("---"))
                .map(line -> line.strip().split(" {2,}"))
                .toList();
        int columns = rows.stream().mapToInt(row -> row.length).max().orElse(0);
        String[] header =
                rows.stream().filter(row -> row.length == columns).findFirst().orElseThrow();
        List<String> kept = new ArrayList<>();
        for (String[] row : rows) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                if (row.length < columns || !header[i].matches("(?i).*(latency|time|ms|µs).*")) {
                    text.append(row[i]).append(" | ");
                }
            }
            kept.add(text.toString());
        }
        return kept;
    }
}
