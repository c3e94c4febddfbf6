package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernel's own magics in a real session. */
class KernelMagicsTest {

    private static JavaSession session;

    @TempDir
    static Path folder;

    @BeforeAll
    static void start() {
        session = JavaSession.start();
    }

    @AfterAll
    static void stop() {
        session.close();
    }

    private static RecordedOutputs run(String source) {
        return RecordedOutputs.run(session, source);
    }

    private static RecordedOutputs ok(String source) {
        return RecordedOutputs.ok(session, source);
    }

    @Test
    void timeRunsAStatementAsIfItWereAlone() {
        RecordedOutputs cell = ok("%time int timed = 6 * 7\nint after = timed + 1;\nafter");
        assertThat(cell.stream("stdout")).matches("time: [\\d.]+ (ns|µs|ms|s).*\n");
        assertThat(cell.result()).isEqualTo("43");
        assertThat(ok("var list = %time List.of(1, 2);\nlist.get(1)").result()).isEqualTo("2");
        assertThat(ok("%time \"shown\"").result()).isEqualTo("shown");
        assertThat(ok("%time Thread.sleep(120);").stream("stdout")).matches("time: 1[2-9]\\d ms.*\n");
    }

    @Test
    void timeWorksInBlocksAndOverLines() {
        RecordedOutputs loop = ok("for (int i = 0; i < 2; i++) {\n    %time Thread.sleep(1);\n}");
        assertThat(loop.stream("stdout")).matches("(time: .*\n){2}");
        assertThat(ok("int squared(int n) {\n    int s = %time n * n;\n    return s;\n}\nsquared(3)")
                        .result())
                .isEqualTo("9");
        assertThat(ok("%time for (int i = 0; i < 2; i++) {\n    Thread.sleep(1);\n}").stream("stdout"))
                .matches("time: .*\n");
    }

    @Test
    void timeOfACellTellsErrorsWhereTheyAre() {
        RecordedOutputs cell = ok("%%time\nint inTimed = 5;\nThread.sleep(50);\ninTimed * 2");
        assertThat(cell.result()).isEqualTo("10");
        assertThat(cell.stream("stdout")).matches("time: [5-9]\\d\\.?\\d* ms.*\n");
        assertThat(ok("inTimed").result()).isEqualTo("5");
        assertThat(run("%%time\nint wrong = \"x\";").error())
                .isEqualTo("CompilationError: line 2: incompatible types: String cannot be converted to int");
        assertThat(run("%time").error())
                .isEqualTo("MagicException: %time needs a statement to time on its line, or %%time a cell below it.");
        assertThat(ok("%time --help").stream("stdout")).startsWith("Usage: %time STATEMENT");
    }

    @Test
    void timeitMeasuresExpressionsStatementsAndCells() {
        ok("int[] numbers = IntStream.range(0, 1000).toArray();");
        assertThat(ok("%timeit -w 0.05 -r 3 -n 20 Arrays.stream(numbers).sum()").stream("stdout"))
                .matches("[\\d.]+ (ns|µs|ms) ± [\\d.]+ (ns|µs|ms) per loop"
                        + " \\(mean ± std. dev. of 3 runs, 20 loops each, best [\\d.]+ (ns|µs|ms)\\)\n");
        assertThat(ok("%timeit -w 0 -r 2 -n 1 Thread.sleep(20);").stream("stdout"))
                .matches("2\\d\\.\\d ms ± .* per loop \\(mean ± std. dev. of 2 runs, 1 loop each, best 2\\d.*\n");
        RecordedOutputs cell = ok("%%timeit -w 0.05 -r 2\nint sum = 0;\nfor (int n : numbers) {\n    sum += n;\n}");
        assertThat(cell.stream("stdout")).contains("of 2 runs, ");
        assertThat(ok("var fast = %timeit -q -w 0.05 numbers.length\nfast.mean() < 1e-5 && fast.runs() == 7")
                        .result())
                .isEqualTo("true");
    }

    @Test
    void timeitTellsErrorsWhereTheyAre() {
        RecordedOutputs wrong = run("int fine = 1;\n%timeit -n 5 Math.max(fine, \"x\")");
        assertThat(wrong.error()).startsWith("CompilationError: line 2: ");
        assertThat(wrong.tracebackText()).contains("> 2 | %timeit -n 5 Math.max(fine, \"x\")");
        assertThat(run("%timeit Integer.parseInt(\"x\")").error())
                .isEqualTo("NumberFormatException: For input string: \"x\"");
        assertThat(run("%timeit -r 0 1").error())
                .isEqualTo("MagicException: %timeit: --runs is 0, but must be 1 or more.");
        assertThat(run("%timeit -n x 1").error())
                .isEqualTo("MagicException: %timeit: --loops is x, but must be a whole number.");
        assertThat(run("%timeit --lops 3 1").error())
                .isEqualTo("MagicException: %timeit has no option --lops; did you mean --loops?");
    }

