package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Equality;
import pomona.Networks;
import pomona.evaluate.Profile;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;

class WeightOnlyQuantizationTest {

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onnxRuntimeComputesWithTheRoundedWeights(boolean perChannel) {
        for (Network network : List.of(Networks.lenet300(), Networks.matMulAdd(), Networks.cnn())) {
            Network quantized = network.apply(new WeightOnlyQuantization(perChannel, "*"));

            assertThat(quantized.parameters()).isEqualTo(network.parameters());
            float[] expected = Equality.run(rounded(network, perChannel), Equality.feeds(network));
            assertThat(Equality.runUnfused(quantized, Equality.feeds(network)))
                    .containsExactly(expected, within(1e-5f));
            // Fused, ONNX Runtime's kernels round what they multiply with to 8 bits.
            assertThat(Equality.relativeError(rounded(network, perChannel), quantized, Equality.feeds(network)))
                    .isLessThan(0.01);
            double error = Equality.relativeError(network, quantized, Equality.feeds(network));
            assertThat(error).isBetween(1e-4, 0.03);
        }
    }

    /** The same network with each weight rounded to the steps of its scales, as floats. */
    private static Network rounded(Network network, boolean perChannel) {
        Map<String, Tensor> changed = new LinkedHashMap<>();
        for (LayerWeight weight : LayerWeight.of(network)) {
            long[] shape = weight.tensor().shape();
            int axis = perChannel ? weight.outputAxis() : -1;
            float[] values = weight.tensor().toFloatArray();
            float[] scales = QuantizedWeight.scales(values, shape, axis, 127);
            QuantizedWeight quantized = QuantizedWeight.of(values, shape, axis, scales, 127);
            int inner = 1;
            for (int d = axis + 1; perChannel && d < shape.length; d++) {
                inner *= (int) shape[d];
            }
            long[] bytes = quantized.values().toLongArray();
            for (int i = 0; i < values.length; i++) {
                values[i] = bytes[i] * scales[perChannel ? i / inner % scales.length : 0];
            }
            changed.put(weight.name(), Tensor.ofFloats(values, shape));
        }
        return network.withWeights(changed);
    }

    @Test
    void isAQuarterAsLarge() {
        Network lenet = Networks.lenet300();
        Network quantized = lenet.apply(new WeightOnlyQuantization());

        assertThat(Onnx.size(quantized) / (double) Onnx.size(lenet)).isBetween(0.25, 0.26);
        assertThat(quantized.weight("fc1.weight.int8").type()).isEqualTo(ElementType.INT8);
        assertThat(quantized.weight("fc1.weight.scale").shape()).containsExactly(300);
        assertThat(quantized.nodes().stream().map(Node::name)).contains("fc1.weight.dequantize");
        assertThat(quantized.provenance())
                .hasToString("[WeightOnlyQuantization(bits=8, block=0, symmetric=true,"
                        + " form=kernel, ranges=mse, perChannel=true, embeddings=true, integerProducts=false,"
                        + " layers=*, int8Layers=-)]");
        assertThat(Profile.of(quantized).layers())
                .hasSameSizeAs(Profile.of(lenet).layers());
        assertThat(quantized.apply(new pomona.simplify.DeadNodeElimination()).nodes())
                .isEqualTo(quantized.nodes());
    }

    /** Many columns, few, and a tensor of several stretches. */
    @Test
    void roundsAsTheSimpleWayDoes() {
        for (long[] shape : new long[][] {{700, 1000}, {1000, 3}, {3, 5000}, {2, 3, 4, 5}}) {
            Tensor weight = Networks.random(5, 4, shape);
            for (int axis = -1; axis < shape.length; axis++) {
                float[] scales = QuantizedWeight.scales(weight.toFloatArray(), shape, axis, 127);
                ChannelScales channels = ChannelScales.along(axis, weight);
                assertThat(channels.scales()).isEqualTo(scales);
                assertThat(channels.quantize(scales, pomona.graph.TensorStore.of(weight.size())))
                        .isEqualTo(QuantizedWeight.of(weight.toFloatArray(), shape, axis, scales, 127)
                                .values());
            }
        }
    }

    @Test
    void refusesWhatItCanNotQuantize() {
        Network lenet = Networks.lenet300();
        assertThatThrownBy(() -> lenet.apply(new WeightOnlyQuantization()).apply(new WeightOnlyQuantization()))
                .hasMessage("Network lenet-300-100 is quantized already: operator fc1.weight.dequantize is"
                        + " DequantizeLinear; quantize the network of floats that it was made from.");
        float[] values = lenet.weight("fc2.weight").toFloatArray();
        values[7] = Float.NaN;
        Network odd = lenet.withWeights(Map.of("fc2.weight", Tensor.ofFloats(values, 100, 300)));
        assertThatThrownBy(() -> odd.apply(new WeightOnlyQuantization()))
                .hasMessage("Weight fc2.weight of layer fc2 holds values that are NaN or infinite; weights to quantize"
                        + " are finite.");
        Network none = Network.builder("none")
                .input("x", 1)
                .node("Relu", List.of("x"), "y")
                .output("y", 1)
                .build();
        assertThatThrownBy(() -> none.apply(new WeightOnlyQuantization()))
                .hasMessage("Network none has nothing to quantize; it would be the constant 32-bit floating-point"
                        + " weights of Gemm, MatMul or Conv operators, or the tables of Gather.");
    }
}
