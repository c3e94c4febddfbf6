package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.kernel.JunitSchema;

/** Notebooks of every format from 4.0 to 4.5 in one command, judged by nbformat. */
class NotebookFormatsIT {

    private static final Path SCRIPTS = Checkout.ROOT.resolve("kernel/src/test/python");

    /** A preview feature of Java 17, and a feature of later ones. */
    private static final String PREVIEW =
            "Object value = 7;\nint number = switch (value) { case Integer i -> i; default -> 0; };\n";

    @TempDir
    Path folder;

    @Test
    void runsAllOfFormatFourAndWritesWhatTheSchemaSays() throws Exception {
        List<String> command = new ArrayList<>(List.of("run"));
        for (int minor = 0; minor <= 5; minor++) {
            String name = "format4" + minor + ".ipynb";
            Files.writeString(folder.resolve(name), notebook(minor));
            command.add(name);
        }
        command.addAll(List.of(
                "-p",
                "count=2",
                "--output",
                "out",
                "--html",
                "out",
                "--junit",
                "junit.xml",
                "--kernel-option",
                "-Dtold=yes",
                "--kernel-option",
                "--enable-preview"));
        Checkout.Ended run = Checkout.pomona(folder, Map.of(), command.toArray(String[]::new));
        assertThat(run.out()).as(run.err()).endsWith("\nAll 6 notebooks passed.\n");
        assertThat(run.out()).contains("\nformat43.ipynb\n", "  2/6  count = 2;  ✓ ");
        assertThat(run.code()).isZero();
        for (int minor = 0; minor <= 5; minor++) {
            check(
                    minor,
                    JsonParser.parseString(Files.readString(folder.resolve("out/format4" + minor + ".executed.ipynb")))
                            .getAsJsonObject());
            assertThat(folder.resolve("out/format4" + minor + ".html")).exists();
        }
        checkReport();
        Checkout.Ended judged = Checkout.run(
                folder,
                Map.of(),
                List.of(
                        Checkout.python(),
                        SCRIPTS.resolve("validate_notebooks.py").toString(),
                        "out"));
        assertThat(judged.err()).isEmpty();
        assertThat(judged.out().lines()).hasSize(6).allMatch(line -> line.endsWith(".executed.ipynb is valid"));
    }

    private static void check(int minor, JsonObject executed) {
        assertThat(executed.get("nbformat_minor").getAsInt()).isEqualTo(minor);
        assertThat(executed.getAsJsonObject("metadata").get("of another tool").toString())
                .isEqualTo("{\"version\":1.50,\"nothing\":null}");
        assertThat(executed.getAsJsonObject("metadata").get("language_info").toString())
                .contains("\"name\":\"java\"", "\"pygments_lexer\":\"java\"");
        JsonArray cells = executed.getAsJsonArray("cells");
        assertThat(cells).hasSize(8);
        for (JsonElement cell : cells) {
            assertThat(cell.getAsJsonObject().has("id")).isEqualTo(minor >= 5);
        }
        JsonObject markdown = cells.get(0).getAsJsonObject();
        assertThat(markdown.getAsJsonObject("metadata").get("slideshow").toString())
                .isEqualTo("{\"slide_type\":\"slide\"}");
        assertThat(markdown.has("attachments")).isEqualTo(minor >= 1);
        assertThat(cells.get(3).toString()).contains("\"collapsed\":true", "hello 0\\n", "hello 1\\n", "\"stderr\"");
        assertThat(cells.get(4).toString()).contains("Own", "\"output_type\":\"error\"");
        assertThat(cells.get(5).toString()).contains("text/html", "\"execution_count\":5");
        assertThat(cells.get(6).toString()).contains("yes 7");
    }

    private void checkReport() throws Exception {
        Path report = folder.resolve("junit.xml");
        JunitSchema.assertFollows(report);
        assertThat(Files.readString(report))
                .contains("<testsuite name=\"format40.ipynb\"", "tests=\"6\" errors=\"0\" skipped=\"0\" failures=\"0\"")
                .contains("classname=\"format45\"", "<system-err>careful");
    }

    /** As tools of that time wrote them: before 4.5 without ids, attachments from 4.1 on. */
    private static String notebook(int minor) {
        JsonArray cells = new JsonArray();
        JsonObject markdown = cell(minor, cells, "markdown", "# Title");
        markdown.getAsJsonObject("metadata").add("slideshow", JsonParser.parseString("{\"slide_type\": \"slide\"}"));
        if (minor >= 1) {
            markdown.add("attachments", JsonParser.parseString("{\"p.png\": {\"image/png\": \"AAAA\"}}"));
        }
        code(minor, cells, "int count = 1;", "parameters");
        code(
                minor,
                cells,
                "for (int i = 0; i < count; i++) System.out.println(\"hello \" + i);\nSystem.err.println(\"careful\");",
                "loop");
        cells.get(2).getAsJsonObject().getAsJsonObject("metadata").addProperty("collapsed", true);
        code(
                minor,
                cells,
                "class Own extends Exception { Own(String m) { super(m); } }\nthrow new Own(\"expected\");",
                "raises-exception");
        code(minor, cells, "Table.create(\"t\", IntColumn.create(\"a\", 1, 2))", "table");
        code(minor, cells, PREVIEW + "System.getProperty(\"told\") + \" \" + number", "told");
        cell(minor, cells, "raw", "left alone");
        JsonObject notebook = new JsonObject();
        notebook.addProperty("nbformat", 4);
        notebook.addProperty("nbformat_minor", minor);
        notebook.add(
                "metadata", JsonParser.parseString("{\"of another tool\": {\"version\": 1.50, \"nothing\": null}}"));
        notebook.add("cells", cells);
        return new com.google.gson.GsonBuilder().serializeNulls().create().toJson(notebook);
    }

    private static void code(int minor, JsonArray cells, String source, String tag) {
        JsonObject cell = cell(minor, cells, "code", source);
        cell.add("execution_count", com.google.gson.JsonNull.INSTANCE);
        cell.add("outputs", new JsonArray());
        cell.getAsJsonObject("metadata").add("tags", JsonParser.parseString("[\"" + tag + "\"]"));
    }

    private static JsonObject cell(int minor, JsonArray cells, String type, String source) {
        JsonObject cell = new JsonObject();
        cell.addProperty("cell_type", type);
        cell.add("metadata", new JsonObject());
        cell.addProperty("source", source);
        if (minor >= 5) {
            cell.addProperty("id", "cell-" + cells.size());
        }
        cells.add(cell);
        return cell;
    }
}
