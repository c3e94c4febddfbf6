package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cell that declares a variable anew and fails leaves the variable as it was. */
class RedeclarationTest {

    private static JavaSession session;

    @BeforeAll
    static void start() {
        session = JavaSession.start();
        RecordedOutputs.ok(session, "<T> T fails() { throw new IllegalStateException(\"no value\"); }");
    }

    @AfterAll
    static void stop() {
        session.close();
    }

    private static RecordedOutputs run(String source) {
        return RecordedOutputs.run(session, source);
    }

    private static String value(String source) {
        return RecordedOutputs.ok(session, source).result();
    }

    private static void failsWithoutLoss(String source, String error) {
        RecordedOutputs outputs = run(source);
        assertThat(outputs.error()).isEqualTo(error);
        assertThat(outputs.stream("stderr")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // a type, whose initializer fails
                "String v = \"old\";| String v = fails();| v| old",
                "List<String> v = List.of(\"old\");| List<String> v = fails();| v.get(0).length()| 3",
                "Map<String, int[]> v = Map.of(\"a\", new int[] {7});| Map<String, int[]> v = fails();| v.get(\"a\")[0]| 7",
                "var v = new ArrayList<>(List.of(1));| var v = new ArrayList<Integer>((Collection<Integer>) fails());| v.get(0) + 1| 2",
                "int v = 4;| int v = (Integer) fails();| v| 4",
                "double v = 0.5;| double v = (Double) fails();| v| 0.5",
                "int[] v = {4, 5};| int v[] = fails();| v[1]| 5",
                "final String v = \"old\";| final String v = fails();| v| old",
                "static String v = \"old\";| static String v = fails();| v| old",
                "String v = \"old\";| final String v = fails();| v| old",
                // another type, which the variable is not of afterwards
                "String v = \"old\";| int v = (Integer) fails();| v.length()| 3",
                "int v = 4;| String v = fails();| v + 1| 5",
                "int v = 4;| long v = (Long) fails();| Integer.valueOf(v).getClass()| class java.lang.Integer",
                "List<String> v = List.of(\"old\");| List<Integer> v = fails();| v.get(0).length()| 3",
                "var v = List.of(\"old\");| var v = Map.of(1, fails());| v.get(0).length()| 3"
            })
    void anInitializerThatFailsLeavesTheVariable(String first, String second, String use, String expected) {
        RecordedOutputs.ok(session, first);
        failsWithoutLoss(second, "IllegalStateException: no value");
        assertThat(value(use)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "String v = \"old\";| Strin v = \"new\";| v| old| cannot find symbol: class Strin",
                "String v = \"old\";| String v = 5;| v| old| incompatible types: int cannot be converted to String",
                "int v = 4;| int v = nowhere();| v| 4| cannot find symbol: method nowhere()",
                "var v = List.of(\"old\");| var v = List.off(\"new\");| v.get(0)| old| cannot find symbol: method off(String) in interface java.util.List"
            })
    void whatDoesNotCompileLeavesTheVariable(String first, String second, String use, String expected, String error) {
        RecordedOutputs.ok(session, first);
        failsWithoutLoss(second, "CompilationError: line 1: " + error);
        assertThat(value(use)).isEqualTo(expected);
    }

    @Test
    void aTypoInAMagicLeavesTheVariable() {
        RecordedOutputs.ok(session, "String listed = \"old\";");
        failsWithoutLoss(
                "String listed = %lsmagi",
                "UndefinedMagicException: There is no magic %lsmagi; did you mean %lsmagic?");
        assertThat(value("listed")).isEqualTo("old");
    }

    @Test
    void anExceptionLeavesTheVariable() {
        RecordedOutputs.ok(session, "var thrown = new StringBuilder(\"old\");");
        failsWithoutLoss("StringBuilder thrown = fails();", "IllegalStateException: no value");
        assertThat(value("thrown.append(\"er\")")).isEqualTo("older");
    }

