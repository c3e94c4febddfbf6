package pomona.jupyter.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import pomona.djl.IdxDataset;
import pomona.evaluate.Sensitivity;
import pomona.evaluate.Sensitivity.Measure;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;
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

    /** Padding of a thousand would widen the range of the input, and count most in what comes out. */
    @Test
    void paddingThatAMaskTellsIsLeftOut() throws Exception {
        Network positions = Network.builder("positions")
                .input("x", "batch", "length", 16)
                .input(Value.of("mask", ElementType.INT64, "batch", "length"))
                .weight("w", Tensor.ofFloats(Arrays.copyOf(lenet.weight("w1").toFloatArray(), 160), 16, 10))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", "length", 10)
                .build();
        kernel.variables.put("positions", positions);
        NDArray real = manager.randomUniform(-1, 1, new Shape(40, 5, 16));
        NDArray padded = real.concat(manager.full(new Shape(40, 3, 16), 1000), 1);
        NDArray ones = manager.ones(new Shape(40, 5), DataType.INT64);
        kernel.variables.put("real", data(real, ones));
        kernel.variables.put("padded", data(padded, ones.concat(manager.zeros(new Shape(40, 3), DataType.INT64), 1)));
        double expected = run("positions --quantize --data real").error("w", 8);
        double masked = run("positions --quantize --data padded --mask mask").error("w", 8);
        double counted = run("positions --quantize --data padded").error("w", 8);
        assertThat(expected).isBetween(30.0, 60.0);
        assertThat(masked).isCloseTo(expected, within(0.01));
        assertThat(counted).isNotCloseTo(expected, within(1.0));
        assertThatThrownBy(() -> run("positions --quantize --data padded --mask attention_mask"))
                .hasMessage("Network positions has no input attention_mask to take as mask; it takes x"
                        + " float[batch,length,16] and mask int64[batch,length].");
        assertThatThrownBy(() -> run("positions --quantize --measure hessian --data padded --mask mask"))
                .hasMessage(
                        "--mask mask does nothing with --measure hessian, where no ranges and no noise are measured;"
                                + " leave it out.");
        assertThatThrownBy(() -> run("positions --data padded --mask mask"))
                .hasMessage("--mask mask does nothing without --quantize, where no ranges and no noise are measured;"
                        + " leave it out.");
    }

    private static ArrayDataset data(NDArray... parts) {
        return new ArrayDataset.Builder().setData(parts).setSampling(8, false).build();
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
