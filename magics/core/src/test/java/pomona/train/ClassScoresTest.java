package pomona.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.List;
import org.junit.jupiter.api.Test;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;

class ClassScoresTest {

    private static final float[] PROBABILITIES = {0.7f, 0.2f, 0.0999f, 0.01f, 1e-20f, 0f};

    /** The logarithm is cut off at 1e-12, far from where a difference quotient looks for all but the last two. */
    @Test
    void gradientsOfProbabilitiesAreThoseOfFiniteDifferences() {
        ClassScores scores = ClassScores.of(softmax());
        float[] gradients;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray given = manager.create(PROBABILITIES);
            given.setRequiresGradient(true);
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDArray sum = scores.logits(given).sum();
                System.gc();
                collector.backward(sum);
            }
            gradients = given.getGradient().toFloatArray();
            for (int i = 0; i < PROBABILITIES.length; i++) {
                float step = Math.max(1e-3f * PROBABILITIES[i], 1e-15f);
                double slope = (value(scores, manager, i, step) - value(scores, manager, i, -step)) / (2.0 * step);
                assertThat((double) gradients[i])
                        .as("gradient of probability %s", PROBABILITIES[i])
                        .isCloseTo(slope, within(0.005 * Math.abs(slope)));
            }
        }
        assertThat(gradients[4]).isZero();
        assertThat(gradients[5]).isZero();
    }

    private static double value(ClassScores scores, NDManager manager, int place, float step) {
        float[] moved = {PROBABILITIES[place] + step};
        return scores.logits(manager.create(moved)).getFloat();
    }

    private static Network softmax() {
        NetworkBuilder builder = Network.builder("softmax").input("x", "batch", 6);
        return builder.node("Softmax", List.of("x"), "y")
                .output("y", "batch", 6)
                .build();
    }
}
