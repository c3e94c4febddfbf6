package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.kernel.CodeAssistant.Completion;
import pomona.kernel.CodeAssistant.Item;

/** What an editor asks of a real session; a bar marks the cursor. */
class CodeAssistantTest {

    private static JavaSession session;

    @TempDir
    static Path folder;

    @BeforeAll
    static void start() throws Exception {
        session = JavaSession.start();
        RecordedOutputs.ok(session, """
                String lengthy = "abc";
                int lengthier = 3;
                int doubled(int number, List<String> names) { return 2 * number; }
                record Pear(String name, double weight) {}
                Network lentil = Network.builder("l").input("x", 1).node("Relu", List.of("x"), "y").output("y", 1).build();
                """);
        Files.createDirectories(folder.resolve("data/inner"));
        Files.writeString(folder.resolve("data/digits.onnx"), "");
        Files.writeString(folder.resolve("data/.hidden"), "");
        RecordedOutputs.ok(session, "%cd " + folder);
    }

    @AfterAll
    static void stop() {
        session.close();
    }

    private static Completion complete(String marked) {
        int cursor = marked.indexOf('|');
        return session.assistant().complete(marked.replace("|", ""), cursor);
    }

    private static List<String> texts(String marked) {
        return complete(marked).items().stream().map(Item::text).toList();
    }

