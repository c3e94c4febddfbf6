package pomona.jupyter.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.nio.file.Path;
import java.util.List;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import pomona.djl.IdxDataset;
import pomona.evaluate.Sensitivity;
import pomona.evaluate.Sensitivity.Measure;
import pomona.graph.Network;
import pomona.jupyter.Networks;
import pomona.jupyter.TestKernel;

/** {@code %sensitivity NETWORK --quantize}, with labels and without. */
class SensitivityMagicTest {

    private final NDManager manager = NDManager.newBaseManager();
    private final IdxDataset digits =
            IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(100);
    private final Network lenet = Networks.classifier("lenet", 1);
    private TestKernel kernel;

    @BeforeEach
    void start() {
        kernel = new TestKernel();
        kernel.variables.put("lenet", lenet);
        kernel.variables.put("digits", digits);
        kernel.variables.put(
                "unlabelled",
                new ArrayDataset.Builder()
                        .setData(manager.randomUniform(0, 1, new Shape(40, 784)))
                        .setSampling(16, false)
                        .build());
    }

    @AfterEach
    void stop() {
        kernel.close();
        manager.close();
    }

    private Sensitivity run(String line) throws Exception {
        return (Sensitivity) kernel.magic("sensitivity", line.split(" "));
    }

    private String text(Sensitivity scan) {
        return kernel.getRenderer().render(scan).getData(MIMEType.TEXT_PLAIN).toString();
    }

    @Test
    void errorsAreCountedWhereThereAreLabels() throws Exception {
        Sensitivity scan = run("lenet --quantize --data digits");
        assertThat(scan.measure()).isEqualTo(Measure.ERROR);
        assertThat(scan.levels()).containsExactly(8.0);
        assertThat(text(scan)).contains("error % as it is", "error % at 8 bits");
        assertThat(kernel.getRenderer().render(scan).getData(MIMEType.TEXT_HTML).toString())
                .contains("lenet: one layer alone at 8 bits", "rise of the error in percentage points");
    }

    @Test
    void withoutLabelsTheNoiseIsMeasured() throws Exception {
        Sensitivity scan = run("lenet --quantize --data unlabelled --method int4");
        assertThat(scan.measure()).isEqualTo(Measure.SIGNAL_TO_NOISE);
        assertThat(scan.levels()).containsExactly(4.0);
        assertThat(scan.layers())
                .allSatisfy(layer -> assertThat(scan.error(layer, 4)).isBetween(5.0, 60.0));
        assertThat(text(scan))
                .startsWith("sensitivity of lenet: " + scan.layers().size() + " layers at 4 bits, signal-to-noise dB, ")
                .contains("signal-to-noise dB at 4 bits");
        assertThat(run("lenet --quantize --data digits --measure noise").measure())
                .isEqualTo(Measure.SIGNAL_TO_NOISE);
        assertThatThrownBy(() -> run("lenet --quantize --data unlabelled --measure error"))
                .hasMessage("The data set has no labels; errors are counted against labels.");
    }

    /** A network that gives no classes has no errors to count, whatever labels the data has. */
    @Test
    void ofANetworkThatIsNoClassifierTheNoiseIsMeasured() throws Exception {
        Network one = Network.builder("one")
                .input("x", "batch", 784)
                .weight("w", lenet.weight("w1"))
                .node("MatMul", List.of("x", "w"), "fc")
                .node("ReduceSum", List.of("fc"), "y")
                .output("y", 1, 1)
                .build();
        kernel.variables.put("one", one);
        Sensitivity scan = run("one --quantize --data digits");
        assertThat(scan.measure()).isEqualTo(Measure.SIGNAL_TO_NOISE);
        assertThat(scan.layers()).containsExactly("w");
        assertThat(scan.name("w")).isEqualTo("fc");
    }
}
