package pomona.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.evaluate.Evaluation;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.quantize.Float16Quantization;

/** Data that a network can not learn from is refused in one sentence that names the value. */
class MistakenDataTest {

    private static final Training ONCE = Training.epochs(1).withBatchSize(8);

    private static NDManager manager;

    @BeforeAll
    static void open() {
        manager = NDManager.newBaseManager("PyTorch");
    }

    @AfterAll
    static void close() {
        manager.close();
    }

    private static Network rows(Object batch) {
        return Network.builder("rows")
                .input("x", batch, 4)
                .weight("w", Networks.random(1, 4, 4, 3))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", batch, 3)
                .build();
    }

    private static Network words() {
        return Network.builder("words")
                .input(Value.of("tokens", ElementType.INT64, "batch", "length"))
                .weight("table", Networks.random(2, 20, 20, 4))
                .weight("axes", Tensor.ofLongs(new long[] {1}, 1))
                .weight("w", Networks.random(3, 4, 4, 3))
                .opset("", 18)
                .node("Gather", List.of("table", "tokens"), "embedded")
                .node("ReduceMean", List.of("embedded", "axes"), "mean")
                .node("Squeeze", List.of("mean", "axes"), "flat")
                .node("MatMul", List.of("flat", "w"), "y")
                .output("y", "batch", 3)
                .build();
    }

    private static RandomAccessDataset data(NDArray records, NDArray labels) {
        return new ArrayDataset.Builder()
                .setData(records)
                .optLabels(labels)
                .setSampling(8, false)
                .build();
    }

    private static NDArray ones() {
        return manager.ones(new Shape(16, 4));
    }

    private static NDArray zeros() {
        return manager.zeros(new Shape(16), DataType.INT64);
    }

