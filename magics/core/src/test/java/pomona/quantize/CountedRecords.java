package pomona.quantize;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import java.util.Arrays;
import pomona.graph.Tensor;

/** The rows of a tensor as records, which tell how often one of them was read. */
final class CountedRecords extends RandomAccessDataset {

    private final long[] shape;
    private final float[] values;
    private final long[] labels;
    private int reads;

    /** @param labels a class for each row; none when empty */
    CountedRecords(Tensor rows, long... labels) {
        super(new ArrayDataset.Builder().setSampling(8, false));
        this.shape = rows.shape();
        this.values = rows.toFloatArray();
        this.labels = labels;
    }

    /** Rows whose labels go round the classes. */
    static CountedRecords labelled(Tensor rows, int classes) {
        long[] labels = new long[Math.toIntExact(rows.dim(0))];
        Arrays.setAll(labels, i -> i % classes);
        return new CountedRecords(rows, labels);
    }

    int reads() {
        return reads;
    }

    @Override
    public Record get(NDManager manager, long index) {
        reads++;
        int size = (int) (values.length / shape[0]);
        float[] row = Arrays.copyOfRange(values, (int) index * size, (int) (index + 1) * size);
        NDList data = new NDList(manager.create(row, new Shape(Arrays.copyOfRange(shape, 1, shape.length))));
        return new Record(
                data, labels.length == 0 ? new NDList() : new NDList(manager.create(labels[Math.toIntExact(index)])));
    }

    @Override
    protected long availableSize() {
        return shape[0];
    }

    @Override
    public void prepare(Progress progress) {
        // The rows are there.
    }
}
