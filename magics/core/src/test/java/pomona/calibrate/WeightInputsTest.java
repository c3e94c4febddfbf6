package pomona.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.Records;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.Attribute;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

class WeightInputsTest {

    private static final Tensor X = Networks.uniform(9, -1, 1, 5, 3);

    private static Network network(Node... nodes) {
        return Network.builder("shared")
                .input("x", "batch", 3)
                .weight("w", Networks.random(3, 3, 3, 3))
                .nodes(List.of(nodes))
                .output("y", "batch", 3)
                .build();
    }

    private static Node gemm(String input, String output, long transB, float alpha) {
        return Node.of("Gemm", output, List.of(input, "w"), output)
                .with("transB", Attribute.of(transB))
                .with("alpha", Attribute.of(alpha));
    }

    /** The Hessian that the weight is solved by, and how often it is solved. */
    private static List<double[][]> solved(Network network, Tensor records) {
        List<double[][]> seen = new ArrayList<>();
        new LayerHessians(new MeasuredRecords(Records.of(records), 100), "measure")
                .solve(network, LayerWeight.of(network), (layer, hessians) -> {
                    for (InputHessian hessian : hessians) {
                        seen.add(hessian.matrix());
                    }
                    return layer.tensor();
                });
        return seen;
    }

    /** The products of columns of the first layer's output, which is the network's input times the weight. */
    private static double[][] products(float[] rows) {
        double[][] products = new double[3][3];
        for (int start = 0; start < rows.length; start += 3) {
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j < 3; j++) {
                    products[i][j] += rows[start + i] * (double) rows[start + j];
                }
            }
        }
        return products;
    }

    private static float[] firstOutput(Network network, float alpha) {
        float[] w = network.weight("w").toFloatArray();
        float[] x = X.toFloatArray();
        float[] out = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            for (int k = 0; k < 3; k++) {
                out[i] += alpha * x[i / 3 * 3 + k] * w[k * 3 + i % 3];
            }
        }
        return out;
    }

    @Test
    void layersThatShareAWeightCountByTheirFactors() {
        Network network = network(gemm("x", "h", 0, 2), gemm("h", "y", 0, 0.5f));
        double[][] first = products(X.toFloatArray());
        double[][] second = products(firstOutput(network, 2));
        List<double[][]> hessians = solved(network, X);
        assertThat(hessians).hasSize(1);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                assertThat(hessians.get(0)[i][j]).isCloseTo(4 * first[i][j] + 0.25 * second[i][j], within(1e-4));
            }
        }
        // Alone, a layer's factor changes nothing.
        double[][] alone = solved(network(gemm("x", "y", 0, 2)), X).get(0);
        assertThat(alone[0][1]).isCloseTo(first[0][1], within(1e-5));
    }

    @Test
    void ofLayersThatTakeItTransposedTheMeanSquareCounts() {
        Network network = network(gemm("x", "h", 0, 1), gemm("h", "y", 1, 3));
        double[][] first = products(X.toFloatArray());
        double[][] second = products(firstOutput(network, 1));
        double square = 9 * (second[0][0] + second[1][1] + second[2][2]) / 3;
        double[][] hessian = solved(network, X).get(0);
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                assertThat(hessian[i][j]).isCloseTo(first[i][j] + (i == j ? square : 0), within(1e-3));
            }
        }
    }

    /** A convolution over two channels, and one of two groups over four, with the same kernel. */
    @Test
    void convolutionsOfOtherGroupsShareTheFinest() {
        Network network = Network.builder("groups")
                .input("x", "batch", 2, 1, 1)
                .weight("w", Networks.random(3, 2, 4, 2, 1, 1))
                .node(Node.of("Conv", "one", List.of("x", "w"), "h"))
                .node(Node.of("Conv", "two", List.of("h", "w"), "y").with("group", Attribute.of(2)))
                .output("y", "batch", 4, 1, 1)
                .build();
        Tensor images = Networks.uniform(9, -1, 1, 5, 2, 1, 1);
        List<double[][]> hessians = solved(network, images);
        assertThat(hessians).hasSize(2);
        float[] x = images.toFloatArray();
        float[] w = network.weight("w").toFloatArray();
        for (int group = 0; group < 2; group++) {
            double expected = 0;
            for (int record = 0; record < 5; record++) {
                double[] fed = new double[2];
                for (int i = 0; i < 2; i++) {
                    int channel = 2 * group + i;
                    fed[i] = x[2 * record] * w[2 * channel] + x[2 * record + 1] * w[2 * channel + 1];
                }
                expected += x[2 * record] * x[2 * record + 1] + fed[0] * fed[1];
            }
            assertThat(hessians.get(group)[0][1]).isCloseTo(expected, within(1e-5));
        }
    }
}
