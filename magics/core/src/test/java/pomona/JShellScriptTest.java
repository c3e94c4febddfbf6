package pomona;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;

/** Runs a script with the JDK's own JShell and nothing but the library and its dependencies on the class path. */
class JShellScriptTest {

    @TempDir
    Path folder;

    @Test
    void loadsPrunesQuantizesAndSaves() throws Exception {
        Network dense = threeLayers();
        Path input = Onnx.write(dense, folder.resolve("dense.onnx"));
        Path output = folder.resolve("out/small.onnx");

        String printed = jshell("shrink.jsh", "-R-Dinput=" + input, "-R-Doutput=" + output);

        assertThat(printed).doesNotContain("Error", "Exception");
        assertThat(printed)
                .contains("of " + dense.parameters() + " weights left")
                .contains("[MagnitudePruning(sparsity=0.9, scope=global")
                .contains("DynamicQuantization(");
        assertThat(Files.size(output)).isLessThan(Files.size(input) * 3 / 10);
        try (RuntimeSession session = RuntimeSession.open(Onnx.read(output), 1)) {
            Tensor y = session.run(Map.of("x", Tensor.ofFloats(new float[2 * 784], 2, 784)))
                    .get("y");
            assertThat(y.shape()).containsExactly(2, 10);
        }
    }

    private String jshell(String script, String... options) throws Exception {
        String classPath = Path.of("target/classes").toAbsolutePath()
                + File.pathSeparator
                + Files.readString(Path.of("target/runtime.classpath")).trim();
        Path log = folder.resolve("jshell.log");
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "jshell").toString(), "--class-path", classPath));
        command.addAll(List.of(options));
        command.add(Path.of("src/test/resources/pomona/jshell", script).toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(log.toFile())
                .start();
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        process.destroyForcibly();
        String printed = Files.readString(log, StandardCharsets.UTF_8);
        assertThat(ended).as(printed).isTrue();
        return printed;
    }

    private static Network threeLayers() {
        Random random = new Random(5);
        int[] widths = {784, 300, 100, 10};
        NetworkBuilder builder = Network.builder("lenet-300-100").input("x", "batch", 784);
        String value = "x";
        for (int i = 1; i < widths.length; i++) {
            float[] weight = new float[widths[i - 1] * widths[i]];
            for (int j = 0; j < weight.length; j++) {
                weight[j] = (float) random.nextGaussian() / widths[i - 1];
            }
            builder.weight("fc" + i, Tensor.ofFloats(weight, widths[i - 1], widths[i]));
            String made = i == 3 ? "y" : "h" + i;
            builder.node("MatMul", List.of(value, "fc" + i), i == 3 ? made : made + "_linear");
            if (i < 3) {
                builder.node("Relu", List.of(made + "_linear"), made);
            }
            value = made;
        }
        return builder.output("y", "batch", 10).build();
    }
}
