package pomona.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.djl.RuntimeSession;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.prune.ChannelPruning;
import pomona.train.FineTuning;
import pomona.train.Training;

class FeatureDistillationTest {

    private static final int TEXTS = 6;
    private static final int PLACES = 5;
    private static final int WIDTH = 4;
    private static final NDManager MANAGER = NDManager.newBaseManager(Device.cpu(), "PyTorch");

    @AfterAll
    static void close() {
        MANAGER.close();
    }

    /** Two layers over every place of a text; the mask is an input that the network does not look at. */
    private static Network encoder(String name, int hidden, long seed) {
        return Network.builder(name)
                .input("text", "batch", "places", WIDTH)
                .input("mask", "batch", "places")
                .weight("up", Networks.random(seed, WIDTH, WIDTH, hidden))
                .weight("down", Networks.random(seed + 1, hidden, hidden, 3))
                .weight("last", Networks.random(seed + 2, 3, 3, 2))
                .node("MatMul", List.of("text", "up"), "h")
                .node("Tanh", List.of("h"), "active")
                .node("MatMul", List.of("active", "down"), "features")
                .node("MatMul", List.of("features", "last"), "y")
                .output("y", "batch", "places", 2)
                .build();
    }

    private static float[] texts(float padding) {
        float[] values =
                Networks.random(9, 1, TEXTS * PLACES * WIDTH).toFloatArray().clone();
        float[] mask = mask();
        for (int i = 0; i < values.length; i++) {
            values[i] = mask[i / WIDTH] == 0 ? padding : values[i];
        }
        return values;
    }

