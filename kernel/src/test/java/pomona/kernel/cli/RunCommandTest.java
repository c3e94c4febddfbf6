package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code run} refuses, before anything runs. */
class RunCommandTest {

    @TempDir
    Path folder;

    private String a;
    private String b;

    @BeforeEach
    void twoNotebooks() throws Exception {
        a = notebook("a.ipynb", "4, \"nbformat_minor\": 5");
        b = notebook("b.ipynb", "4, \"nbformat_minor\": 5");
    }

    private String notebook(String name, String format) throws Exception {
        return Files.writeString(
                        folder.resolve(name),
                        "{\"nbformat\": " + format + ", \"metadata\": {}, \"cells\": [{\"cell_type\": \"code\","
                                + " \"metadata\": {}, \"execution_count\": null, \"outputs\": [], \"source\": \"1\"}]}")
                .toString();
    }

    @Test
    void optionsThatAreNotThere() {
        assertRefused("There is no option --bogus of run.", a, "--bogus");
        assertRefused("There is no option --htm of run; did you mean --html?", a, "--htm", "x");
        assertRefused("Say which: ./pomona run NOTEBOOK.");
    }

    @Test
    void valuesThatCanNotBe() {
        assertRefused("--param needs a value: --param NAME=VALUE.", a, "--param");
        assertRefused("--param x names no value: write it as NAME=VALUE.", a, "--param", "x");
        assertRefused("--param =x names no value: write it as NAME=VALUE.", a, "-p", "=x");
        assertRefused("--timeout is soon, but must be a number of seconds above 0.", a, "--timeout", "soon");
        assertRefused("--timeout is -1, but must be a number of seconds above 0.", a, "--timeout=-1");
        assertRefused(
                "--kernel-option Xmx4g is not an option of the Java virtual machine: they begin with a dash,"
                        + " such as -Xmx4g.",
                a,
                "--kernel-option",
                "Xmx4g");
        assertRefused(
                "Java does not start with --kernel-option -Xmx4x: Invalid maximum heap size: -Xmx4x.",
                a,
                "--kernel-option",
                "-Xmx4x");
    }

    @Test
    void placesThatCanNotBe() throws Exception {
        assertRefused(
                "--html names the file " + b + ", but several notebooks were given: name a folder.", a, b, "--html", b);
        assertRefused(
                a + " and " + a + " would both be written to " + folder.resolve("a.executed.ipynb")
                        + ": run them one by one.",
                a,
                a);
        assertRefused(a + " is the notebook itself: give another file.", a, "--output", a);
        Path same = folder.resolve("same");
        assertRefused(
                "--output and --html are the same file: give two.",
                a,
                "--output",
                same.toString(),
                "--html",
                same.toString());
        Path nowhere = folder.resolve("none/x.xml");
        assertRefused(
                "Nothing can be written to " + nowhere.getParent() + ": there is no such folder.",
                a,
                "--junit",
                nowhere.toString());
        assertRefused(folder + " is a folder, but a file is to be written there.", a, "--junit", folder.toString());
    }

    @Test
    void filesThatAreNoNotebooksOfThisFormat() throws Exception {
        String old = notebook("old.ipynb", "3, \"nbformat_minor\": 0");
        assertRefused(
                old + " is in notebook format 3, but format 4 is needed: open and save it once in Jupyter.", a, old);
        String odd = notebook("odd.ipynb", "4, \"nbformat_minor\": \"five\"");
        assertRefused(odd + " is not a notebook: its \"nbformat_minor\" is \"five\", but must be a number.", odd);
    }

    private void assertRefused(String sentence, String... arguments) {
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine();
        command.setErr(new PrintWriter(err, true));
        List<String> line = new ArrayList<>(List.of("run"));
        line.addAll(List.of(arguments));
        int code = command.execute(line.toArray(String[]::new));
        assertThat(err.toString().lines()).containsExactly("pomona: " + sentence, "Try: ./pomona run --help");
        assertThat(code).isEqualTo(2);
        assertThat(folder.toFile().list()).allMatch(name -> name.matches("(a|b|old|odd)\\.ipynb"));
    }
}
