package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdamStepsTest {

    /** The steps are those of the paper's algorithm, in which epsilon is added to the corrected root. */
    @Test
    void makesTheStepsOfThePaper() {
        float[] weights = {1, -2, 0.5f};
        float[][] gradients = {{0.5f, -1, 0}, {-0.25f, -2, 1e-3f}, {1, 0.5f, -1e-3f}};
        double[] expected = {1, -2, 0.5};
        double[] mean = new double[3];
        double[] variance = new double[3];
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray first = manager.create(new float[] {weights[0]});
            NDArray others = manager.create(new float[] {weights[1], weights[2]});
            first.setName("layer.weight");
            AdamSteps adam = new AdamSteps(List.of(first, others), 0.1, manager);
            for (int t = 1; t <= gradients.length; t++) {
                float[] g = gradients[t - 1];
                NDArray one = manager.create(new float[] {g[0]});
                NDArray two = manager.create(new float[] {g[1], g[2]});
                adam.step(List.of(one, two), 0.01 * t);
                assertThat(one.toFloatArray()).containsExactly(0);
                assertThat(two.toFloatArray()).containsExactly(0, 0);
                for (int i = 0; i < 3; i++) {
                    double slope = g[i] + 0.1 * expected[i];
                    mean[i] = 0.9 * mean[i] + 0.1 * slope;
                    variance[i] = 0.999 * variance[i] + 0.001 * slope * slope;
                    double corrected = Math.sqrt(variance[i] / (1 - Math.pow(0.999, t))) + 1e-8;
                    expected[i] -= 0.01 * t * mean[i] / (1 - Math.pow(0.9, t)) / corrected;
                }
            }
            assertThat(first.getName()).isEqualTo("layer.weight");
            assertThat(first.getFloat()).isCloseTo((float) expected[0], within(1e-6f));
            assertThat(others.toFloatArray())
                    .containsExactly(new float[] {(float) expected[1], (float) expected[2]}, within(1e-6f));
        }
    }
}
