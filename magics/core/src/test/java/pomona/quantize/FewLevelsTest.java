package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import pomona.Equality;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.Pass;

/** Ternary and binary weights, and the quantization of textbooks, against numbers worked out by hand. */
class FewLevelsTest {

    private static final float[] WEIGHT = {0.5f, -0.1f, 0.9f, -1.3f, 0.2f, 0.6f};

    private static Network linear() {
        return Network.builder("linear")
                .input("x", "batch", 3)
                .weight("w", Tensor.ofFloats(WEIGHT, 3, 2))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", 2)
                .build();
    }

    private static float[] weightOf(Network network) {
        return Equality.runUnfused(
                network, Map.of("x", Tensor.ofFloats(new float[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3)));
    }

    /** The mean magnitude is 0.6, 0.7 of it 0.42; beyond are 0.5, 0.9, 1.3 and 0.6, whose mean is 0.825. */
    @Test
    void ternary() {
        for (IndexLayout layout : IndexLayout.values()) {
            Network ternary = linear().apply(new TernaryQuantization(0.7, layout, "*"));
            assertThat(weightOf(ternary)).containsExactly(0.825f, 0, 0.825f, -0.825f, 0, 0.825f);
        }
        Network packed = linear().apply(new TernaryQuantization());
        // Five digits of base three in a byte: 2 0 2 1 0, the first one lowest, and then 2.
        assertThat(packed.weight("w.packed").toLongArray()).containsExactly(2 + 2 * 9 + 27, 2);
        assertThat(Onnx.size(Networks.lenet300().apply(new TernaryQuantization())))
                .isLessThan(Onnx.size(Networks.lenet300()) / 18);
        assertThatThrownBy(() -> new TernaryQuantization(-1, IndexLayout.AUTO, "*"))
                .hasMessage("threshold must be 0 or more; it was -1.0.");
        assertThatThrownBy(() -> packed.apply(new TernaryQuantization()))
                .hasMessage("Network linear is quantized already: operator w is Gather of a codebook; quantize the"
                        + " network of floats that it was made from.");
    }

    /** Of each column: 0.5, 0.9 and 0.2 have the mean 1.6/3, 0.1, 1.3 and 0.6 the mean 2/3; of all, 0.6. */
    @Test
    void binary() {
        float first = 1.6f / 3;
        float second = 2f / 3;
        assertThat(weightOf(linear().apply(new BinaryQuantization())))
                .containsExactly(new float[] {first, -second, first, -second, first, second}, within(1e-6f));
        assertThat(weightOf(linear().apply(new BinaryQuantization(false, "*"))))
                .containsExactly(new float[] {0.6f, -0.6f, 0.6f, -0.6f, 0.6f, 0.6f}, within(1e-6f));
        Network lenet = Networks.lenet300();
        Network binary = lenet.apply(new BinaryQuantization());
        assertThat(Onnx.size(binary)).isLessThan(Onnx.size(lenet) / 25);
        assertThat(binary.weight("fc1.weight.scales").shape()).containsExactly(300, 1);
        float[] row = Tensor.ofFloats(
                        java.util.Arrays.copyOf(lenet.weight("fc1.weight").toFloatArray(), 784), 784)
                .toFloatArray();
        double mean = 0;
        for (float value : row) {
            mean += Math.abs(value) / 784;
        }
        assertThat(binary.weight("fc1.weight.scales").toFloatArray()[0]).isCloseTo((float) mean, within(1e-6f));
    }

    /** Plain, grouped, dilated and transposed convolutions, each beside the network of the weights that formulas give. */
    @Test
    void convolutions() {
        Tensor kernel = Networks.random(1, 36, 6, 4, 3, 3);
        Tensor grouped = Networks.random(2, 18, 6, 2, 3, 3);
        Tensor transposed = Networks.random(3, 24, 4, 6, 2, 2);
        List<Network> networks = List.of(
                Networks.cnn(),
                convolution(kernel, Node.of("Conv", "c", List.of("x", "w", "b"), "y")),
                convolution(
                        kernel,
                        Node.of("Conv", "c", List.of("x", "w", "b"), "y").with("dilations", Attribute.ofInts(2, 2))),
                convolution(
                        grouped,
                        Node.of("Conv", "c", List.of("x", "w", "b"), "y").with("group", Attribute.of(2))),
                convolution(transposed, Node.of("ConvTranspose", "c", List.of("x", "w", "b"), "y")));
        for (Network network : networks) {
            Map<String, Tensor> feeds = Equality.feeds(network);
            float[] floats = Equality.runUnfused(network, feeds);
            Map<Pass, BiFunction<float[], LayerWeight, float[]>> formulas = new LinkedHashMap<>();
            formulas.put(new BinaryQuantization(), FewLevelsTest::signs);
            formulas.put(new BinaryQuantization(false, "*"), (values, layer) -> signs(values, values.length, 1));
            formulas.put(new TernaryQuantization(), FewLevelsTest::threeLevels);
            formulas.forEach((pass, formula) -> {
                float[] wanted = Equality.runUnfused(withWeights(network, formula), feeds);
                float[] got = Equality.runUnfused(network.apply(pass), feeds);
                assertThat(Equality.relativeError(wanted, got))
                        .as("%s of %s", pass, network.nodes().get(0))
                        .isLessThan(1e-6);
                assertThat(Equality.relativeError(floats, got)).isGreaterThan(0.01);
            });
        }
    }

    private static Network convolution(Tensor kernel, Node node) {
        return Network.builder("convolution")
                .input("x", "batch", 4, 8, 8)
                .weight("w", kernel)
                .weight("b", Networks.uniform(4, -1, 1, 6))
                .node(node)
                .output("y", "batch", 6, "height", "width")
                .build();
    }

    private static Network withWeights(Network network, BiFunction<float[], LayerWeight, float[]> formula) {
        Map<String, Tensor> changed = new LinkedHashMap<>();
        for (LayerWeight layer : LayerWeight.of(network)) {
            float[] values = formula.apply(layer.tensor().toFloatArray(), layer);
            changed.put(layer.name(), Tensor.ofFloats(values, layer.tensor().shape()));
        }
        return network.withWeights(changed);
    }

    /** XNOR-Net, equation 6: the sign of each weight times the mean magnitude of those of its output. */
    private static float[] signs(float[] values, LayerWeight layer) {
        long[] shape = layer.tensor().shape();
        int inner = 1;
        for (int i = layer.outputAxis() + 1; i < shape.length; i++) {
            inner *= (int) shape[i];
        }
        return signs(values, inner, (int) shape[layer.outputAxis()]);
    }

    private static float[] signs(float[] values, int inner, int outputs) {
        double[] sums = new double[outputs];
        for (int i = 0; i < values.length; i++) {
            sums[i / inner % outputs] += Math.abs(values[i]);
        }
        float[] signs = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            float scale = (float) (sums[i / inner % outputs] * outputs / values.length);
            signs[i] = values[i] < 0 ? -scale : scale;
        }
        return signs;
    }

