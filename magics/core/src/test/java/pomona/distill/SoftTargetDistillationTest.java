package pomona.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import pomona.djl.IdxDataset;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.train.CrossEntropy;
import pomona.train.FineTuning;
import pomona.train.Training;
import pomona.train.TrainingLoop;

/** On real digits: ten thousand images to learn from, as many to be judged on. */
class SoftTargetDistillationTest {

    private static final Path MNIST = Path.of("../../notebooks/data/mnist");
    private static final IdxDataset TRAIN = IdxDataset.train(MNIST).flat().limit(10_000);
    private static final IdxDataset TEST = IdxDataset.test(MNIST).flat();

    private static Network layers(String name, int width, long seed) {
        var random = new java.util.Random(seed);
        return Network.builder(name)
                .input("x", "batch", 784)
                .weight("w1", gaussian(random, 0.05f, 784, width))
                .weight("w2", gaussian(random, 0.2f, width, 10))
                .node("MatMul", java.util.List.of("x", "w1"), "h")
                .node("Relu", java.util.List.of("h"), "r")
                .node("MatMul", java.util.List.of("r", "w2"), "y")
                .output("y", "batch", 10)
                .build();
    }

    private static Tensor gaussian(java.util.Random random, float deviation, long... shape) {
        float[] values = new float[(int) (shape[0] * shape[1])];
        for (int i = 0; i < values.length; i++) {
            values[i] = deviation * (float) random.nextGaussian();
        }
        return Tensor.ofFloats(values, shape);
    }

    private static Network withSoftmax(Network network) {
        return network.toBuilder()
                .outputs(java.util.List.of(pomona.graph.Value.of("p", pomona.graph.ElementType.FLOAT, "batch", 10)))
                .node("Softmax", java.util.List.of("y"), "p")
                .build();
    }

    /** The student sees no label of the digits 7, 8 and 9; what it knows of them it has from the teacher alone. */
    @Test
    void teachesClassesThatTheStudentHasNoLabelsFor() {
        Network teacher = layers("teacher", 100, 1).apply(new FineTuning(TRAIN, Training.epochs(3), false));
        Network student = layers("student", 20, 2);

        Network distilled = student.apply(new SoftTargetDistillation(
                teacher, TRAIN, 4, 1.0, Training.epochs(3).withLearningRate(0.003), false));

        double teacherError = Evaluation.of(teacher, TEST).error();
        double studentError = Evaluation.of(distilled, TEST).error();
        assertThat(teacherError).isLessThan(10);
        assertThat(studentError).isLessThan(teacherError + 5);
        assertThat(distilled.provenance()).hasSize(1);
        assertThat(distilled.provenance().get(0).toString())
                .startsWith("SoftTargetDistillation(teacher=teacher, data=IdxDataset, temperature=4.0, softShare=1.0,"
                        + " epochs=3, batchSize=128");
    }

    @Test
    void givesTheSameNetworkForTheSameSeed() {
        Network teacher = layers("teacher", 30, 1);
        IdxDataset few = TRAIN.limit(512);
        SoftTargetDistillation pass = new SoftTargetDistillation(teacher, few, Training.epochs(1));
        Network student = layers("student", 20, 2);

        assertThat(student.apply(pass)).isEqualTo(student.apply(pass));
    }

    /** Whether networks end in logits or in probabilities makes no difference to what is learned. */
    @Test
    void seesThroughASoftmax() {
        Network teacher = layers("teacher", 30, 1);
        Network student = layers("student", 20, 2);
        IdxDataset few = TRAIN.limit(512);
        Training training = Training.epochs(1);

        Network plain = student.apply(new SoftTargetDistillation(teacher, few, training));
        Network wrapped = withSoftmax(student).apply(new SoftTargetDistillation(withSoftmax(teacher), few, training));

        assertThat(wrapped.weight("w2").toFloatArray())
                .containsExactly(plain.weight("w2").toFloatArray(), org.assertj.core.api.Assertions.within(1e-3f));
    }

    /** Without the teacher's word what is left is plain training, scaled by nothing. */
    @Test
    void isPlainTrainingWithoutTheTeachersShare() {
        Network student = layers("student", 20, 2);
        IdxDataset few = TRAIN.limit(512);
        Training training = Training.epochs(1);

        Network distilled =
                student.apply(new SoftTargetDistillation(layers("teacher", 30, 1), few, 4, 0, training, false));
        Network trained = new TrainingLoop("train", training, false)
                .run(student, few, CrossEntropy.of(student))
                .network();

        assertThat(distilled.weight("w1").toFloatArray())
                .containsExactly(trained.weight("w1").toFloatArray(), org.assertj.core.api.Assertions.within(1e-5f));
    }

    @Test
    void refusesOptionsOutOfRange() {
        Network net = layers("net", 4, 1);
        Training training = Training.epochs(1);

        assertThatThrownBy(() -> new SoftTargetDistillation(null, TRAIN, training))
                .hasMessage("Distillation needs a teacher; none was given.");
        assertThatThrownBy(() -> new SoftTargetDistillation(net, TRAIN, 0, 0.5, training, true))
                .hasMessage("temperature must be above 0; it was 0.0.");
        assertThatThrownBy(() -> new SoftTargetDistillation(net, TRAIN, 2, 1.5, training, true))
                .hasMessage("soft-share must be 0 to 1; it was 1.5.");
        assertThatThrownBy(() -> new SoftTargetDistillation(net, null, training))
                .hasMessage("Distillation needs data to train on; none was given.");
    }
}
