package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CellErrorsTest {

    private static JavaSession session;

    @BeforeAll
    static void start() {
        session = JavaSession.start();
    }

    @AfterAll
    static void stop() {
        session.close();
    }

    private int number;

    private RecordedOutputs run(String source) {
        RecordedOutputs outputs = new RecordedOutputs();
        number = session.execute(source, outputs).executionCount();
        return outputs;
    }

    private String expected(String text) {
        return text.replace("In[#]", "In[" + number + "]").stripTrailing();
    }

    @Test
    void aCompileErrorShowsItsLineWithACaret() {
        RecordedOutputs outputs = run("int a = 1;\nint b = \"two\" ;\nint c = 3;");
        assertThat(outputs.error())
                .isEqualTo("CompilationError: line 2: incompatible types: String cannot be converted to int");
        assertThat(outputs.tracebackText()).isEqualTo(expected("""
                                Cell In[#], line 2
                                > 2 | int b = "two" ;
                                    |         ^^^^^
                                error: incompatible types: String cannot be converted to int
                                """));
    }

    @Test
    void exitEndsItsCellAndNotTheSession() {
        run("int before = 7;");
        RecordedOutputs outputs = run("System.out.println(before);\nSystem.exit(3);");
        assertThat(outputs.stream("stdout")).isEqualTo("7\n");
        assertThat(outputs.error())
                .isEqualTo("UnsupportedOperationException: System.exit(3) would end the whole session, so it only ends"
                        + " its cell; restart or shut down the kernel for more.");
        assertThat(run("before").result()).isEqualTo("7");
    }

    @Test
    void aTypeDeclaredAnewTakesTheValuesOfItsVariablesAndSaysSo() {
        run("class Pear { int v; }\nPear one = new Pear();\nvar two = new Pear();\nint other = 5;");
        String warnings = run("class Pear { int v, w; }").stream("stderr").replaceAll("\u001B\\[[;\\d]*m", "");
        assertThat(warnings)
                .contains("warning: one has lost its value, since its type was declared anew; assign it again.")
                .contains("warning: two has lost its value, since its type was declared anew;")
                .doesNotContain("other");
        assertThat(run("int twice(int x) { return 2 * x; }\nint four = twice(2);").stream("stderr"))
                .isEmpty();
        assertThat(run("int twice(int x) { return x + x; }").stream("stderr")).isEmpty();
    }

    @Test
    void aCellThatDeclaresTypeAndVariablesAndRunsAgainLosesNothing() {
        run("int count = 1;\nvar text = \"a\";");
        assertThat(run("int count = 2;\nvar text = \"b\";").stream("stderr")).isEmpty();
        assertThat(run("long count = 3;\nvar text = 4;").stream("stderr")).isEmpty();
        run("class Plum { int v; }\nPlum kept = new Plum();\nvar other = new Plum();");
        assertThat(run("class Plum { int v; }\nPlum kept = new Plum();\nvar other = new Plum();").stream("stderr"))
                .isEmpty();
        assertThat(run("class Plum { int w; }\nkept = new Plum();").stream("stderr"))
                .contains("other has lost its value")
                .doesNotContain("kept");
    }

    @Test
    void allErrorsOfACellAreShown() {
        RecordedOutputs outputs =
                run("int p = \"one\";\nSystem.out.println(p);\nString q = 2;\nint r = unknownName;\nfoo();");
        assertThat(outputs.tracebackText()).isEqualTo(expected("""
                                Cell In[#], line 1
                                > 1 | int p = "one";
                                    |         ^^^^^
                                error: incompatible types: String cannot be converted to int
                                Cell In[#], line 3
                                > 3 | String q = 2;
                                    |            ^
                                error: incompatible types: int cannot be converted to String
                                Cell In[#], line 4
                                > 4 | int r = unknownName;
                                    |         ^^^^^^^^^^^
                                error: cannot find symbol: variable unknownName
                                Cell In[#], line 5
                                > 5 | foo();
                                    | ^^^
                                error: cannot find symbol: method foo()
                                """));
    }

    @Test
    void errorsOfTheWrappingAreNotShown() {
        assertThat(run("while (false) {}").error()).isEqualTo("CompilationError: line 1: unreachable statement");
    }

    @Test
    void allErrorsOfAClassAreShown() {
        RecordedOutputs outputs = run("class Wrong {\n  int x = \"a\";\n  String s = 1;\n}");
        assertThat(outputs.tracebackText()).contains("line 2").contains("line 3");
    }

    @Test
    void aSyntaxErrorStopsTheCellBeforeItRuns() {
        RecordedOutputs outputs = run("System.out.println(\"ran\");\nint x = = 3;");
        assertThat(outputs.stream("stdout")).isEmpty();
        assertThat(outputs.error()).isEqualTo("CompilationError: line 2: illegal start of expression");
        assertThat(outputs.tracebackText()).isEqualTo(expected("""
                                Cell In[#], line 2
                                > 2 | int x = = 3;
                                    |         ^
                                error: illegal start of expression
                                """));
    }

    @Test
    void aMissingSemicolonIsShownWhereItIsMissing() {
        RecordedOutputs outputs = run("int first = 1\nint second = 2;");
        assertThat(outputs.error()).isEqualTo("CompilationError: line 1: ';' expected");
    }

    @Test
    void anUnclosedBraceIsToldToo() {
        RecordedOutputs outputs = run("for (int i = 0; i < 3; i++) {\n  System.out.println(i);");
        assertThat(outputs.error()).isEqualTo("CompilationError: line 2: reached end of file while parsing");
    }

    @Test
    void aRuntimeErrorShowsTheUsersFramesOnly() {
        RecordedOutputs outputs = run("""
                int divide(int a, int b) {
                    return a / b;
                }
                int start = 1;
                Stream.of(0).map(z -> divide(start, z)).toList()""");
        assertThat(outputs.error()).isEqualTo("ArithmeticException: / by zero");
        assertThat(outputs.tracebackText()).isEqualTo(expected("""
                                ArithmeticException: / by zero
                                Cell In[#], line 2, in divide
                                > 2 |     return a / b;
                                Cell In[#], line 5
                                > 5 | Stream.of(0).map(z -> divide(start, z)).toList()
                                """));
    }

    @Test
    void framesNameTheCellThatDeclaredTheMethod() {
        run("void fail() {\n  throw new IllegalStateException(\"no\");\n}");
        int declared = number;
        RecordedOutputs outputs = run("\nfail();");
        assertThat(outputs.tracebackText())
                .contains("Cell In[" + declared + "], line 2, in fail")
                .contains("Cell In[" + number + "], line 2\n> 2 | fail();");
    }

    @Test
    void causesAndOwnExceptionsAreNamed() {
        RecordedOutputs outputs = run("""
                class Sour extends RuntimeException { Sour(String m, Throwable c) { super(m, c); } }
                try {
                    Integer.parseInt("x");
                } catch (NumberFormatException e) {
                    throw new Sour("lemon", e);
                }""");
        assertThat(outputs.error()).isEqualTo("Sour: lemon");
        assertThat(outputs.tracebackText()).isEqualTo(expected("""
                                Sour: lemon
                                Cell In[#], line 5
                                > 5 |     throw new Sour("lemon", e);
                                Caused by: NumberFormatException: For input string: "x"
                                Cell In[#], line 3
                                > 3 |     Integer.parseInt("x");
                                """));
    }

    @Test
    void endlessRecursionIsShort() {
        RecordedOutputs outputs = run("int deep(int n) {\n  return deep(n + 1) + 1;\n}\ndeep(0)");
        assertThat(outputs.error()).isEqualTo("StackOverflowError: ");
        assertThat(outputs.traceback).hasSizeLessThan(12);
        assertThat(outputs.tracebackText()).contains("line 2, in deep").contains("more calls from the same line");
    }

    @Test
    void aFailingCellStopsThere() {
        RecordedOutputs outputs = run("System.out.println(1);\nint bad = 1 / 0;\nSystem.out.println(2);");
        assertThat(outputs.stream("stdout")).isEqualTo("1\n");
        assertThat(outputs.error()).isEqualTo("ArithmeticException: / by zero");
    }

    @Test
    void aMagicsUserMistakeIsOneSentence() {
        RecordedOutputs outputs = run("int a = 1;\nvar f = %fruit pear -1");
        assertThat(outputs.error())
                .isEqualTo("IllegalArgumentException: The weight -1 is out of range: give 0 or more.");
        assertThat(outputs.tracebackText()).isEqualTo(expected("""
                                Cell In[#], line 2
                                > 2 | var f = %fruit pear -1
                                The weight -1 is out of range: give 0 or more.
                                """));
    }

    @Test
    void anUnknownMagicIsOneSentence() {
        RecordedOutputs outputs = run("%friut pear");
        assertThat(outputs.error())
                .isEqualTo("UndefinedMagicException: There is no magic %friut; did you mean %fruit?");
    }

    @Test
    void aBrokenMagicKeepsItsClass() {
        RecordedOutputs outputs = run("%broken");
        assertThat(outputs.error()).isEqualTo("IllegalStateException: out of order");
        assertThat(outputs.tracebackText())
                .isEqualTo(expected("IllegalStateException: out of order\nCell In[#], line 1\n> 1 | %broken"));
    }

    @Test
    void magicsGiveTypedValues() {
        assertThat(run("var typed = %fruit plum 3\ntyped.weight() + 1").result())
                .isEqualTo("4");
        assertThat(run("%fruit plum 3").all.get(0).bundle()).containsEntry("text/html", "<b>plum</b>");
        assertThat(run("var o = List.of(1);\n%value {o}").result()).isEqualTo("[1]");
        assertThat(run("int n = 5;\n%echo a --n={n + 1} \"b c\"").result()).isEqualTo("a|--n=6|b c");
        assertThat(run("%%join x\nbody").result()).isEqualTo("[x]|body");
    }

    @Test
    void anUnresolvedMethodIsAWarningAndThenAnError() {
        RecordedOutputs outputs = run("int half() {\n  return whole() / 2;\n}");
        assertThat(outputs.error()).isNull();
        assertThat(outputs.stream("stderr")).contains("half() can not be used until method whole() is declared.");
        assertThat(run("half()").error())
                .isEqualTo("UnresolvedReference: half() can not be used until method whole() is declared.");
    }

    @Test
    void aFailingToStringIsTheUsersError() {
        RecordedOutputs outputs =
                run("new Object() { public String toString() { throw new IllegalStateException(\"mute\"); } }");
        assertThat(outputs.error()).isEqualTo("IllegalStateException: mute");
    }

    @Test
    void aClassThatCanNotBeInitializedIsAnError() {
        RecordedOutputs outputs = run("class Never { static int x = 1 / Integer.parseInt(\"0\"); }\nnew Never();");
        assertThat(outputs.error()).startsWith("ExceptionInInitializerError");
    }

    @Test
    void aMissingImportIsProposed() {
        RecordedOutputs outputs = run("int a = 1;\nCRC32 sum = new CRC32();");
        assertThat(outputs.tracebackText()).isEqualTo(expected("""
                                Cell In[#], line 2
                                > 2 | CRC32 sum = new CRC32();
                                    | ^^^^^
                                error: cannot find symbol: class CRC32
                                Did you mean: import java.util.zip.CRC32;
                                          or: import org.tukaani.xz.check.CRC32;
                                Cell In[#], line 2
                                > 2 | CRC32 sum = new CRC32();
                                    |                 ^^^^^
                                error: cannot find symbol: class CRC32
                                """));
        assertThat(run("Logger log = null;").tracebackText())
                .contains("Did you mean: import java.util.logging.Logger;\n          or: import ");
        assertThat(run("Collectorz.toList()").tracebackText()).doesNotContain("Did you mean");
        assertThat(run("ZipFile open(String name) { return new ZipFile(name); }").stream("stderr"))
                .contains("Did you mean: import java.util.zip.ZipFile;");
    }
}
