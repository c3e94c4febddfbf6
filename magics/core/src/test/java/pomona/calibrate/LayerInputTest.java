package pomona.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.RuntimeSession;
import pomona.graph.Attribute;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

class LayerInputTest {

    /** A grouped convolution with strides, dilations and padding that is not the same on both sides. */
    private static Network convolution() {
        return Network.builder("conv")
                .input("x", "batch", 4, 7, 6)
                .weight("w", Networks.random(3, 4, 6, 2, 3, 2))
                .node(Node.of("Conv", "conv", List.of("x", "w"), "c")
                        .with("group", Attribute.of(2))
                        .with("strides", Attribute.ofInts(2, 1))
                        .with("dilations", Attribute.ofInts(1, 2))
                        .with("pads", Attribute.ofInts(1, 0, 2, 1)))
                .output("c", "batch", 6, 4, 5)
                .build();
    }

    @Test
    void theColumnsOfAConvolutionTimesItsWeightsAreItsOutputs() {
        Network network = convolution();
        Tensor x = Networks.uniform(9, -1, 1, 3, 4, 7, 6);
        LayerWeight layer = LayerWeight.of(network).get(0);
        LayerInput input = LayerInput.of(network, layer);
        MatrixLayout layout = MatrixLayout.of(layer);
        float[] weights = layer.tensor().toFloatArray();
        float[] expected;
        try (RuntimeSession session = RuntimeSession.open(network)) {
            expected = session.run(x).toFloatArray();
        }
        for (int group = 0; group < 2; group++) {
            int g = group;
            int[] position = {0};
            input.forEachRow(x, group, row -> {
                for (int o = 0; o < 3; o++) {
                    double sum = 0;
                    for (int column = 0; column < row.length; column++) {
                        sum += row[column] * weights[layout.element(3 * g + o, column)];
                    }
                    int record = position[0] / 20;
                    int place = position[0] % 20;
                    assertThat(sum).isCloseTo(expected[(record * 6 + 3 * g + o) * 20 + place], within(1e-5));
                }
                position[0]++;
            });
            assertThat(position[0]).isEqualTo(60);
        }
    }

    @Test
    void aTransposedConvolutionIsRefused() {
        Network network = Network.builder("up")
                .input("x", "batch", 2, 4, 4)
                .weight("w", Networks.random(3, 2, 2, 5, 3, 3))
                .node(Node.of("ConvTranspose", "up", List.of("x", "w"), "y"))
                .output("y", "batch", 5, 6, 6)
                .build();
        LayerWeight layer = LayerWeight.of(network).get(0);
        assertThatThrownBy(() -> LayerInput.of(network, layer))
                .hasMessage("Layer up (ConvTranspose with a weight of 4 dimensions) can not be solved by its inputs;"
                        + " Gemm, MatMul of a matrix and Conv can. Leave it out with layers \"*, !up\".");
    }
}
