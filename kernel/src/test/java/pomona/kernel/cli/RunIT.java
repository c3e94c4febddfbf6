package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./pomona run} as a user types it, from another folder, with a space in the path and no Python. */
class RunIT {

    @TempDir
    Path temporary;

    private Path folder;

    @BeforeEach
    void folderWithASpace() throws Exception {
        folder = Files.createDirectory(temporary.resolve("my notebooks"));
    }

    @Test
    void runsEveryCellAndWritesBothFiles() throws Exception {
        Checkout.notebook("trial.ipynb", folder);
        Checkout.Ended run = Checkout.pomona(temporary, Map.of(), "run", "my notebooks/trial.ipynb");
        assertThat(run.err()).isEmpty();
        assertThat(withoutTimes(run.out())).isEqualTo("""
                  1/4  // How many lines to print  ✓ _
                  2/4  for (int i = 1; i <= lines; i++) {
                       hello 1 <&> 0.5
                       hello 2 <&> 0.5
                       hello 3 <&> 0.5
                ✓ 2/4  _
                  3/4  record Apple(String name, double grams) {}  ✓ _
                  4/4  apples.stream().mapToDouble(Apple::grams).sum()
                       330.5
                ✓ 4/4  _

                ✓ my notebooks/trial.ipynb: 4 cells in _
                  my notebooks/trial.executed.ipynb
                  my notebooks/trial.html
                """);
        assertThat(run.code()).isZero();
        JsonObject executed = json("trial.executed.ipynb");
        assertThat(executed.getAsJsonObject("metadata").has("authors")).isTrue();
        JsonArray cells = executed.getAsJsonArray("cells");
        assertThat(cells.get(5).getAsJsonObject().get("execution_count").getAsInt())
                .isEqualTo(4);
        assertThat(cells.get(5).toString()).contains("execute_result", "330.5");
        assertThat(Files.readString(folder.resolve("trial.html"))).contains("A trial notebook", "330.5");
    }

    @Test
    void setsParametersAndWritesWhereItIsTold() throws Exception {
        Checkout.notebook("trial.ipynb", folder);
        Checkout.Ended run = Checkout.pomona(
                folder,
                Map.of(),
                "run",
                "trial.ipynb",
                "--param",
                "lines=1",
                "-p",
                "greeting=say \"hi\"",
                "-p",
                "rate=2",
                "--output",
                "out.ipynb",
                "--html",
                "page.html");
        assertThat(run.out()).contains("say \"hi\" 1 <&> 2.0\n", "\n  out.ipynb\n  page.html\n");
        assertThat(run.code()).isZero();
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("trial.ipynb", "out.ipynb", "page.html");
        JsonObject injected = json("out.ipynb").getAsJsonArray("cells").get(2).getAsJsonObject();
        assertThat(injected.getAsJsonObject("metadata")
                        .getAsJsonArray("tags")
                        .get(0)
                        .getAsString())
                .isEqualTo("injected-parameters");
    }

    @Test
    void aFailingCellEndsTheRunAndKeepsWhatWasReached() throws Exception {
        Checkout.notebook("failing.ipynb", folder);
        Checkout.Ended run = Checkout.pomona(folder, Map.of(), "run", "failing.ipynb");
        assertThat(withoutTimes(run.out())).isEqualTo("""
                  1/3  int a = 41;  ✓ _
                  2/3  int b = a - 41;
                       ArithmeticException: / by zero
                       Cell In[2], line 2
                       > 2 | int c = a / b;
                ✗ 2/3  failed after _

                ✗ failing.ipynb: cell 2 failed: ArithmeticException: / by zero
                  failing.executed.ipynb
                  failing.html
                """);
        assertThat(run.code()).isEqualTo(1);
        JsonArray cells = json("failing.executed.ipynb").getAsJsonArray("cells");
        assertThat(cells.get(1).getAsJsonObject().get("execution_count").getAsInt())
                .isEqualTo(1);
        assertThat(cells.get(2).toString()).contains("\"output_type\":\"error\"", "ArithmeticException");
        assertThat(cells.get(3).getAsJsonObject().get("execution_count").isJsonNull())
                .isTrue();
        assertThat(Files.readString(folder.resolve("failing.html"))).contains("/ by zero");
    }

