package pomona.kernel.notebook;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Writes a notebook as one HTML page that needs nothing else: readable offline, in light and dark, wide and narrow.
 *
 * <p>HTML outputs are put in as they are and their scripts run, so a page is as trustworthy as its notebook.
 */
public final class HtmlExport {

    private final Notebook notebook;
    private final MarkdownHtml markdown;
    private final OutputHtml outputs;

    /**
     * An export of a notebook.
     *
     * @param folder where the notebook's relative pictures lie
     */
    public HtmlExport(Notebook notebook, Path folder) {
        this.notebook = notebook;
        this.markdown = new MarkdownHtml(folder);
        this.outputs = new OutputHtml(markdown);
    }

    /** Writes the page under a temporary name and moves it to its place. */
    public void write(Path file) throws IOException {
        String name = file.getFileName().toString().replaceFirst("\\.html?$", "");
        AtomicFile.write(file, writer -> writeTo(writer, notebook.title(name)));
    }

    // The page is built of main, section, article and aside only: a stray </div> in an output can not close them.
    private void writeTo(Writer page, String title) throws IOException {
        page.write("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.write("<meta name=\"color-scheme\" content=\"light dark\">\n");
        page.write("<title>" + Html.escape(title) + "</title>\n<style>\n" + style()
                + "</style>\n</head>\n<body>\n<main>\n");
        for (Cell cell : notebook.cells()) {
            switch (cell.type()) {
                case "markdown" -> page.write("<section class=\"markdown\">\n" + markdown.of(cell) + "</section>\n");
                case "code" -> writeCode(page, cell);
                default -> {
                    // Raw cells are meant for other converters.
                }
            }
        }
        page.write("</main>\n</body>\n</html>\n");
    }

    private void writeCode(Writer page, Cell cell) throws IOException {
        if (cell.source().isBlank() && cell.outputs().isEmpty()) {
            return;
        }
        page.write("<article class=\"cell\">\n<aside>" + margin(cell) + "</aside>\n");
        page.write("<pre class=\"code\"><code>" + JavaHtml.of(cell.source().stripTrailing()) + "</code></pre>\n");
        if (!cell.outputs().isEmpty()) {
            page.write("<section class=\"outputs\">\n");
            for (JsonElement output : cell.outputs()) {
                page.write(outputs.of(output.getAsJsonObject()));
            }
            page.write("</section>\n");
        }
        page.write("</article>\n");
    }

    private static String margin(Cell cell) {
        String count = cell.executionCount() == null ? "" : "[" + cell.executionCount() + "]";
        double seconds = cell.seconds();
        return seconds < 0.1 ? count : count + " <small>" + String.format(Locale.ROOT, "%.1f s", seconds) + "</small>";
    }

    private static String style() throws IOException {
        try (InputStream css = HtmlExport.class.getResourceAsStream("page.css")) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
