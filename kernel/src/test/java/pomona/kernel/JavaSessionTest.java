package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class JavaSessionTest {

    private static final Pattern PREVIEW = Pattern.compile("\\.(\\w+) is a preview API");
    private static final Pattern STAR_IMPORT = Pattern.compile("import ((?!java\\.lang)[\\w.]+)\\.\\*;");

    private static JavaSession session;

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
    void lastExpressionIsTheResult() {
        assertThat(ok("int a = 20;\nint b = a + 1;\n2 * b").result()).isEqualTo("42");
        assertThat(ok("\"text\"").result()).isEqualTo("text");
        assertThat(ok("new int[][] {{1, 2}, {3}}").result()).isEqualTo("[[1, 2], [3]]");
    }

    @Test
    void aSemicolonHidesTheValue() {
        assertThat(ok("new ArrayList<>(List.of(1)).add(2);").all).isEmpty();
        assertThat(ok("new ArrayList<>(List.of(1)).add(2) // shown").result()).isEqualTo("true");
        assertThat(ok("int shown = 3;").all).isEmpty();
        assertThat(ok("int seen = 3; seen;").result()).isEqualTo("3");
    }

    @Test
    void nullAndNothingShowNothing() {
        assertThat(ok("(String) null").all).isEmpty();
        assertThat(ok("").all).isEmpty();
        assertThat(ok("// only a comment\n/* and another */").all).isEmpty();
    }

    @Test
    void aRegisteredRendererGivesHtmlBesideText() {
        var bundle = ok("new Fruit(\"pear\", 2)").all.get(0).bundle();
        assertThat(bundle)
                .containsEntry("text/html", "<b>pear</b>")
                .containsEntry("text/plain", "Fruit[name=pear, weight=2]");
    }

    @Test
    void displayAndUpdateShareAnId() {
        RecordedOutputs outputs =
                ok("System.out.print(\"before\"); var id = display(\"one\"); updateDisplay(id, \"two\");");
        assertThat(outputs.all).extracting("kind").containsExactly("stream", "display", "update");
        assertThat(outputs.all.get(1).name()).isEqualTo(outputs.all.get(2).name());
        assertThat(outputs.all.get(2).text()).isEqualTo("two");
    }

    @Test
    void streamsKeepTheirOrder() {
        RecordedOutputs outputs = ok("System.out.print(\"a\"); System.err.print(\"b\"); System.out.println(\"c\");");
        assertThat(outputs.all).extracting("text").containsExactly("a", "b", "c\n");
        assertThat(outputs.all).extracting("name").containsExactly("stdout", "stderr", "stdout");
    }

    @Test
    void outputArrivesWhileTheCellRuns() throws Exception {
        RecordedOutputs outputs = new RecordedOutputs();
        Thread running = new Thread(() -> session.execute(
                "System.out.print(\"half\"); Thread.sleep(1500); System.out.print(\" rest\");", outputs));
        running.start();
        String soon = "";
        while (running.isAlive() && soon.isEmpty()) {
            Thread.sleep(10);
            soon = outputs.stream("stdout");
        }
        running.join();
        assertThat(soon).isEqualTo("half");
        assertThat(outputs.stream("stdout")).isEqualTo("half rest");
    }

    @Test
    void aLateThreadPrintsIntoItsOwnCell() throws Exception {
        RecordedOutputs first = ok("new Thread(() -> { try { Thread.sleep(300); } catch (InterruptedException e) { }"
                + " System.out.println(\"late\"); }).start();");
        RecordedOutputs second = ok("Thread.sleep(600); System.out.println(\"second\");");
        assertThat(first.stream("stdout")).isEqualTo("late\n");
        assertThat(second.stream("stdout")).isEqualTo("second\n");
    }

    @Test
    void theCommonPoolPrintsIntoTheRunningCell() {
        String parallel = "IntStream.range(0, 64).parallel().forEach(i -> { try { Thread.sleep(5); }"
                + " catch (InterruptedException e) { } System.out.println(\"n\"); });";
        assertThat(ok(parallel).stream("stdout")).hasSize(128);
        assertThat(ok(parallel).stream("stdout")).hasSize(128);
    }

    @Test
    void tenMegabytesArriveWholeInFewPieces() {
        RecordedOutputs outputs = ok("for (int i = 0; i < 100_000; i++) System.out.println(\"ä\".repeat(49) + \"€\");");
        assertThat(outputs.stream("stdout")).isEqualTo(("ä".repeat(49) + "€\n").repeat(100_000));
        assertThat(outputs.all).hasSizeLessThan(2_000);
    }

    @Test
    void nestedEvaluationFindsVariables() {
        assertThat(ok("var basket = List.of(1, 2); eval(\"basket\") == basket").result())
                .isEqualTo("true");
        assertThat(ok("int n = 4; eval(\"n * 10\")").result()).isEqualTo("40");
        assertThat(ok("eval(\"int inner = 5;\"); inner").error()).isNull();
    }

    @Test
    void nestedEvaluationTellsWhatIsUnknown() {
        RecordedOutputs outputs = run("eval(\"nowhere\")");
        assertThat(outputs.error()).isEqualTo("CellFailureException: There is no variable nowhere in this session.");
    }

    @Test
    void declarationsMayBeMadeAgain() {
        ok("int twice(int x) { return 2 * x; }\nint four() { return twice(2); }");
        ok("int twice(int x) { return 20 * x; }");
        assertThat(ok("four()").result()).isEqualTo("40");
        ok("record Point(int x) {}\nvar p = new Point(1);");
        ok("record Point(int x, int y) {}");
        assertThat(ok("new Point(1, 2)").result()).isEqualTo("Point[x=1, y=2]");
        ok("class Box { int size() { return 1; } }");
        ok("class Box { int size() { return 7; } }");
        assertThat(ok("new Box().size()").result()).isEqualTo("7");
    }

    @Test
    void whatOthersUseMayBeMadeAgain() {
        ok("record Place(int x) {}\nint far(Place p) { return p.x(); }\nclass Map2 { Place home = new Place(3); }");
        ok("enum Kind { A }\ninterface Shape2 { int sides(); }\nclass Square2 implements Shape2 {"
                + " public int sides() { return 4; } Kind kind() { return Kind.A; } }");
        ok("record Place(int x, int y) {}");
        ok("class Map2 { Place home = new Place(3, 4); }\nint far(Place p) { return p.x() + p.y(); }");
        assertThat(ok("far(new Map2().home)").result()).isEqualTo("7");
        ok("enum Kind { A, B }\ninterface Shape2 { int sides(); default String named() { return \"s\" + sides(); } }");
        assertThat(ok("new Square2().named() + new Square2().kind() + Kind.B").result())
                .isEqualTo("s4AB");
        ok("int base() { return 1; }\nint next() { return base() + 1; }\nvar list = new ArrayList<Integer>();");
        ok("int base() { return 10; }\nlist.add(next());");
        assertThat(ok("list").result()).isEqualTo("[11]");
        ok("long base() { return 100; }\nlong next() { return base() + 1; }");
        assertThat(ok("next()").result()).isEqualTo("101");
    }

    @Test
    void noImportedNameIsAmbiguous() {
        // The workbench is imported when something of it is mentioned.
        ok("Network none = null;");
        // One array with the class of each type that the default imports bring: javac itself is asked.
        RecordedOutputs cell = ok("""
                var elements = ((com.sun.source.util.JavacTask) javax.tools.ToolProvider.getSystemJavaCompiler().getTask(
                        null, null, null, List.of("-proc:none", "-classpath", System.getProperty("java.class.path")),
                        List.of("java.lang.Object"), null)).getElements();
                TreeSet<String> publicTypes(String name) {
                    var found = new TreeSet<String>();
                    var home = elements.getPackageElement(name);
                    if (home != null) {
                        for (var type : home.getEnclosedElements()) {
                            if (type.getModifiers().contains(javax.lang.model.element.Modifier.PUBLIC)) {
                                found.add(type.getSimpleName().toString());
                            }
                        }
                    }
                    return found;
                }
                var names = new TreeSet<String>();
                for (String name : $PACKAGES) {
                    names.addAll(publicTypes(name));
                }
                names.removeAll(publicTypes("java.text")); // the sample extension imports it besides
                names.size()""".replace("$PACKAGES", packages()));
        assertThat(Integer.parseInt(cell.result())).isGreaterThan(700);
        String error = useEveryName();
        // What is a preview in this JDK may be named by cells only when previews are enabled.
        for (Matcher found = PREVIEW.matcher(error); found.find(); found = PREVIEW.matcher(error)) {
            ok("names.remove(\"" + found.group(1) + "\");");
            error = useEveryName();
        }
        assertThat(error).isEmpty();
        assertThat(ok("everyType.length == names.size()").result()).isEqualTo("true");
    }

    private static String useEveryName() {
        RecordedOutputs cell =
                run("var all = new StringBuilder(); for (String name : names) all.append(name + \".class, \");"
                        + " eval(\"Object[] everyType = {\" + all + \"};\");");
        return cell.error() == null ? "" : cell.error();
    }

    /** The packages that the session's own imports name, as an array in Java. */
    private static String packages() {
        String found = session.evaluator()
                .shell()
                .imports()
                .flatMap(snippet -> STAR_IMPORT.matcher(snippet.source()).results())
                .map(star -> '"' + star.group(1) + '"')
                .distinct()
                .collect(Collectors.joining(", "));
        assertThat(found).contains("java.time", "ai.djl.ndarray", "tech.tablesaw.api", "pomona.pass");
        return "new String[] {" + found + "}";
    }

    @Test
    void variablesOutliveErrors() {
        ok("int kept = 11;");
        run("kept = 12; int[] none = {}; none[3] = 1;");
        assertThat(ok("kept").result()).isEqualTo("12");
    }

    @Test
    void countsGoUpByOne() {
        int first = session.execute("1", new RecordedOutputs()).executionCount();
        assertThat(session.execute("1", new RecordedOutputs()).executionCount()).isEqualTo(first + 1);
    }

    @Test
    void mutualReferencesWithinACellAreFine() {
        RecordedOutputs outputs = ok("int even(int n) { return n == 0 ? 1 : odd(n - 1); }\n"
                + "int odd(int n) { return n == 0 ? 0 : even(n - 1); }\neven(10)");
        assertThat(outputs.result()).isEqualTo("1");
        assertThat(outputs.stream("stderr")).isEmpty();
    }

    @Test
    void importsAreMadeTogetherAndStayReplaceable() {
        ok("eval(\"import java.util.zip.*; import java.util.jar.*; import java.awt.event.*;\")");
        assertThat(ok("new CRC32().getValue()").result()).isEqualTo("0");
        ok("import java.util.zip.*;");
        assertThat(ok("new JarFile[0].length").result()).isEqualTo("0");
    }

    @Test
    void aWrongImportAmongOthersIsTold() {
        assertThat(run("eval(\"import java.text.*; import nowhere.at.all.*; import java.util.logging.*;\")")
                        .error())
                .isEqualTo("CellFailureException: package nowhere.at.all does not exist");
        assertThat(ok("Level.INFO").result()).isEqualTo("INFO");
    }
}
