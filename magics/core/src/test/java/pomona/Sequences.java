package pomona;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongToIntFunction;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** An encoder that takes sequences of any length with a mask, and such sequences, as they are or padded. */
public final class Sequences extends RandomAccessDataset {

    /** Numbers at each position. */
    public static final int WIDTH = 16;

    private static final int LONGEST = 9;

    /** The first number of a padded position: far from what is real, also when it is normalized. */
    private static final float PADDING = 37;

    /** How many classes the labels are of. */
    public static final int CLASSES = 4;

    private final int count;
    private final LongToIntFunction lengths;
    private final boolean padded;

    private Sequences(int count, LongToIntFunction lengths, boolean padded) {
        super(new ArrayDataset.Builder().setSampling(4, false));
        this.count = count;
        this.lengths = lengths;
        this.padded = padded;
    }

    /** Sequences of 3 to 9 positions, each as long as it is. */
    public static Sequences varying(int count) {
        return new Sequences(count, index -> 3 + (int) (index * 5 % 7), false);
    }

    /** The same sequences, each padded with large numbers to 9 positions. */
    public static Sequences padded(int count) {
        return new Sequences(count, index -> 3 + (int) (index * 5 % 7), true);
    }

    @Override
    public Record get(NDManager manager, long index) {
        int real = lengths.applyAsInt(index);
        int length = padded ? LONGEST : real;
        float[] values = new float[length * WIDTH];
        for (int i = 0; i < values.length; i += WIDTH) {
            values[i] = PADDING;
        }
        float[] own = Networks.uniform(100 + index, -1, 1, real, WIDTH).toFloatArray();
        System.arraycopy(own, 0, values, 0, own.length);
        long[] mask = new long[length];
        Arrays.fill(mask, 0, real, 1);
        return new Record(
                new NDList(manager.create(values, new Shape(length, WIDTH)), manager.create(mask, new Shape(length))),
                new NDList(manager.create(index % CLASSES)));
    }

    @Override
    protected long availableSize() {
        return count;
    }

    @Override
    public void prepare(Progress progress) {
        // Records are made when they are asked for.
    }

    /** The encoder with a class for each sequence, of the mean over its real positions; it takes one at a time. */
    public static Network classifier() {
        Network encoder = encoder();
        return encoder.toBuilder()
                .name("classifier")
                .inputs(List.of())
                .outputs(List.of())
                .input("x", 1, "length", WIDTH)
                .input(Value.of("mask", ElementType.INT64, 1, "length"))
                .weight("last", Tensor.ofLongs(new long[] {2}, 1))
                .weight("classes", Networks.random(8, WIDTH, WIDTH, CLASSES))
                .node("Unsqueeze", List.of("real", "last"), "weights")
                .node("Mul", List.of("y", "weights"), "kept")
                .node(Node.of("ReduceSum", "sum", List.of("kept", "axes"), "sums")
                        .with("keepdims", Attribute.of(0)))
                .node(Node.of("ReduceSum", "count", List.of("weights", "axes"), "counts")
                        .with("keepdims", Attribute.of(0)))
                .node("Div", List.of("sums", "counts"), "mean")
                .node("MatMul", List.of("mean", "classes"), "answer")
                .output("answer", 1, CLASSES)
                .build();
    }

    /** A block of an encoder whose attention does not look at padding. */
    public static Network encoder() {
        return Network.builder("encoder")
                .opset("", 17)
                .input("x", "batch", "length", WIDTH)
                .input(Value.of("mask", ElementType.INT64, "batch", "length"))
                .weight("gain", Networks.uniform(1, 0.5f, 4, WIDTH))
                .weight("shift", Networks.uniform(2, -1, 1, WIDTH))
                .weight("q", Networks.random(3, WIDTH, WIDTH, WIDTH))
                .weight("k", Networks.random(4, WIDTH, WIDTH, WIDTH))
                .weight("v", Networks.random(5, WIDTH, WIDTH, WIDTH))
                .weight("o", Networks.random(6, WIDTH, WIDTH, WIDTH))
                .weight("b", Networks.uniform(7, -1, 1, WIDTH))
                .weight("axes", Tensor.ofLongs(new long[] {1}, 1))
                .weight("one", Tensor.scalar(1f))
                .weight("far", Tensor.scalar(-1e9f))
                .node("LayerNormalization", List.of("x", "gain", "shift"), "n")
                .node("MatMul", List.of("x", "q"), "queries")
                .node("MatMul", List.of("n", "k"), "keys")
                .node("MatMul", List.of("n", "v"), "values")
                .node(Node.of("Transpose", "turn", List.of("keys"), "turned").with("perm", Attribute.ofInts(0, 2, 1)))
                .node("MatMul", List.of("queries", "turned"), "scores")
                .node(Node.of("Cast", "cast", List.of("mask"), "real")
                        .with("to", Attribute.of((long) ElementType.FLOAT.code())))
                .node("Sub", List.of("one", "real"), "padding")
                .node("Mul", List.of("padding", "far"), "away")
                .node("Unsqueeze", List.of("away", "axes"), "column")
                .node("Add", List.of("scores", "column"), "seen")
                .node("Softmax", List.of("seen"), "shares")
                .node("MatMul", List.of("shares", "values"), "mixed")
                .node("MatMul", List.of("mixed", "o"), "product")
                .node("Add", List.of("product", "b"), "out")
                .node("Relu", List.of("out"), "y")
                .output("y", "batch", "length", WIDTH)
                .build();
    }
}