    @Test
    void shellCommandsWriteIntoTheCell() {
        RecordedOutputs cell = ok("%sh echo out; echo err >&2");
        assertThat(cell.stream("stdout")).isEqualTo("out\n");
        assertThat(cell.stream("stderr")).isEqualTo("err\n");
        assertThat(ok("List<String> lines = %sh printf 'a\\nb\\n'\nlines").result())
                .isEqualTo("[a, b]");
        assertThat(ok("String who = \"pear\";\n%sh echo {who} {who.length()} ${HOME:+set} {1,2} '{who}'").stream(
                        "stdout"))
                .isEqualTo("pear 4 set {1,2} {who}\n");
        assertThat(ok("%%bash one two\nfor x in {1..3}; do\n  echo \"$x $1 $2\"\ndone").stream("stdout"))
                .isEqualTo("1 one two\n2 one two\n3 one two\n");
    }

    @Test
    void aFailingCommandIsAnError() {
        assertThat(run("%sh exit 3").error()).isEqualTo("ExitCodeException: sh ended with exit code 3.");
        RecordedOutputs failed = run("System.out.println(1);\n%sh false\nSystem.out.println(2);");
        assertThat(failed.stream("stdout")).isEqualTo("1\n");
        assertThat(failed.tracebackText()).endsWith("line 2\n> 2 | %sh false\nsh ended with exit code 1.");
    }