    /** Texts of five places down to one. */
    private static float[] mask() {
        float[] mask = new float[TEXTS * PLACES];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = i % PLACES < PLACES - i / PLACES % PLACES ? 1 : 0;
        }
        return mask;
    }

    private static ArrayDataset data(float padding) {
        return new ArrayDataset.Builder()
                .setData(
                        MANAGER.create(texts(padding), new Shape(TEXTS, PLACES, WIDTH)),
                        MANAGER.create(mask(), new Shape(TEXTS, PLACES)))
                .setSampling(TEXTS, false)
                .build();
    }

    private static float[] outputs(Network network) {
        try (RuntimeSession session = RuntimeSession.open(network)) {
            return session.run(Map.of(
                            "text", Tensor.ofFloats(texts(7), TEXTS, PLACES, WIDTH),
                            "mask", Tensor.ofFloats(mask(), TEXTS, PLACES)))
                    .get("y")
                    .toFloatArray();
        }
    }

    private static FeatureDistillation distillation(Network teacher, int epochs) {
        return new FeatureDistillation(
                teacher, data(7), Training.epochs(epochs).withBatchSize(TEXTS).withLearningRate(0.01));
    }

    @ParameterizedTest
    @CsvSource({"MSE, false", "MSE, true", "COSINE, false", "COSINE, true"})
    void theLossIsTheMeanOverWhatCounts(FeatureLoss loss, boolean pool) {
        Network teacher = encoder("teacher", 8, 1);
        Network student = encoder("student", 5, 4);

        double first = distillation(teacher, 1)
                .withLoss(loss)
                .withMask("mask")
                .withPool(pool)
                .train(student)
                .history()
                .epochs()[0];

        assertThat(first).isEqualTo(expected(outputs(student), outputs(teacher), loss, pool), within(1e-5));
    }

    private static double expected(float[] student, float[] teacher, FeatureLoss loss, boolean pool) {
        float[] mask = mask();
        double sum = 0;
        double count = 0;
        for (int text = 0; text < TEXTS; text++) {
            double[][] means = new double[2][2];
            for (int place = 0; place < PLACES; place++) {
                int at = text * PLACES + place;
                double[] left = {student[2 * at], student[2 * at + 1]};
                double[] right = {teacher[2 * at], teacher[2 * at + 1]};
                for (int i = 0; i < 2; i++) {
                    means[0][i] += mask[at] * left[i];
                    means[1][i] += mask[at] * right[i];
                }
                sum += pool ? 0 : mask[at] * distance(left, right, loss);
                count += pool ? 0 : mask[at];
            }
            double length = PLACES - text % PLACES;
            for (double[] mean : means) {
                mean[0] /= length;
                mean[1] /= length;
            }
            sum += pool ? distance(means[0], means[1], loss) : 0;
            count += pool ? 1 : 0;
        }
        return sum / count;
    }

    private static double distance(double[] left, double[] right, FeatureLoss loss) {
        if (loss == FeatureLoss.MSE) {
            return (Math.pow(left[0] - right[0], 2) + Math.pow(left[1] - right[1], 2)) / 2;
        }
        return 1
                - (left[0] * right[0] + left[1] * right[1])
                        / Math.hypot(left[0], left[1])
                        / Math.hypot(right[0], right[1]);
    }

    @ParameterizedTest
    @CsvSource({"MSE, false", "MSE, true", "COSINE, false", "COSINE, true"})
    void comesCloserToTheTeacher(FeatureLoss loss, boolean pool) {
        double[] epochs = distillation(encoder("teacher", 8, 1), 160)
                .withLoss(loss)
                .withMask("mask")
                .withPool(pool)
                .train(encoder("student", 5, 4))
                .history()
                .epochs();
        assertThat(epochs[159]).isLessThan(0.5 * epochs[0]);
    }

    @Test
    void paddingIsNotLearnedFrom() {
        Network teacher = encoder("teacher", 8, 1);
        Network student = encoder("student", 5, 4);
        FeatureDistillation seven = distillation(teacher, 3).withMask("mask");
        FeatureDistillation zero = new FeatureDistillation(
                teacher, data(0), FeatureLoss.MSE, "output", "mask", false, seven.training(), true);
        assertThat(student.apply(seven).weights()).isEqualTo(student.apply(zero).weights());
    }

    @Test
    void valuesInsideAreMatchedAndWhatIsBehindThemStays() {
        Network teacher = encoder("teacher", 8, 1);
        Network student = encoder("student", 5, 4);
        Network inside = student.apply(distillation(teacher, 2).withValues("features"));
        assertThat(inside.weight("last")).isEqualTo(student.weight("last"));
        assertThat(inside.weight("up")).isNotEqualTo(student.weight("up"));
        assertThat(inside.signature()).isEqualTo(student.signature());
        Network both = student.apply(distillation(teacher, 2).withValues("features, output"));
        assertThat(both.weight("last")).isNotEqualTo(student.weight("last"));
        assertThat(both.provenance().get(0).toString())
                .startsWith("FeatureDistillation(teacher=teacher, data=ArrayDataset, loss=mse, values=features, output,"
                        + " mask=none, pool=false, epochs=2");
    }

    /** On real digits: what half of the neurons cost is learned back without a label. */
    @Test
    void whatPruningCostIsLearnedBack() {
        Path mnist = Path.of("../../notebooks/data/mnist");
        IdxDataset train = IdxDataset.train(mnist).flat().limit(10_000);
        IdxDataset test = IdxDataset.test(mnist).flat().limit(2000);
        Network teacher = Networks.mlp(784, 60, 30, 10).apply(new FineTuning(train, Training.epochs(3), false));
        Network pruned = teacher.apply(new ChannelPruning(0.5));

        Network distilled = pruned.apply(
                new FeatureDistillation(teacher, train, Training.epochs(3).withLearningRate(0.003)));

        double error = Evaluation.of(teacher, test).error();
        assertThat(Evaluation.of(pruned, test).error()).isGreaterThan(error + 5);
        assertThat(Evaluation.of(distilled, test).error()).isLessThan(error + 3);
    }

    @Test
    void refusesWhatMakesNoSense() {
        Network teacher = encoder("teacher", 8, 1);
        Network student = encoder("student", 5, 4);
        assertThatThrownBy(() -> student.apply(distillation(teacher, 1).withValues("feature")))
                .hasMessage("Teacher teacher has no value feature; did you mean features?");
        assertThatThrownBy(() -> student.apply(distillation(teacher, 1).withMask("masks")))
                .hasMessage("Network student has no input masks to use as a mask; did you mean mask?");
        assertThatThrownBy(() -> student.apply(distillation(teacher, 1).withValues("active")))
                .hasMessage("Value active is (6, 5, 5) in student but (6, 5, 8) in teacher; values to match have one"
                        + " shape.");
        assertThatThrownBy(() -> distillation(teacher, 1).withLoss(null))
                .hasMessage("Option loss was not given; it is mse or cosine.");
        assertThatThrownBy(() -> new FeatureDistillation(null, data(0), Training.epochs(1)))
                .hasMessage("Distillation needs a teacher; none was given.");
        assertThat(student).isEqualTo(encoder("student", 5, 4));
    }
}
