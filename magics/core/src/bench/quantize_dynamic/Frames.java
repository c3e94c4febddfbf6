import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.translate.Batchifier;
import ai.djl.util.Progress;
import java.util.List;
import java.util.Map;
import pomona.graph.ElementType;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** What a network with a state was fed on the way through a sound, as records that are batches already. */
final class Frames extends RandomAccessDataset {

    private final List<Value> inputs;
    private final List<Map<String, Tensor>> feeds;

    Frames(List<Value> inputs, List<Map<String, Tensor>> feeds) {
        super(new ArrayDataset.Builder().optDataBatchifier(new Whole()).setSampling(1, false));
        this.inputs = inputs;
        this.feeds = feeds;
    }

    @Override
    public Record get(NDManager manager, long index) {
        NDList parts = new NDList();
        for (Value input : inputs) {
            Tensor tensor = feeds.get((int) index).get(input.name());
            Shape shape = new Shape(tensor.shape());
            parts.add(
                    tensor.type() == ElementType.INT64
                            ? manager.create(tensor.toLongArray(), shape)
                            : manager.create(tensor.toFloatArray(), shape));
        }
        return new Record(parts, new NDList());
    }

    @Override
    protected long availableSize() {
        return feeds.size();
    }

    @Override
    public void prepare(Progress progress) {
        // Everything is there.
    }

    /** A batch is one record as it is. */
    private static final class Whole implements Batchifier {

        @Override
        public NDList batchify(NDList[] records) {
            // The record is closed afterwards.
            return new NDList(records[0].stream().map(NDArray::duplicate).toList());
        }

        @Override
        public NDList[] unbatchify(NDList batch) {
            return new NDList[] {batch};
        }
    }
}
