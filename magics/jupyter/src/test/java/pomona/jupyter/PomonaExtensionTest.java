package pomona.jupyter;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.StringReader;
import java.util.Map;
import java.util.ServiceLoader;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.Test;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.Progress;

class PomonaExtensionTest {

    @Test
    void isFoundByItsService() {
        assertThat(ServiceLoader.load(Extension.class))
                .anySatisfy(extension -> assertThat(extension).isInstanceOf(PomonaExtension.class));
    }

    @Test
    void rendersNetworksAsHtmlAndText() {
        try (TestKernel kernel = new TestKernel()) {
            Network network = Network.builder("tiny")
                    .input("x", 2)
                    .weight("w", Tensor.ofFloats(new float[] {1, 2}, 2))
                    .node("Add", java.util.List.of("x", "w"), "y")
                    .output("y", 2)
                    .build();

            DisplayData data = kernel.getRenderer().render(network);

            assertThat(data.getData(MIMEType.TEXT_HTML).toString()).contains("<h4>tiny</h4>");
            assertThat(data.getData(MIMEType.TEXT_PLAIN).toString()).startsWith("tiny (x float[2]) -> (y float[2])\n");
        }
    }

    @Test
    void showsProgressOfWorkThatTakesLonger() throws InterruptedException {
        try (TestKernel kernel = new TestKernel()) {
            try (Progress progress = Progress.start("fit", 2)) {
                Thread.sleep(350);
                progress.advance(1, "");
            }
            assertThat(kernel.displays).hasSize(1);
            assertThat(kernel.displays.get(0).getData(MIMEType.TEXT_PLAIN).toString())
                    .startsWith("fit [############------------] 50 %");
        }
    }

    @Test
    void listensNoMoreWhenUninstalled() throws InterruptedException {
        TestKernel kernel = new TestKernel();
        kernel.close();
        try (Progress progress = Progress.start("fit", 2)) {
            Thread.sleep(350);
            progress.advance(1, "");
        }
        assertThat(kernel.displays).isEmpty();
    }

    @Test
    void importsAreOneDeclarationALine() {
        String list = "// a comment\n\nimport java.util.*;\n  import pomona.graph.*;  \n# another\n";

        assertThat(Imports.declarations(new BufferedReader(new StringReader(list))))
                .isEqualTo("import java.util.*;\nimport pomona.graph.*;");
    }

    @Test
    void installsWithoutLoadingTablesawOrEngines() throws Exception {
        String classes = loadedByInstalling();

        assertThat(classes).contains("pomona.jupyter.PomonaExtension");
        assertThat(classes.lines().filter(line -> line.contains(" tech.tablesaw.")))
                .allMatch(line -> line.contains("tech.tablesaw.api.Table ")
                        || line.contains("tech.tablesaw.table.Relation ")
                        || line.contains("tech.tablesaw.plotly.components.Figure "));
        assertThat(classes).doesNotContain(" ai.djl.", " pomona.jupyter.render.TableView ", " com.fasterxml.jackson.");
    }

    private static String loadedByInstalling() throws Exception {
        Process jvm = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xlog:class+load:stdout",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Installing.class.getName())
                .redirectErrorStream(true)
                .start();
        try (java.io.InputStream out = jvm.getInputStream()) {
            return new String(out.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        } finally {
            jvm.destroyForcibly();
        }
    }

    /** Installs the extension and ends: what is loaded until then is what every start of a kernel pays for. */
    static final class Installing {
        public static void main(String[] args) {
            try (TestKernel kernel = new TestKernel()) {
                Map<String, Object> none = kernel.variables;
                none.clear();
            }
        }
    }
}
