package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Equality;
import pomona.Networks;
import pomona.djl.RuntimeSession;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;

/** Ranges of blocks by their squared error, what is known of layers' inputs without data, and exceptions of 8 bits. */
class WeightRangeTest {

    private static final int WIDTH = 64;

    private static WeightOnlyQuantization pass(boolean symmetric, WeightForm form, WeightRange ranges, String int8) {
        return new WeightOnlyQuantization(4, 32, symmetric, form, ranges, true, true, false, "*", int8);
    }

    private static double error(Network network, WeightOnlyQuantization pass) {
        return Equality.relativeError(network, network.apply(pass), Equality.feeds(network));
    }

    /** ONNX Runtime computes both forms; 8-bit products of the standard form round what comes in, too. */
    @ParameterizedTest
    @CsvSource({"true, KERNEL", "false, KERNEL", "true, STANDARD", "false, STANDARD"})
    void theSquaredErrorIsLessThanThatOfTheWholeRange(boolean symmetric, WeightForm form) {
        Network network = Networks.mlp(256, 96);
        double whole = error(network, pass(symmetric, form, WeightRange.MIN_MAX, "-"));
        double fitted = error(network, pass(symmetric, form, WeightRange.MSE, "-"));
        assertThat(fitted).isBetween(0.3 * whole, 0.99 * whole);
    }

    /** Channels that a normalization makes large: written as one operator, and as exporters write it. */
    private static Network normalized(boolean oneOperator, float[] scale, float[] bias) {
        NetworkBuilder builder = Network.builder("normalized")
                .input("x", 24, WIDTH)
                .weight("scale", Tensor.ofFloats(scale, WIDTH))
                .weight("bias", Tensor.ofFloats(bias, WIDTH))
                .weight("w", Networks.random(3, WIDTH, WIDTH, 48));
        if (oneOperator) {
            builder.node("LayerNormalization", List.of("x", "scale", "bias"), "n");
        } else {
            builder.weight("two", Tensor.scalar(2))
                    .weight("small", Tensor.scalar(1e-5f))
                    .node(mean("x", "mean"))
                    .node("Sub", List.of("x", "mean"), "moved")
                    .node("Pow", List.of("moved", "two"), "square")
                    .node(mean("square", "variance"))
                    .node("Add", List.of("variance", "small"), "positive")
                    .node("Sqrt", List.of("positive"), "deviation")
                    .node("Div", List.of("moved", "deviation"), "unit")
                    .node("Mul", List.of("scale", "unit"), "scaled")
                    .node("Add", List.of("scaled", "bias"), "n");
        }
        return builder.opset("", 17)
                .node("MatMul", List.of("n", "w"), "y")
                .output("y", 24, 48)
                .build();
    }

    private static Node mean(String input, String output) {
        return Node.of("ReduceMean", output, List.of(input), output)
                .with("axes", Attribute.ofInts(-1))
                .with("keepdims", Attribute.of(1));
    }

    private static float[] uneven(float most) {
        float[] values = new float[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            values[i] = i % 8 == 0 ? most : 0.1f;
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void whatANormalizationTellsIsWhatComesIn(boolean oneOperator) {
        float[] scale = uneven(4);
        float[] bias = uneven(1);
        Network network = normalized(oneOperator, scale, bias);
        LayerWeight layer = LayerWeight.of(network).get(0);
        float[] told = new NormalizedInputs(network).meanSquares(layer);
        // The judge: ONNX Runtime's values behind the normalization.
        Network open = network.toBuilder().output("n", 24, WIDTH).build();
        float[] values;
        try (RuntimeSession session = RuntimeSession.open(open)) {
            values = session.run(Map.of("x", Networks.random(5, 1, 24, WIDTH)))
                    .get("n")
                    .toFloatArray();
        }
        for (int column = 0; column < WIDTH; column++) {
            double sum = 0;
            for (int row = 0; row < 24; row++) {
                sum += Math.pow(values[row * WIDTH + column], 2) / 24;
            }
            assertThat((double) told[column])
                    .isEqualTo(scale[column] * scale[column] + bias[column] * bias[column], within(1e-5))
                    .isBetween(sum / 4, sum * 4);
        }
    }

    @Test
    void nothingIsKnownWithoutANormalization() {
        Network plain = Networks.matMulAdd();
        NormalizedInputs inputs = new NormalizedInputs(plain);
        LayerWeight.of(plain)
                .forEach(layer -> assertThat(inputs.meanSquares(layer)).isNull());
        Network turned = Network.builder("turned")
                .input("x", 8, 6)
                .weight("scale", Networks.uniform(1, 0.5f, 2, 6))
                .weight("w", Networks.random(2, 8, 8, 5))
                .node("LayerNormalization", List.of("x", "scale"), "n")
                .node(Node.of("Gemm", "fc", List.of("n", "w"), "y").with("transA", Attribute.of(1)))
                .opset("", 17)
                .output("y", 6, 5)
                .build();
        assertThat(new NormalizedInputs(turned)
                        .meanSquares(LayerWeight.of(turned).get(0)))
                .isNull();
    }

    @Test
    void errorsOfLargeInputsCountMore() {
        Network network = normalized(true, uneven(4), uneven(0));
        double whole = error(network, pass(true, WeightForm.KERNEL, WeightRange.MIN_MAX, "-"));
        double fitted = error(network, pass(true, WeightForm.KERNEL, WeightRange.MSE, "-"));
        // Without the normalization's word the fit wins a tenth or two, and not a third.
        assertThat(fitted).isLessThan(0.75 * whole);
    }

    @Test
    void namedLayersKeepEightBits() {
        Network network = Networks.mlp(64, 48, 32);
        Network mixed = network.apply(pass(true, WeightForm.STANDARD, WeightRange.MSE, "fc2*"));
        assertThat(mixed.weights().values().stream().map(Tensor::type)).contains(ElementType.INT4, ElementType.INT8);
        assertThat(mixed.weights().keySet()).contains("fc1.weight.int4", "fc2.weight.int8");
        assertThat(Equality.relativeError(network, mixed, Equality.feeds(network)))
                .isLessThan(error(network, pass(true, WeightForm.STANDARD, WeightRange.MSE, "-")));
        assertThat(Onnx.read(Onnx.bytes(mixed), "again").weights()).isEqualTo(mixed.weights());
    }

    @Test
    void optionsAreChecked() {
        assertThatThrownBy(() -> pass(true, WeightForm.KERNEL, null, "-"))
                .hasMessage("Option ranges was not given; it is mse or min-max.");
        assertThatThrownBy(() -> new WeightOnlyQuantization(
                        8, 32, true, WeightForm.KERNEL, WeightRange.MSE, true, true, false, "*", "fc1"))
                .hasMessage("Option int8-layers is for 4 bits, and bits is 8.");
        assertThatThrownBy(() -> Networks.mlp(64, 48).apply(pass(true, WeightForm.KERNEL, WeightRange.MSE, "fc9")))
                .hasMessage("No layer of network mlp is named fc9; did you mean fc1?");
    }
}