    private static Item item(String marked, String text) {
        return complete(marked).items().stream()
                .filter(each -> each.text().equals(text))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, Object> inspect(String marked, int detail) {
        int cursor = marked.indexOf('|');
        return session.assistant().inspect(marked.replace("|", ""), cursor, detail);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '~',
            value = {
                "lengthy.toUpp|# toUpperCase(# function# String toUpperCase()\\nString toUpperCase(Locale)",
                "Math.ab|# abs(# function# double abs(double)\\nfloat abs(float)\\nint abs(int)\\nlong abs(long)",
                "lengthi|# lengthier# instance# int lengthier",
                "doub|# doubled(# function# int doubled(int,List<String>)",
                "Integer.MAX_|# MAX_VALUE# instance# int MAX_VALUE",
                "new ArrayL|# ArrayList(# function# ~~",
                "Stream.of(1).ma|# map(# function# Stream<R> map(Function<? super T, ? extends R>)",
                "new int[3].len|# length# instance# int length",
                "retur|# return# keyword# ~~",
                "int local = 5;\\nMath.max(loca|# local# instance# int local"
            })
    void javaIsCompletedWithWhatItIs(String code, String text, String type, String signature) {
        Item item = item(code.replace("\\n", "\n"), text);
        assertThat(item.type()).isEqualTo(type);
        assertThat(item.signature()).isEqualTo(signature.replace("\\n", "\n"));
    }

    @Test
    void packagesAreCompletedOnceTheyAreIndexed() throws Exception {
        for (int i = 0; i < 100 && texts("java.uti|").isEmpty(); i++) {
            Thread.sleep(50);
        }
        assertThat(complete("java.uti|").items()).containsExactly(new Item("util.", "module", "", ""));
    }

    @Test
    void rangesAreRightInTheMiddleAndInLaterLines() {
        assertThat(complete("int a = 1;\nMath.ma| + lengthy.length();"))
                .extracting(Completion::start, Completion::end)
                .containsExactly(16, 18);
        assertThat(complete("String s = \"😀\"; s.toUpp|"))
                .extracting(Completion::start, Completion::end)
                .containsExactly(19, 24);
        assertThat(complete("%prune lentil --sco| --name x"))
                .extracting(Completion::start, Completion::end)
                .containsExactly(14, 19);
        assertThat(complete("int local = 5;\nfor (int i = 0; i < loca|; i++) {}")
                        .items())
                .extracting(Item::text)
                .contains("local");
    }

    @Test
    void magicsAreCompleted() {
        assertThat(texts("%pru|")).containsExactly("prune");
        assertThat(item("var x = %tim|", "timeit").documentation()).startsWith("Measures how long Java takes");
        assertThat(texts("int a;\n%%ti|")).isEmpty();
        assertThat(texts("%%ti|")).containsExactly("time", "timeit");
        assertThat(texts("%|")).contains("maven", "prune", "who");
        assertThat(texts("String s = \"; %pru|")).isEmpty();
        assertThat(texts("int m = 7 %len|")).contains("lengthy");
        assertThat(texts("int m = 7 %pru|")).isEmpty();
    }

    @Test
    void optionsAndTheirValuesAreCompleted() {
        assertThat(texts("%prune lentil --s|")).containsExactly("--sparsity", "--scope");
        Item scope = item("%prune lentil --sco|", "--scope");
        assertThat(scope.signature()).startsWith("--scope global|layer");
        assertThat(scope.documentation()).isNotEmpty();
        assertThat(texts("%prune lentil --scope |")).contains("global");
        assertThat(texts("%prune lentil --scope=gl|")).containsExactly("global");
        assertThat(complete("%prune lentil --scope=gl|").start()).isEqualTo(22);
        assertThat(texts("%prune lentil --method |")).contains("magnitude", "threshold");
        assertThat(texts("%prune lentil --method threshold --|")).doesNotContain("--sparsity", "--method");
        assertThat(texts("%timeit --w|")).containsExactly("--warmup");
        assertThat(texts("%maven --of|")).containsExactly("--offline");
        assertThat(texts("%prune lentil --sparsity |")).isEmpty();
    }

    @Test
    void variablesAreCompletedTheFittingOnesFirst() {
        assertThat(texts("%prune |")).startsWith("lentil").contains("lengthy");
        assertThat(item("%prune len|", "lentil").signature()).isEqualTo("Network");
        assertThat(texts("%evaluate lentil --data leng|")).containsExactly("lengthier", "lengthy");
        assertThat(texts("%prune {lengthy.toUpp|")).containsExactly("toUpperCase(");
        assertThat(texts("%timeit -n 5 Math.ma|")).containsExactly("max(");
        assertThat(texts("%time lengthy.toUpp|")).containsExactly("toUpperCase(");
        assertThat(texts("%%time\nint a = 1;\nlengthy.toUpp|")).containsExactly("toUpperCase(");
    }

    @Test
    void pathsOfFilesAreCompleted() {
        assertThat(texts("%load |")).containsExactly("data/");
        assertThat(texts("%load data/|")).containsExactly("data/digits.onnx", "data/inner/");
        assertThat(texts("%load data/.|")).containsExactly("data/.hidden");
        assertThat(texts("%export lentil data/di|")).containsExactly("data/digits.onnx");
        assertThat(texts("%sh cat data/d|")).containsExactly("data/digits.onnx");
        assertThat(texts("Path.of(\"" + folder + "/dat|")).containsExactly(folder + "/data/");
        assertThat(complete("Path.of(\"" + folder + "/dat|").start()).isEqualTo(9);
        assertThat(texts("%%bash\ncat dat|")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "leng|thy; String lengthy; value: ~abc~",
                "lengthy|; String lengthy; value: ~abc~",
                "lengthy.sub|string(1); String String.substring(int; ",
                "doub|led(1, null); int doubled(int number, java.util.List<String> names); ",
                "Pea|r; Pear; ",
                "%pru|ne lentil; pomona.graph.Network %prune; Usage: %prune",
                "%prune lentil --spa|rsity 0.9; --sparsity NUMBER; share",
                "%prune len|til; Network lentil; value: ",
                "%%ba|sh; %%bash; Usage: %%bash",
                "%maven|; %maven; Usage: %maven",
            })
    void everythingCanBeInspected(String code, String start, String more) {
        Map<String, Object> found = inspect(code, 0);
        assertThat(found).containsOnlyKeys("text/plain", "text/html");
        assertThat(found.get("text/plain").toString()).startsWith(start);
        if (more != null) {
            assertThat(found.get("text/plain").toString()).contains(more.replace('~', '"'));
        }
        assertThat(found.get("text/html").toString()).startsWith("<pre><code>");
    }

    @Test
    void moreDetailShowsTheSourceOfACellsDeclaration() {
        assertThat(inspect("doubled|", 0).get("text/plain").toString()).doesNotContain("return 2");
        assertThat(inspect("doubled|", 1).get("text/plain").toString())
                .contains("int doubled(int number, List<String> names) { return 2 * number; }");
        assertThat(inspect("Pear|", 1).get("text/html").toString()).contains("record Pear(String name, double weight)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '~',
            value = {
                "%time lengthy.length()# complete# ~~",
                "%time for (int i = 0;# incomplete# ~    ~",
                "%%time\\nint a = 1;# complete# ~~",
                "%%time\\nint a =;# invalid# ~~",
                "%%time# incomplete# ~~",
                "%%bash\\nls# incomplete# ~~",
                "%%bash\\nls\\n# complete# ~~",
                "%maven \\# incomplete# ~~",
                "%who# complete# ~~",
                "int x = = 3;# invalid# ~~",
                "1 +* 2)# invalid# ~~",
                "1 + 2)# invalid# ~~",
                "foo(1,# incomplete# ~    ~",
                "if (true) {\\n    for (;;) {# incomplete# ~        ~",
                "/* open# incomplete# ~~",
                "String s = \"unclosed;# invalid# ~~",
                "class A {}# complete# ~~",
                "int twice(int x) { return 2 * x; } twice(2)# complete# ~~",
                "String t = \"\"\"# incomplete# ~~"
            })
    void completenessIsJudged(String code, String status, String indent) {
        String cell = code == null ? "" : code.replace("\\n", "\n");
        assertThat(session.assistant().completeness(cell).status()).isEqualTo(status);
        assertThat(session.assistant().completeness(cell).indent()).isEqualTo(indent);
    }
}
