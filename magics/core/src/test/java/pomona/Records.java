package pomona;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Random;
import pomona.graph.Tensor;

/** Data sets made of numbers, one record after the other. */
public final class Records {

    private static final NDManager MANAGER = NDManager.newBaseManager();

    private Records() {}

    /** The rows of a tensor, without labels. */
    public static RandomAccessDataset of(Tensor rows) {
        return new ArrayDataset.Builder()
                .setData(MANAGER.create(rows.toFloatArray(), new Shape(rows.shape())))
                .setSampling(1, false)
                .build();
    }

    /** The rows of a tensor, 16 at a time, each with a label drawn among so many classes. */
    public static RandomAccessDataset labelled(Tensor rows, int classes) {
        int records = Math.toIntExact(rows.dim(0));
        return new ArrayDataset.Builder()
                .setData(MANAGER.create(rows.toFloatArray(), new Shape(rows.shape())))
                .optLabels(MANAGER.create(
                        new Random(4).ints(records, 0, classes).asLongStream().toArray()))
                .setSampling(16, false)
                .build();
    }

    /**
     * Rows of numbers that depend on each other, so that weights can stand in for one another.
     *
     * @param sizes every so many numbers are 1, 2, and so on up to that many times as large; 1 for all alike
     */
    public static Tensor correlated(long seed, int records, int size, int sizes) {
        Random random = new Random(seed);
        float[] values = new float[records * size];
        for (int r = 0; r < records; r++) {
            double walk = random.nextGaussian();
            for (int i = 0; i < size; i++) {
                walk = 0.9 * walk + 0.4 * random.nextGaussian();
                values[r * size + i] = (float) (walk * (1 + i % sizes));
            }
        }
        return Tensor.ofFloats(values, records, size);
    }
}