    @Test
    void aShellCommandIsInterrupted() throws Exception {
        RecordedOutputs outputs = new RecordedOutputs();
        CompletableFuture<CellResult> running = CompletableFuture.supplyAsync(
                () -> session.execute("%sh echo begun; sleep 61.25; echo never", outputs));
        while (outputs.stream("stdout").isEmpty()) {
            Thread.sleep(10);
        }
        long start = System.nanoTime();
        session.interrupt();
        assertThat(running.get(10, TimeUnit.SECONDS).status()).isEqualTo(CellResult.Status.INTERRUPTED);
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(2));
        assertThat(outputs.error()).isEqualTo("Interrupted: The cell was interrupted.");
        assertThat(ok("List<String> left = %sh ps ax -o args= | grep '[s]leep 61.25' || true\nleft.size()")
                        .result())
                .isEqualTo("0");
    }

    @Test
    void theEnvironmentIsSetForShellCommands() {
        ok("%env POMONA_TRIAL=a  b");
        assertThat(ok("%env POMONA_TRIAL").result()).isEqualTo("a b");
        assertThat(ok("%env POMONA_TRIAL=ripe\n%sh echo $POMONA_TRIAL").stream("stdout"))
                .isEqualTo("ripe\n");
        assertThat(ok("String trial = %env POMONA_TRIAL\ntrial").result()).isEqualTo("ripe");
        assertThat(run("%env POMONA_TRAIL").error())
                .isEqualTo("MagicException: There is no environment variable POMONA_TRAIL; did you mean POMONA_TRIAL?");
        ok("%env SOME_TOKEN hidden");
        assertThat(ok("%env").all.get(0).text())
                .containsPattern("(?m)^SOME_TOKEN +\\(not shown\\)$")
                .containsPattern("(?m)^POMONA_TRIAL +ripe$");
    }

    @Test
    void theFolderIsThatOfShellCommandsAndPaths() throws Exception {
        Path below = Files.createDirectories(folder.resolve("below"));
        Files.writeString(below.resolve("number.jsh"), "int fromScript = 17;\n/exit\n");
        assertThat(ok("%cd " + folder).stream("stdout")).isEqualTo(folder + "\n");
        assertThat(ok("%cd below\n%sh pwd").stream("stdout")).isEqualTo((below + "\n").repeat(2));
        assertThat(ok("%load number.jsh\nfromScript").result()).isEqualTo("17");
        assertThat(run("%cd nowhere").error())
                .isEqualTo("MagicException: %cd: there is no folder " + below.resolve("nowhere") + ".");
        ok("%cd ..");
    }

    @Test
    void filesAreLoaded() throws Exception {
        Path java = Files.writeString(
                folder.resolve("Basket.java"),
                "package fruit;\n\nimport java.util.zip.CRC32;\n\npublic class Basket {\n"
                        + "    public int size() {\n        return new CRC32().getValue() == 0 ? 3 : 1 / 0;\n    }\n"
                        + "    public int bad() {\n        return 1 / (size() - 3);\n    }\n}\n");
        assertThat(ok("%load " + java + "\nnew Basket().size()").result()).isEqualTo("3");
        RecordedOutputs failed = run("new Basket().bad()");
        assertThat(failed.tracebackText()).contains("Basket.java, line 10, in bad\n> 10 |         return 1");
        Path notebook = Path.of("src/test/resources/notebooks/failing.ipynb").toAbsolutePath();
        RecordedOutputs inNotebook = run("%load " + notebook);
        assertThat(inNotebook.error()).isEqualTo("ArithmeticException: / by zero");
        assertThat(inNotebook.tracebackText())
                .contains("failing.ipynb cell 2, line 2")
                .contains("> 1 | %load ");
        Path wrong = Files.writeString(folder.resolve("wrong.jsh"), "int a = 1;\nint b = \"two\";\n");
        assertThat(run("%load " + wrong).tracebackText()).startsWith("wrong.jsh, line 2\n> 2 | int b = \"two\";");
        assertThat(run("%load nothing.jsh").error()).endsWith("nothing.jsh.").contains("there is no file ");
    }

    @Test
    void whoListsVariablesWithShortValues() {
        ok("%reset");
        ok("var pears = new ArrayList<>(List.of(\"a\", \"b\")); int[] many = new int[50]; String nothing = null;"
                + " double share = 0.25; String html = \"<b>\";");
        var table = ok("%who").all.get(0);
        assertThat(table.kind()).isEqualTo("display");
        assertThat(table.text()).isEqualTo("""
                variable  type               value
                pears     ArrayList<String>  ["a", "b"]
                many      int[]              50 elements: [0, 0, 0, 0, 0, 0, …]
                nothing   String             null
                share     double             0.25
                html      String             "<b>\"""");
        assertThat(table.bundle().get("text/html").toString())
                .contains("&quot;&lt;b&gt;&quot;")
                .doesNotContain("<b>");
        assertThat(ok("%who ArrayList").all.get(0).text()).contains("pears").doesNotContain("many");
        assertThat(ok("%who Long").stream("stdout")).isEqualTo("There is no variable of type Long.\n");
    }

    @Test
    void resetForgetsWhatCellsDeclared() {
        ok("int gone = 1; String goneToo() { return \"x\"; } class GoneAsWell {}\nimport java.util.zip.*;");
        assertThat(ok("%reset\nint kept = 2;\nkept").result()).isEqualTo("2");
        assertThat(run("gone").error()).isEqualTo("CompilationError: line 1: cannot find symbol: variable gone");
        assertThat(run("goneToo()").error()).contains("cannot find symbol: method goneToo()");
        assertThat(run("new GoneAsWell()").error()).contains("cannot find symbol: class GoneAsWell");
        assertThat(run("new CRC32()").error()).contains("cannot find symbol: class CRC32");
        assertThat(ok("List.of(1)").result()).isEqualTo("[1]");
        assertThat(ok("%fruit pear 3").result()).contains("pear");
    }

    @Test
    void lsmagicTellsWhatTheyDo() {
        String text = ok("%lsmagic").all.get(0).text();
        assertThat(text)
                .containsPattern("(?m)^%maven +Adds libraries and what they depend on to the class path\\.$")
                .containsPattern("(?m)^%%bash +")
                .containsPattern("(?m)^%prune +Removes the weights that matter least\\.$")
                .containsPattern("(?m)^%fruit$");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%cd a b | %cd does not take b; %cd --help shows what it takes.",
                "%load | %load needs FILE: a file *.ipynb, *.jsh, *.jshell or *.java.",
                "%load x.txt | %load: {folder}x.txt is not a notebook, a .jsh script or a .java file.",
                "%reset --hard | %reset has no option --hard; there is --help.",
                "%sh | %sh needs a command, such as %sh ls -l.",
                "%%bash | %%bash needs commands below its line.",
                "%%pom | %%pom needs dependencies below its line, written as in a pom.xml.",
                "%maven a:b | %maven: a:b is no coordinate; write group:artifact:version, such as"
                        + " org.apache.commons:commons-lang3:3.17.0.",
                "%maven | %maven needs G:A:V: coordinates: group:artifact:version or"
                        + " group:artifact:extension:classifier:version.",
                "%jars none*.jar | %jars: no jar matches none*.jar in {folder}.",
                "%jars pom.xml | %jars: {folder}pom.xml is not a jar, or is damaged."
            })
    void mistakesAreOneSentence(String cell, String sentence) {
        ok("%cd " + Path.of("").toAbsolutePath());
        String here = Path.of("").toAbsolutePath().toString();
        String expected = sentence.endsWith("in {folder}.")
                ? sentence.replace("{folder}", here)
                : sentence.replace("{folder}", here + "/");
        assertThat(run(cell).error()).isEqualTo("MagicException: " + expected);
    }

    @Test
    void magicsAreFoundOnlyWhereStatementsStart() {
        assertThat(ok("int who = 7, load = 2;\nint rest = who\n  %load;\nrest").result())
                .isEqualTo("1");
        assertThat(ok("String text = \"\"\"\n%who\n\"\"\";\ntext").result()).isEqualTo("%who\n");
        assertThat(ok("// %sh exit 1\n/* \n%sh exit 1\n*/\n\"%sh exit 1\"").result())
                .isEqualTo("%sh exit 1");
    }
}
