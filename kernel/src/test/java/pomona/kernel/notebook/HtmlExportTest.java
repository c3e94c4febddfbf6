package pomona.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlExportTest {

    @TempDir
    Path folder;

    @Test
    void showsEachOutputInItsRichestForm() throws Exception {
        String page = export("""
                {"output_type": "stream", "name": "stdout", "text": "10 <done> %\\r20"},
                {"output_type": "execute_result", "execution_count": 2, "metadata": {},
                 "data": {"text/plain": "plain", "text/html": ["<table>\\n", "<tr><td>1</td></tr></table>"]}},
                {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBO\\nRw0K", "text/plain": "p"}},
                {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\\u001b[1;31mE: <v>\\u001b[0m", "at 1"]}
                """);
        assertThat(page)
                .contains("<pre class=\"stream\">20 &lt;done&gt; %</pre>")
                .contains("<section class=\"rich\"><table>\n<tr><td>1</td></tr></table></section>")
                .contains("<img alt=\"\" src=\"data:image/png;base64,iVBORw0K\">")
                .contains("<span class=\"ansi-bold ansi-red\">E: &lt;v&gt;</span>\nat 1")
                .doesNotContain("plain</pre>");
    }

    @Test
    void bringsALibraryOnce() throws Exception {
        String library = "var plot=1;//" + "x".repeat(60_000);
        String output = """
                {"output_type": "display_data", "metadata": {}, "data": {"text/html":
                 "<div><script>%s</script><script>draw()</script></div>"}}""".formatted(library);
        String page = export(output + "," + output);
        assertThat(page.split("var plot=1", -1)).hasSize(2);
        assertThat(page.split("draw\\(\\)", -1)).hasSize(3);
    }

    @Test
    void needsNothingElse() throws Exception {
        String page = export("");
        assertThat(page)
                .startsWith("<!DOCTYPE html>")
                .contains("<title>Title &amp; more</title>", "prefers-color-scheme: dark")
                .doesNotContain("<link", "src=\"http", "@import");
    }

    @Test
    void markdownCanNotBreakThePage() {
        MarkdownHtml markdown = new MarkdownHtml(folder);
        JsonObject none = new JsonObject();
        assertThat(markdown.of("<script>alert(1)</script>", none)).doesNotContain("<script");
        assertThat(markdown.of("a <img src=x onerror=alert(1)> b", none)).doesNotContain("<img");
        assertThat(markdown.of("</main></body> <style>*{}</style>", none)).doesNotContain("</main>", "<style");
        assertThat(markdown.of("[x](javascript:alert(1))", none)).doesNotContain("javascript:");
        assertThat(markdown.of("H<sub>2</sub>O <br> <!-- gone -->", none)).contains("H<sub>2</sub>O <br>");
    }

    @Test
    void markdownBringsItsPictures() throws Exception {
        Files.write(folder.resolve("p.png"), new byte[] {1, 2, 3});
        MarkdownHtml markdown = new MarkdownHtml(folder);
        JsonObject bundle = new JsonObject();
        bundle.addProperty("image/gif", "R0lG");
        JsonObject attachments = new JsonObject();
        attachments.add("a.gif", bundle);
        assertThat(markdown.of("![a](p.png) ![b](attachment:a.gif) ![c](none.png)", attachments))
                .contains(
                        "src=\"data:image/png;base64,AQID\"", "src=\"data:image/gif;base64,R0lG\"", "src=\"none.png\"");
    }

    @Test
    void markdownKnowsTablesAndJava() {
        String html = new MarkdownHtml(folder)
                .of("| a | b |\n|---|--:|\n| 1 | 2 |\n\n```java\nint a = 1; // <one>\n```\n", new JsonObject());
        assertThat(html)
                .contains("<td align=\"right\">2</td>")
                .contains("<span class=\"kw\">int</span> a = <span class=\"nu\">1</span>; "
                        + "<span class=\"co\">// &lt;one&gt;</span>");
    }

    @Test
    void coloursJavaWithoutChangingIt() {
        String source =
                "%prune net --sparsity 0.9\nvar x = %quantize net;\nString s = \"a // \\\" b\"; /* c */ @Deprecated"
                        + "\nchar q = '\"'; int y = x % z;\nvar t = \"\"\"\n  %not <magic>\n  \"\"\";";
        String html = JavaHtml.of(source);
        assertThat(html.replaceAll("<[^>]+>", ""))
                .isEqualTo(source.replace("<", "&lt;")
                        .replace(">", "&gt;")
                        .replace("\"", "&quot;")
                        .replace("'", "&#39;"));
        assertThat(html)
                .contains("<span class=\"ma\">%prune</span>", "= <span class=\"ma\">%quantize</span>")
                .contains(
                        "<span class=\"st\">&quot;a // \\&quot; b&quot;</span>",
                        "x % z",
                        "<span class=\"an\">@Deprecated</span>");
    }

    @Test
    void coloursFarLongerThanTheStackAreFine() {
        String source = "String s = \"" + "a".repeat(200_000) + "\"; /*" + "b\n".repeat(100_000) + "*/";
        assertThat(JavaHtml.of(source)).hasSizeGreaterThan(400_000);
    }

    @Test
    void knowsExtendedColours() {
        assertThat(AnsiHtml.of("\u001B[38;5;208mo\u001B[0m\u001B[38;2;1;2;3mr\u001B[39mx"))
                .isEqualTo("<span style=\"color:rgb(255,135,0);\">o</span><span style=\"color:rgb(1,2,3);\">r</span>x");
    }

    private String export(String outputs) throws Exception {
        Notebook notebook = Notebook.parse(
                "{\"nbformat\":4,\"nbformat_minor\":5,\"metadata\":{},\"cells\":["
                        + "{\"cell_type\":\"markdown\",\"source\":\"# Title & more\",\"metadata\":{}},"
                        + "{\"cell_type\":\"code\",\"source\":\"1\",\"metadata\":{},\"outputs\":[" + outputs
                        + "]}]}",
                "x.ipynb");
        Path file = folder.resolve("x.html");
        new HtmlExport(notebook, folder).write(file);
        return Files.readString(file);
    }
}
