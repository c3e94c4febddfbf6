package pomona.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import pomona.djl.IdxDataset;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.train.Trained;
import pomona.train.Training;

class MergeFusionTest {

    private static final IdxDataset DATA =
            IdxDataset.train(Path.of("../../notebooks/data/mnist")).flat().limit(10_000);

    private static Network linear(String name, long seed) {
        Random random = new Random(seed);
        float[] values = new float[784 * 10];
        for (int i = 0; i < values.length; i++) {
            values[i] = 0.05f * (float) random.nextGaussian();
        }
        return Network.builder(name)
                .input("x", "batch", 784)
                .weight("w", Tensor.ofFloats(values, 784, 10))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", 10)
                .build();
    }

    /** Of linear networks the weighted sum is linear too, so the merged one can reach it. */
    @Test
    void fitsTheWeightedSum() {
        Network a = linear("a", 1);
        Network b = linear("b", 2);
        MergeFusion merge = new MergeFusion(
                List.of(a, b), List.of(3.0, 1.0), DATA, Training.epochs(6).withLearningRate(0.01));

        Trained trained = merge.train(linear("merged", 3));

        double untrained = trained.history().batches()[0];
        assertThat(trained.history().epochs()[5]).isLessThan(untrained / 20);
        Tensor unseen =
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().images(0, 500);
        float[] ya = run(a, unseen);
        float[] yb = run(b, unseen);
        float[] merged = run(trained.network(), unseen);
        double error = 0;
        double size = 0;
        for (int i = 0; i < merged.length; i++) {
            float sum = 0.75f * ya[i] + 0.25f * yb[i];
            error += Math.pow(merged[i] - sum, 2);
            size += Math.pow(sum, 2);
        }
        assertThat(error / size).isLessThan(0.05);
    }

    private static float[] run(Network network, Tensor images) {
        try (RuntimeSession session = RuntimeSession.open(network, 1)) {
            return session.run(images).toFloatArray();
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Network a = linear("a", 1);
        Network other = a.toBuilder()
                .inputs(List.of(pomona.graph.Value.of("x", pomona.graph.ElementType.FLOAT, "batch", 700)))
                .name("other")
                .build();

        assertThatThrownBy(() -> a.apply(new MergeFusion(List.of(other), DATA, Training.epochs(1))))
                .hasMessage("Network other has the inputs [x float[batch,700]], but a has [x float[batch,784]];"
                        + " fused networks agree in type and shape.");
        assertThatThrownBy(() -> new MergeFusion(List.of(), DATA, Training.epochs(1)))
                .hasMessage("peers is empty; merging takes at least one peer.");
        assertThatThrownBy(() -> new MergeFusion(List.of(a), null, Training.epochs(1)))
                .hasMessage("Merging needs data to train on; none was given.");
    }
}