    @Test
    void aCellThatTakesTooLongIsStopped() throws Exception {
        Checkout.notebook("endless.ipynb", folder);
        Checkout.Ended run = Checkout.pomona(folder, Map.of(), "run", "endless.ipynb", "--timeout", "1.5");
        assertThat(run.out())
                .contains(
                        "endless.ipynb: cell 2 was stopped: the cell took longer than the 1.5 s that --timeout allows")
                .doesNotContain("never reached\n", "ignored its interrupt");
        assertThat(run.code()).isEqualTo(1);
        assertThat(json("endless.executed.ipynb").toString()).contains("TimeoutError", "before");
    }

    @Test
    void ctrlCKeepsWhatWasReached() throws Exception {
        Checkout.notebook("endless.ipynb", folder);
        Checkout.notebook("trial.ipynb", folder);
        Path out = temporary.resolve("out");
        Process run = Checkout.start(
                folder,
                Map.of(),
                List.of(
                        Checkout.ROOT.resolve("pomona").toString(),
                        "run",
                        "endless.ipynb",
                        "trial.ipynb",
                        "--junit",
                        "junit.xml"),
                out,
                temporary.resolve("err"));
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Checkout.read(out).contains("while (true)") && System.nanoTime() < patience) {
            Thread.sleep(50);
        }
        new ProcessBuilder("kill", "-INT", Long.toString(run.pid())).start().waitFor();
        assertThat(run.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(run.exitValue()).isEqualTo(130);
        assertThat(Checkout.read(out))
                .contains("✗ endless.ipynb: stopped at cell 2\n  endless.executed.ipynb")
                .endsWith("\n1 of 2 notebooks failed, 1 was not reached.\n");
        assertThat(Files.readString(folder.resolve("junit.xml")))
                .contains("<testsuite name=\"endless.ipynb\"", "type=\"Interrupted\"")
                .doesNotContain("trial");
        assertThat(json("endless.executed.ipynb").toString()).contains("before");
        assertThat(folder.resolve("endless.html")).exists();
    }

    @Test
    void runsSeveralNotebooksAndFailsIfOneDoes() throws Exception {
        Checkout.notebook("failing.ipynb", folder);
        Checkout.notebook("trial.ipynb", folder);
        Checkout.Ended run = Checkout.pomona(folder, Map.of(), "run", "failing.ipynb", "trial.ipynb");
        assertThat(run.out()).contains("✗ failing.ipynb: cell 2 failed", "✓ trial.ipynb: 4 cells in");
        assertThat(withoutTimes(run.out()).replaceAll(" +_", " _")).endsWith("""

                  notebook        cells          time  result
                ✗ failing.ipynb     2/3 _  cell 2 failed: ArithmeticException: / by zero
                ✓ trial.ipynb       4/4 _  passed

                1 of 2 notebooks failed.
                """);
        assertThat(run.code()).isEqualTo(1);
    }

    @Test
    void wrongCommandsGetOneSentence() throws Exception {
        Checkout.notebook("trial.ipynb", folder);
        assertRefused("pomona: There is no notebook none.ipynb.", "none.ipynb");
        assertRefused(
                "pomona: The notebook has no parameter epochs: it has greeting, lines, rate.",
                "trial.ipynb",
                "--param",
                "epochs=3");
        assertRefused(
                "pomona: --timeout is 0, but must be a number of seconds above 0.", "trial.ipynb", "--timeout", "0");
        assertRefused(
                "pomona: trial.ipynb is the notebook itself: give another file.",
                "trial.ipynb",
                "--output",
                "trial.ipynb");
        assertRefused("pomona: There is no option --htm of run; did you mean --html?", "trial.ipynb", "--htm", "x");
        assertThat(folder.toFile().list()).containsExactly("trial.ipynb");
    }

    private void assertRefused(String sentence, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "run";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Checkout.Ended run = Checkout.pomona(folder, Map.of(), command);
        assertThat(run.err().lines().findFirst()).hasValue(sentence);
        assertThat(run.out()).isEmpty();
        assertThat(run.code()).isEqualTo(2);
    }

    private JsonObject json(String name) throws Exception {
        return JsonParser.parseString(Files.readString(folder.resolve(name))).getAsJsonObject();
    }

    private static String withoutTimes(String out) {
        return out.replaceAll("\\d+\\.\\d s", "_").replaceAll("\\d+ min \\d+ s", "_");
    }
}
