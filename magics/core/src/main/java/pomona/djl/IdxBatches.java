package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.Batchifier;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import pomona.graph.Tensor;

/** One epoch over an IDX data set: whole batches, without an array for each record. */
final class IdxBatches implements Iterable<Batch>, Iterator<Batch> {

    private final IdxDataset dataset;
    private final NDManager manager;
    private final Iterator<List<Long>> order;
    private final boolean pyTorch;
    private ByteBuffer staging = ByteBuffer.allocateDirect(0);
    private long progress;

    IdxBatches(IdxDataset dataset, NDManager manager, Sampler sampler) {
        this.dataset = dataset;
        this.manager = manager;
        this.order = sampler.sample(dataset);
        this.pyTorch = manager.getEngine().getEngineName().equals("PyTorch");
    }

    @Override
    public Iterator<Batch> iterator() {
        return this;
    }

    @Override
    public boolean hasNext() {
        return order.hasNext();
    }

    @Override
    public Batch next() {
        List<Long> records = order.next();
        progress += records.size();
        NDManager owner = manager.newSubManager();
        NDArray images = pyTorch ? convertNatively(records, owner) : convertHere(records, owner);
        NDArray labels = owner.create(
                records.stream().mapToLong(r -> dataset.label(r.intValue())).toArray());
        return new Batch(
                owner,
                new NDList(images),
                new NDList(labels),
                records.size(),
                Batchifier.STACK,
                Batchifier.STACK,
                progress,
                dataset.size(),
                records);
    }

    /** Goes through one buffer that is used again and again: fresh direct buffers would pile up until a collection. */
    private NDArray convertNatively(List<Long> records, NDManager owner) {
        Shape shape = new Shape(records.size()).addAll(new Shape(dataset.itemShape()));
        int bytes = Math.toIntExact(shape.size());
        if (staging.capacity() < bytes) {
            staging = ByteBuffer.allocateDirect(bytes);
        }
        staging.clear();
        records.forEach(record -> dataset.copyPixels(record.intValue(), staging));
        staging.flip();
        try (NDArray raw = owner.create(staging, shape, DataType.UINT8)) {
            return raw.toType(DataType.FLOAT32, true).divi(255f);
        }
    }

    private NDArray convertHere(List<Long> records, NDManager owner) {
        long[] item = dataset.itemShape();
        int size = Math.toIntExact(new Shape(item).size());
        float[] values = new float[size * records.size()];
        int at = 0;
        for (Long record : records) {
            Tensor image = dataset.images(record.intValue(), record.intValue() + 1);
            image.floats().get(values, size * at++, size);
        }
        return owner.create(values, new Shape(records.size()).addAll(new Shape(item)));
    }
}
