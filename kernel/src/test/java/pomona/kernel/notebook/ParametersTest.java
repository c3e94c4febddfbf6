package pomona.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParametersTest {

    private static final String DECLARATIONS = "import java.util.*;\\n%load x\\nint epochs = 3; long seed = 1L;\\n"
            + "double rate = 0.1;\\nString name = \\\"a\\\";\\nvar guess = -2;\\nboolean fast = false;\\n"
            + "java.nio.file.Path file = null; float f = 1f; List<Integer> sizes = List.of(1);\\nchar c = 'a';";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "epochs|5|epochs = 5;",
                "seed|42|seed = 42L;",
                "rate|1|rate = 1.0;",
                "rate|NaN|rate = Double.NaN;",
                "f|0.5|f = 0.5f;",
                "guess|7|guess = 7;",
                "fast|true|fast = true;",
                "name|7|name = \"7\";",
                "name|say \"hi\" \\ there|name = \"say \\\"hi\\\" \\\\ there\";",
                "c|'|c = '\\'';",
                "file|data/a b|file = java.nio.file.Path.of(\"data/a b\");",
                "sizes|List.of(2, 3)|sizes = List.of(2, 3);"
            })
    void writesTheLiteralOfTheDeclaredType(String name, String value, String statement) throws Exception {
        Notebook notebook = notebook();
        Parameters.inject(notebook, Map.of(name, value));
        assertThat(notebook.cells()).hasSize(4);
        assertThat(notebook.cells().get(2).source()).isEqualTo("// Parameters\n" + statement);
        assertThat(notebook.cells().get(2).tags()).containsExactly("injected-parameters");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "epoch|5|The notebook has no parameter epoch: it has c, epochs, f, fast, file, guess, name, rate, seed, sizes.",
                "epochs|2.5|--param epochs=2.5: epochs is an int, so give a whole number from -2147483648 to 2147483647.",
                "rate|high|--param rate=high: rate is a double, so give a number such as 0.5.",
                "fast|yes|--param fast=yes: fast is a boolean, so give true or false."
            })
    void refusesInOneSentence(String name, String value, String sentence) throws Exception {
        Notebook notebook = notebook();
        assertThatThrownBy(() -> Parameters.inject(notebook, Map.of(name, value)))
                .hasMessage(sentence);
    }

    @Test
    void replacesTheCellOfAnEarlierRun() throws Exception {
        Notebook notebook = notebook();
        Parameters.inject(notebook, Map.of("epochs", "5"));
        Parameters.inject(notebook, Map.of("epochs", "6"));
        assertThat(notebook.cells()).hasSize(4);
        assertThat(notebook.cells().get(2).source()).isEqualTo("// Parameters\nepochs = 6;");
    }

    @Test
    void declaresAtTheTopWhereThereIsNoParametersCell() throws Exception {
        Notebook notebook = Notebook.parse(
                "{\"nbformat\":4,\"nbformat_minor\":5,\"cells\":[{\"cell_type\":\"code\",\"source\":\"1\"}]}", "x");
        Map<String, String> values = new LinkedHashMap<>();
        values.put("n", "3");
        values.put("big", "3000000000");
        values.put("x", "0.5");
        values.put("yes", "true");
        values.put("text", "a b");
        Parameters.inject(notebook, values);
        assertThat(notebook.cells().get(0).source()).isEqualTo("""
                // Parameters
                var n = 3;
                var big = 3000000000L;
                var x = 0.5;
                var yes = true;
                var text = "a b";""");
        assertThatThrownBy(() -> Parameters.inject(notebook, Map.of("a-b", "1")))
                .hasMessage("--param a-b=1: a-b is not a Java name.");
    }

    private static Notebook notebook() throws NotebookException {
        return Notebook.parse(
                "{\"nbformat\":4,\"nbformat_minor\":5,\"metadata\":{},\"cells\":["
                        + "{\"cell_type\":\"markdown\",\"source\":\"# T\",\"metadata\":{}},"
                        + "{\"cell_type\":\"code\",\"source\":\"" + DECLARATIONS
                        + "\",\"metadata\":{\"tags\":[\"parameters\"]}},"
                        + "{\"cell_type\":\"code\",\"source\":\"1\",\"metadata\":{}}]}",
                "x.ipynb");
    }
}
