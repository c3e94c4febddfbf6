import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.Batchifier;
import ai.djl.util.Progress;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import pomona.djl.IdxDataset;
import pomona.djl.SeededSampler;

/** The images of MNIST, each moved by up to one pixel up or down and left or right, anew each time. */
final class Jittered extends RandomAccessDataset {

    private static final int SIDE = 28;
    private static final int READ = 1000;

    private final byte[] pixels;
    private final int[] labels;
    private final Shape item;
    private final SplittableRandom random;

    Jittered(IdxDataset data, long seed) {
        super(new Settings().setSampling(new SeededSampler(seed, 128)));
        labels = data.labels();
        item = new Shape(data.itemShape());
        random = new SplittableRandom(seed);
        pixels = new byte[labels.length * SIDE * SIDE];
        for (int i = 0; i < labels.length; i += READ) {
            float[] values = data.images(i, Math.min(labels.length, i + READ)).toFloatArray();
            for (int j = 0; j < values.length; j++) {
                pixels[i * SIDE * SIDE + j] = (byte) Math.round(values[j] * 255);
            }
        }
    }

    @Override
    public Iterable<Batch> getData(NDManager manager, Sampler order, ExecutorService executor) {
        Iterator<List<Long>> batches = order.sample(this);
        return () -> new Iterator<>() {
            @Override
            public boolean hasNext() {
                return batches.hasNext();
            }

            @Override
            public Batch next() {
                return batch(batches.next(), manager.newSubManager());
            }
        };
    }

    private Batch batch(List<Long> records, NDManager owner) {
        ByteBuffer moved = ByteBuffer.allocateDirect(records.size() * SIDE * SIDE);
        long[] classes = new long[records.size()];
        for (int i = 0; i < classes.length; i++) {
            int record = records.get(i).intValue();
            move(record, random.nextInt(-1, 2), random.nextInt(-1, 2), moved);
            classes[i] = labels[record];
        }
        NDArray images;
        try (NDArray raw = owner.create(moved.flip(), new Shape(classes.length).addAll(item), DataType.UINT8)) {
            images = raw.toType(DataType.FLOAT32, true).divi(255f);
        }
        return new Batch(owner, new NDList(images), new NDList(owner.create(classes)), classes.length, Batchifier.STACK,
                Batchifier.STACK, 0, labels.length, records);
    }

    /** Puts an image that is moved by dx, dy; what comes in at the border is black. */
    private void move(int record, int dx, int dy, ByteBuffer target) {
        for (int y = 0; y < SIDE; y++) {
            byte[] row = new byte[SIDE];
            if (y + dy >= 0 && y + dy < SIDE) {
                int from = Math.max(0, -dx);
                int start = (record * SIDE + y + dy) * SIDE;
                System.arraycopy(pixels, start + from + dx, row, from, SIDE - Math.abs(dx));
            }
            target.put(row);
        }
    }

    @Override
    public Record get(NDManager manager, long index) {
        throw new UnsupportedOperationException("Moved images come in batches.");
    }

    @Override
    public void prepare(Progress progress) {
        // Everything was read when this was made.
    }

    @Override
    protected long availableSize() {
        return labels.length;
    }

    private static final class Settings extends BaseBuilder<Settings> {
        @Override
        protected Settings self() {
            return this;
        }
    }
}
