package pomona.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens a page in a real browser, in windows of several widths, and measures what is cut off there. */
class PageLayoutTest {

    private static final Pattern MEASURED = Pattern.compile("<title>(\\{.*?})</title>");

    /** What sticks out of each box, the width of the table's frame, and where it and the window end. */
    private static final String MEASURE = """
            <script>addEventListener('load', () => {
              const cut = name => { const e = document.querySelector(name); return e.scrollWidth - e.clientWidth; };
              const table = document.querySelector('table').getBoundingClientRect();
              const head = () => Math.round(document.querySelector('th').getBoundingClientRect().left);
              const before = head(), frame = document.querySelector('.pomona-scroll');
              frame.scrollLeft = 100;
              document.title = JSON.stringify({error: cut('pre.error'), stderr: cut('pre.stderr'), result: cut('pre.result'),
                table: cut('.pomona-scroll'), page: cut('html'), width: Math.round(table.width),
                text: Math.round(document.querySelector('pre.code').getBoundingClientRect().width), stays: head() - before,
                scrolled: frame.scrollLeft});
            });</script>""";

    private static final String SENTENCE = "a sentence that says what is wrong and what would be right, ".repeat(6);

    @TempDir
    Path folder;

    @Test
    void wrapsMessagesAndGivesTablesTheRoomThereIs() throws Exception {
        JsonObject wide = measure(1400, 10);

        assertThat(wide.get("width").getAsInt())
                .isGreaterThan(wide.get("text").getAsInt() + 50)
                .isLessThan(1400);
        assertThat(wide.get("table").getAsInt()).isZero();
        assertThatNothingElseIsCut(wide);
    }

    @Test
    void scrollsATableThatIsWiderThanTheWindowAndKeepsItsFirstColumn() throws Exception {
        JsonObject narrow = measure(800, 10);

        assertThat(narrow.get("table").getAsInt()).isGreaterThan(100);
        assertThat(narrow.get("scrolled").getAsInt()).isEqualTo(100);
        assertThat(narrow.get("stays").getAsInt()).isZero();
        assertThatNothingElseIsCut(narrow);
    }

    @Test
    void leavesSmallTablesSmall() throws Exception {
        JsonObject small = measure(1400, 3);

        assertThat(small.get("width").getAsInt()).isLessThan(small.get("text").getAsInt());
        assertThat(small.get("table").getAsInt()).isZero();
        assertThatNothingElseIsCut(small);
    }

    private static void assertThatNothingElseIsCut(JsonObject measured) {
        for (String box : new String[] {"error", "stderr", "result", "page"}) {
            assertThat(measured.get(box).getAsInt()).as(box + " of " + measured).isZero();
        }
    }

    private JsonObject measure(int window, int columns) throws Exception {
        String cells = IntStream.range(0, columns)
                .mapToObj(i -> "<th style='white-space:nowrap'>a column " + i + "</th>")
                .collect(Collectors.joining());
        String outputs = """
                {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["%s"]},
                {"output_type": "stream", "name": "stderr", "text": "%s"},
                {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "%s"}},
                {"output_type": "display_data", "metadata": {}, "data": {"text/html":
                 "<div class='pomona'><div class='pomona-scroll' style='overflow-x:auto'><table><tr>%s</tr></table></div></div>"}}
                """.formatted(SENTENCE, "/a/folder".repeat(40), SENTENCE, cells);
        Notebook notebook = Notebook.parse(
                "{\"nbformat\":4,\"nbformat_minor\":5,\"metadata\":{},\"cells\":[{\"cell_type\":\"code\",\"source\":\"1\","
                        + "\"metadata\":{},\"outputs\":[" + outputs + "]}]}",
                "x.ipynb");
        Path page = folder.resolve("x.html");
        new HtmlExport(notebook, folder).write(page);
        Files.writeString(page, Files.readString(page).replace("</body>", MEASURE + "</body>"));
        Matcher title = MEASURED.matcher(open(page, window));
        assertThat(title.find()).as("the page was measured").isTrue();
        return JsonParser.parseString(title.group(1)).getAsJsonObject();
    }

    private String open(Path page, int width) throws Exception {
        Path dom = folder.resolve("dom.html");
        Process browser = new ProcessBuilder(
                        browser(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--window-size=" + width + ",900",
                        "--virtual-time-budget=2000",
                        "--dump-dom",
                        page.toUri().toString())
                .redirectOutput(dom.toFile())
                .redirectError(folder.resolve("errors.txt").toFile())
                .start();
        try {
            assertThat(browser.waitFor(90, TimeUnit.SECONDS))
                    .as("the browser ends")
                    .isTrue();
        } finally {
            browser.destroyForcibly();
        }
        return Files.readString(dom);
    }

    private static String browser() {
        return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
                .flatMap(dir -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(dir, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Path::toString)
                .orElseGet(() -> Assumptions.abort("there is no Chromium on the path"));
    }
}
