package pomona.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NotebookTest {

    @TempDir
    Path folder;

    @Test
    void keepsWhatItDoesNotKnow() throws Exception {
        String text = """
                {"nbformat": 4, "nbformat_minor": 5, "extra": [1.50, 12345678901234567890],
                 "metadata": {"kernelspec": {"name": "x", "display_name": "X", "language": "java"}, "mine": {"a": null}},
                 "cells": [{"cell_type": "markdown", "id": "m", "metadata": {"slideshow": {"slide_type": "slide"}},
                            "attachments": {"p.png": {"image/png": "AAAA"}}, "source": ["# A <b>\\n", "b"]},
                           {"cell_type": "code", "id": "c", "metadata": {"collapsed": true}, "execution_count": 7,
                            "outputs": [], "source": "int a;", "unknown": "kept"}]}
                """;
        Path file = folder.resolve("out.ipynb");
        Notebook.parse(text, "in.ipynb").write(file);

        JsonObject before = JsonParser.parseString(text).getAsJsonObject();
        JsonObject after = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        assertThat(after).isEqualTo(before);
        assertThat(Files.readString(file)).contains("1.50", "12345678901234567890", "# A <b>");
        assertThat(folder.toFile().list()).containsExactly("out.ipynb");
    }

    @Test
    void fillsInWhatTheSchemaAsksFor() throws Exception {
        Notebook notebook = Notebook.parse(
                "{\"nbformat\":4,\"nbformat_minor\":5,\"cells\":[{\"cell_type\":\"code\",\"source\":\"1\"},"
                        + "{\"cell_type\":\"code\",\"id\":\"a\",\"source\":\"1\"},{\"cell_type\":\"code\",\"id\":\"a\",\"source\":\"1\"}]}",
                "x");
        Path file = folder.resolve("out.ipynb");
        notebook.write(file);

        JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        assertThat(json.getAsJsonObject("metadata")
                        .getAsJsonObject("kernelspec")
                        .get("name")
                        .getAsString())
                .isEqualTo("pomona");
        assertThat(notebook.cells().stream().map(cell -> cell.json().get("id").getAsString()))
                .hasSize(3)
                .doesNotHaveDuplicates()
                .contains("a");
        JsonObject cell = json.getAsJsonArray("cells").get(0).getAsJsonObject();
        assertThat(cell.has("outputs") && cell.has("execution_count") && cell.has("metadata"))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense|x.ipynb is not a notebook: it is not JSON.",
                "[]|x.ipynb is not a notebook: it has no \"nbformat\" field.",
                "{\"nbformat\":3}|x.ipynb is in notebook format 3, but format 4 is needed: open and save it once in Jupyter.",
                "{\"nbformat\":4}|x.ipynb is not a notebook: it has no list of cells.",
                "{\"nbformat\":4,\"cells\":[{}]}|x.ipynb is not a notebook: cell 1 has no cell_type."
            })
    void refusesInOneSentence(String text, String sentence) {
        assertThatThrownBy(() -> Notebook.parse(text, "x.ipynb"))
                .isInstanceOf(NotebookException.class)
                .hasMessage(sentence);
    }

    @Test
    void refusesFilesThatCanNotBeRead() throws Exception {
        Path missing = folder.resolve("missing.ipynb");
        assertThatThrownBy(() -> Notebook.read(missing)).hasMessage("There is no notebook " + missing + ".");
        assertThatThrownBy(() -> Notebook.read(folder)).hasMessage(folder + " can not be read: it is a folder.");
        Path binary = Files.write(folder.resolve("b"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(() -> Notebook.read(binary))
                .hasMessage(binary + " is not a notebook: it is not UTF-8 text.");
    }

    @Test
    void knowsWhichCellsRun() throws Exception {
        Notebook notebook = Notebook.parse("""
                {"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": [
                  {"cell_type": "raw", "source": "r", "metadata": {}},
                  {"cell_type": "code", "source": "  ", "metadata": {}},
                  {"cell_type": "code", "source": "1", "metadata": {"tags": ["skip-execution"]}},
                  {"cell_type": "code", "source": ["\\n", "  int a;\\n"], "metadata": {}}]}
                """, "x");
        assertThat(notebook.runnableCells()).hasSize(1);
        assertThat(notebook.runnableCells().get(0).firstLine()).isEqualTo("int a;");
    }
}