    @Test
    void whatUsesTheVariableStillDoes() {
        RecordedOutputs.ok(session, "String used = \"old\";\nString twice() { return used + used; }");
        for (String cell :
                new String[] {"String used = fails();", "int used = (Integer) fails();", "Strin used = 5;"}) {
            assertThat(run(cell).error()).isNotNull();
            assertThat(value("twice()")).isEqualTo("oldold");
            RecordedOutputs.ok(session, "used = \"old\";");
        }
        RecordedOutputs.ok(session, "String used = \"new\";");
        assertThat(value("twice()")).isEqualTo("newnew");
    }

    @Test
    void anInterruptLeavesTheVariable() throws Exception {
        RecordedOutputs.ok(session, "String waited = \"old\"; int other = 7;");
        for (String cell : new String[] {
            "String waited = waits();", "Integer waited = waits().length();", "long other = waits().length();"
        }) {
            RecordedOutputs.ok(
                    session,
                    "volatile boolean began; String waits() throws Exception { began = true; Thread.sleep(60_000);"
                            + " return \"new\"; }");
            RecordedOutputs outputs = new RecordedOutputs();
            CompletableFuture<CellResult> running = CompletableFuture.supplyAsync(() -> session.execute(cell, outputs));
            while (!Boolean.TRUE.equals(session.kernel().evalRaw("began"))) {
                Thread.sleep(10);
            }
            session.interrupt();
            assertThat(running.get(20, TimeUnit.SECONDS).status()).isEqualTo(CellResult.Status.INTERRUPTED);
            assertThat(outputs.error()).isEqualTo("Interrupted: The cell was interrupted.");
            assertThat(outputs.stream("stderr")).isEmpty();
            assertThat(value("waited.concat(\"er\") + other")).isEqualTo("older7");
        }
    }

    @Test
    void theFirstOfTwoDeclarationsKeepsItsNewValue() {
        RecordedOutputs.ok(session, "String one = \"old\"; String two = \"old\";");
        failsWithoutLoss("String one = \"new\";\nString two = fails();", "IllegalStateException: no value");
        assertThat(value("one + two")).isEqualTo("newold");
        RecordedOutputs.ok(session, "int a = 1, b = 1;");
        failsWithoutLoss("int a = 2, b = (Integer) fails();", "IllegalStateException: no value");
        assertThat(value("a + \" \" + b")).isEqualTo("2 1");
    }

    @Test
    void theFirstOfTwoVariablesMayFail() {
        RecordedOutputs.ok(session, "int c = 1, d = 1;");
        failsWithoutLoss("int c = (Integer) fails(), d = 2;", "IllegalStateException: no value");
        assertThat(value("c")).isEqualTo("1");
    }

    @Test
    void aDeclarationWithoutAValueStillEmptiesTheVariable() {
        RecordedOutputs.ok(session, "int n = 5; String text = \"old\";");
        RecordedOutputs.ok(session, "int n; String text;");
        assertThat(value("n + text")).isEqualTo("0null");
    }

    @Test
    void aTypeWithoutANameCanNotBeGivenBack() {
        RecordedOutputs.ok(session, "var nameless = new Object() { int size = 5; };");
        RecordedOutputs outputs = run("String nameless = fails();");
        assertThat(outputs.error()).isEqualTo("IllegalStateException: no value");
        assertThat(outputs.stream("stderr").replaceAll("\u001B\\[[;\\d]*m", ""))
                .isEqualTo("warning: nameless has lost its value, since a declaration took its place that failed;"
                        + " declare it again.\n");
    }

    @Test
    void aValueLostWithItsTypeIsTold() {
        RecordedOutputs.ok(session, "record Pip(int x) {}\nPip pip = new Pip(1);");
        RecordedOutputs outputs = run("record Pip(int x, int y) {}\nPip pip = fails();");
        assertThat(outputs.error()).isEqualTo("IllegalStateException: no value");
        assertThat(outputs.stream("stderr").replaceAll("\u001B\\[[;\\d]*m", ""))
                .isEqualTo("warning: pip has lost its value, since its type was declared anew; declare it again.\n");
    }
}