    /** Ternary Weight Networks, equations 5 and 6, over the whole layer. */
    private static float[] threeLevels(float[] values, LayerWeight layer) {
        double mean = 0;
        for (float value : values) {
            mean += Math.abs(value) / (double) values.length;
        }
        double kept = 0;
        int count = 0;
        for (float value : values) {
            if (Math.abs(value) > 0.7 * mean) {
                kept += Math.abs(value);
                count++;
            }
        }
        float[] levels = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            levels[i] = Math.abs(values[i]) > 0.7 * mean ? (float) (Math.signum(values[i]) * kept / count) : 0;
        }
        return levels;
    }

    /** A threshold of 0.8 and four levels: steps of 0.2; 0.9 and -1.3 take the threshold, 0.5 and -0.1 the even level. */
    @Test
    void clamped() {
        assertThat(weightOf(linear().apply(new ClampQuantization(0.8, 4))))
                .containsExactly(new float[] {0.4f, 0, 0.8f, -0.8f, 0.2f, 0.6f}, within(1e-6f));
        // Nothing is cut: 1.3 is the largest of two levels, of 0.65 each.
        assertThat(weightOf(linear().apply(new ClampQuantization(0, 2))))
                .containsExactly(new float[] {0.65f, 0, 0.65f, -1.3f, 0, 0.65f}, within(1e-6f));
        assertThatThrownBy(() -> new ClampQuantization(1, 128)).hasMessage("levels is 128; it is from 1 to 127.");
        assertThatThrownBy(() -> new ClampQuantization(Double.NaN, 4))
                .hasMessage("threshold must be 0 or more; it was NaN.");
        assertThatThrownBy(() -> linear().apply(new ClampQuantization(1, 4, "fc*")))
                .hasMessageStartingWith("No layer of network linear is named fc*");
    }
}