    private static void refused(Network network, RandomAccessDataset data, String message) {
        assertThatThrownBy(() -> network.apply(new FineTuning(data, ONCE, false)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void dataWithoutRecords() {
        RandomAccessDataset empty = data(manager.create(new Shape(0, 4)), manager.create(new Shape(0)));
        refused(rows("batch"), empty, "The data set is empty; network rows needs at least one record.");
    }

    @Test
    void labelsThatAreNoClass() {
        for (long wrong : new long[] {3, -1}) {
            long[] labels = new long[16];
            labels[11] = wrong;
            RandomAccessDataset data = data(ones(), manager.create(labels));
            String message = "The data has the label " + wrong + ", but network rows has the classes 0 to 2.";
            refused(rows("batch"), data, message);
            assertThatThrownBy(() -> Evaluation.of(rows("batch"), data))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(message);
            labels[0] = wrong;
            assertThat(Evaluation.isCountable(rows("batch"), data(ones(), manager.create(labels))))
                    .isFalse();
        }
    }

    @Test
    void labelsOfAnotherShape() {
        refused(
                rows("batch"),
                data(ones(), manager.zeros(new Shape(16, 5))),
                "The labels of 8 records are (8, 5), but network rows learns from a class number for each record, 0 to"
                        + " 2, or from rows of 3 probabilities.");
    }

    @Test
    void rowsThatMarkAClassTeachLikeItsNumber() {
        long[] numbers = new long[16];
        float[] marks = new float[16 * 3];
        for (int i = 0; i < 16; i++) {
            numbers[i] = i % 3;
            marks[3 * i + i % 3] = 1;
        }
        NDArray records = manager.create(Networks.random(4, 16, 16, 4).toFloatArray(), new Shape(16, 4));
        Tensor byNumber = rows("batch")
                .apply(new FineTuning(data(records, manager.create(numbers)), ONCE, false))
                .weight("w");
        Tensor byMark = rows("batch")
                .apply(new FineTuning(data(records, manager.create(marks, new Shape(16, 3))), ONCE, false))
                .weight("w");
        float[] expected = byNumber.toFloatArray();
        assertThat(expected).isNotEqualTo(rows("batch").weight("w").toFloatArray());
        for (int i = 0; i < expected.length; i++) {
            assertThat(byMark.toFloatArray()[i]).isCloseTo(expected[i], within(1e-6f));
        }
    }

    @Test
    void rowsThatAreNoProbabilities() {
        refused(
                rows("batch"),
                data(ones(), manager.zeros(new Shape(16, 3))),
                "A row of the labels is [0.0, 0.0, 0.0], but network rows learns from a class number for each record, 0"
                        + " to 2, or from rows of 3 probabilities, which sum to 1.");
    }

    /** The loss is not a number in a batch somewhere; the record that made it so is named. */
    @Test
    void recordsThatAreNoNumbers() {
        for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (int record : new int[] {0, 10, 15}) {
                float[] values = ones().toFloatArray();
                values[4 * record + 2] = wrong;
                String message = "Input x of network rows is NaN or infinite on record " + (record + 1)
                        + " of the data; a network learns from finite values.";
                refused(rows("batch"), data(manager.create(values, new Shape(16, 4)), zeros()), message);
            }
        }
    }

    @Test
    void recordsWithoutNumbersInNormalizations() {
        float[] values = Networks.uniform(1, -1, 1, 16, 1, 12, 12).toFloatArray();
        values[144 * 6] = Float.NaN;
        RandomAccessDataset data = data(manager.create(values, new Shape(16, 1, 12, 12)), zeros());
        assertThatThrownBy(() -> Networks.cnn().apply(new BatchNormReestimation(data)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Input x of network cnn is NaN or infinite on record 7 of the data; a network learns from"
                        + " finite values.");
    }

    @Test
    void recordsOfAnotherType() {
        refused(
                rows("batch"),
                data(ones().toType(DataType.UINT8, false), zeros()),
                "Network rows takes x float[batch,4], but the data is of uint8; give it as float.");
        refused(
                words(),
                data(manager.ones(new Shape(16, 5), DataType.INT32), zeros()),
                "Network words takes tokens int64[batch,length], but the data is of int32; give it as int64.");
    }

    @Test
    void tokensOutsideOfTheTable() {
        refused(
                words(),
                data(manager.full(new Shape(16, 5), 999, DataType.INT64), zeros()),
                "Node embedded (Gather) of network words failed: it was given the index 999, but picks from 0 to 19.");
        NDArray last = manager.full(new Shape(16, 5), -20, DataType.INT64);
        assertThat(words().apply(new FineTuning(data(last, zeros()), ONCE, false)))
                .isNotEqualTo(words());
    }

    @Test
    void aFixedBatch() {
        refused(
                rows(1),
                data(ones(), zeros()),
                "Network rows takes x float[1,4], but a batch of the data is (8, 4); its batch size is fixed, so train it"
                        + " with --batch-size 1 (withBatchSize(1)), or export it with one that varies.");
        Network tuned = rows(1).apply(new FineTuning(data(ones(), zeros()), ONCE.withBatchSize(1), false));
        assertThat(tuned.weight("w")).isNotEqualTo(rows(1).weight("w"));
    }

    @Test
    void weightsOf16Bits() {
        Network half = Network.builder("mlp")
                .input("x", "batch", 40)
                .weight("w", Networks.random(6, 40, 40, 3))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", 3)
                .build()
                .apply(new Float16Quantization());
        refused(
                half,
                data(manager.ones(new Shape(16, 40)), zeros()),
                "Network mlp has nothing to train: its weights are of 16 bits, and only those of float are trained; train"
                        + " it as float, and take 16 bits afterwards.");
    }

    @Test
    void multiplyAccumulatesAreThoseOfTheRecords() {
        RandomAccessDataset data = data(manager.ones(new Shape(16, 5), DataType.INT64), zeros());
        Network each = words().toBuilder()
                .weight("square", Networks.random(5, 4, 4, 4))
                .nodes(List.of())
                .node("Gather", List.of("table", "tokens"), "embedded")
                .node("MatMul", List.of("embedded", "square"), "mixed")
                .node("ReduceMean", List.of("mixed", "axes"), "mean")
                .node("Squeeze", List.of("mean", "axes"), "flat")
                .node("MatMul", List.of("flat", "w"), "y")
                .build();
        // Five tokens through 4 by 4, and one mean through 4 by 3.
        assertThat(Evaluation.of(each, data).macs()).isEqualTo(5 * 16 + 12);
    }
}
