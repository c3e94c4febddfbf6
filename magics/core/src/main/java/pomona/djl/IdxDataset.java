package pomona.djl;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.Sampler;
import ai.djl.training.dataset.SequenceSampler;
import ai.djl.util.Progress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.stream.IntStream;
import pomona.graph.Tensor;

/**
 * Labelled images out of IDX files such as MNIST's, as a DJL data set.
 *
 * <p>Images are float32 in [0, 1] of shape (1, height, width), or (height * width) after {@link #flat()}; labels are
 * int64 without dimensions, as DJL's SoftmaxCrossEntropyLoss and Accuracy take them. In memory the images stay the
 * bytes they are in the file; whole batches are converted when they are asked for. Every method that changes something
 * gives another data set over the same bytes.
 *
 * <pre>{@code
 * IdxDataset train = IdxDataset.train(Path.of("data/mnist")).flat().batches(128).shuffled(42);
 * }</pre>
 */
public final class IdxDataset extends RandomAccessDataset {

    private static final int DEFAULT_BATCH = 128;

    private final Builder settings;

    private IdxDataset(Builder settings) {
        super(settings);
        this.settings = settings;
    }

    /**
     * Reads images and their labels, in batches of 128 and in the order of the files.
     *
     * @param images an IDX file of three dimensions (records, height, width) or four (records, channels, height,
     *     width), plain or gzipped
     * @param labels an IDX file of one dimension
     * @throws IllegalArgumentException if a file is missing, cut short or not IDX, or if they do not fit together
     */
    public static IdxDataset read(Path images, Path labels) {
        IdxFile pixels = IdxFile.read(images);
        IdxFile classes = IdxFile.read(labels);
        requireRank(images, pixels, "images", 3, 4);
        requireRank(labels, classes, "labels", 1, 1);
        if (pixels.records() != classes.records()) {
            throw new IllegalArgumentException(images + " holds " + pixels.records() + " images, but " + labels
                    + " holds " + classes.records() + " labels; there must be one label for each image.");
        }
        int[] dims = pixels.dims();
        long[] item = dims.length == 3 ? new long[] {1, dims[1], dims[2]} : new long[] {dims[1], dims[2], dims[3]};
        int[] rows = IntStream.range(0, pixels.records()).toArray();
        return new IdxDataset(
                new Builder(pixels.elements(), classes.elements(), rows, new Shape(item), DEFAULT_BATCH, null));
    }

    /** Reads {@code train-images-idx3-ubyte} and {@code train-labels-idx1-ubyte}, or the same with {@code .gz}. */
    public static IdxDataset train(Path folder) {
        return named(folder, "train");
    }

    /** Reads {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}, or the same with {@code .gz}. */
    public static IdxDataset test(Path folder) {
        return named(folder, "t10k");
    }

    /** The same images with all dimensions but the first laid into one. */
    public IdxDataset flat() {
        Builder s = settings;
        Shape flat = new Shape(s.item.size());
        return new IdxDataset(new Builder(s.pixels, s.labels, s.rows, flat, s.batchSize, s.seed));
    }

    /**
     * The same data in batches of another size, the last one being smaller where it does not come out even.
     *
     * @param size the records of a batch, 1 or more
     */
    public IdxDataset batches(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("The batch size must be 1 or more; it was " + size + ".");
        }
        Builder s = settings;
        return new IdxDataset(new Builder(s.pixels, s.labels, s.rows, s.item, size, s.seed));
    }

    /** The same data in another random order every epoch, the same orders for the same seed. */
    public IdxDataset shuffled(long seed) {
        Builder s = settings;
        return new IdxDataset(new Builder(s.pixels, s.labels, s.rows, s.item, s.batchSize, seed));
    }

    /**
     * The first records only.
     *
     * @throws IllegalArgumentException if there are not as many
     */
    public IdxDataset limit(int records) {
        if (records < 1 || records > settings.rows.length) {
            throw new IllegalArgumentException("The limit must be 1 to " + settings.rows.length
                    + ", the number of records; it was " + records + ".");
        }
        return rows(Arrays.copyOf(settings.rows, records));
    }

    /** The shape of one image. */
    public long[] itemShape() {
        return settings.item.getShape();
    }

    /** The images from one record to another, the last one excluded, as one float tensor. */
    public Tensor images(int from, int to) {
        float[] values = new float[Math.toIntExact((to - from) * settings.item.size())];
        int size = Math.toIntExact(settings.item.size());
        for (int i = from; i < to; i++) {
            int start = settings.rows[i] * size;
            for (int j = 0; j < size; j++) {
                values[(i - from) * size + j] = (settings.pixels[start + j] & 0xFF) / 255f;
            }
        }
        long[] shape = settings.item.getShape();
        long[] whole = new long[shape.length + 1];
        whole[0] = to - from;
        System.arraycopy(shape, 0, whole, 1, shape.length);
        return Tensor.ofFloats(values, whole);
    }

    /** The labels of all records, in order. */
    public int[] labels() {
        return Arrays.stream(settings.rows)
                .map(row -> settings.labels[row] & 0xFF)
                .toArray();
    }

    @Override
    public Record get(NDManager manager, long index) {
        int row = Math.toIntExact(index);
        NDList image = new NDList(Tensors.toArray(images(row, row + 1).reshape(itemShape()), manager));
        return new Record(image, new NDList(manager.create((long) (settings.labels[settings.rows[row]] & 0xFF))));
    }

    @Override
    public Iterable<Batch> getData(NDManager manager, Sampler order, ExecutorService executor) {
        return new IdxBatches(this, manager, order);
    }

    @Override
    public void prepare(Progress progress) {
        // Everything was read when the data set was made.
    }

    @Override
    protected long availableSize() {
        return settings.rows.length;
    }

    @Override
    protected RandomAccessDataset newSubDataset(int[] indices, int from, int to) {
        return rows(
                IntStream.range(from, to).map(i -> settings.rows[indices[i]]).toArray());
    }

    @Override
    protected RandomAccessDataset newSubDataset(List<Long> indices) {
        return rows(indices.stream()
                .mapToInt(i -> settings.rows[Math.toIntExact(i)])
                .toArray());
    }

    /** For example {@code 60,000 images of (1, 28, 28) in batches of 128, shuffled with seed 42}. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%,d", settings.rows.length)
                + (settings.rows.length == 1 ? " image of " : " images of ") + settings.item + " in batches of "
                + settings.batchSize + (settings.seed == null ? "" : ", shuffled with seed " + settings.seed);
    }

    /** The bytes of one image, as they are in the file. */
    void copyPixels(int record, ByteBuffer target) {
        int size = Math.toIntExact(settings.item.size());
        target.put(settings.pixels, settings.rows[record] * size, size);
    }

    long label(int record) {
        return settings.labels[settings.rows[record]] & 0xFF;
    }

    private IdxDataset rows(int[] rows) {
        Builder s = settings;
        return new IdxDataset(new Builder(s.pixels, s.labels, rows, s.item, s.batchSize, s.seed));
    }

    private static IdxDataset named(Path folder, String part) {
        return read(plainOrGzip(folder, part + "-images-idx3-ubyte"), plainOrGzip(folder, part + "-labels-idx1-ubyte"));
    }

    private static Path plainOrGzip(Path folder, String name) {
        Path plain = folder.resolve(name);
        return Files.exists(plain) ? plain : folder.resolve(name + ".gz");
    }

    private static void requireRank(Path path, IdxFile file, String what, int least, int most) {
        int rank = file.dims().length;
        if (rank < least || rank > most) {
            throw new IllegalArgumentException("The IDX file " + path + " has " + rank + " dimensions; " + what
                    + " have " + (least == most ? least : least + " or " + most) + ".");
        }
    }

    /** What a data set is made of, in the form that DJL's constructor takes; a null seed keeps the given order. */
    private static final class Builder extends BaseBuilder<Builder> {

        private final byte[] pixels;
        private final byte[] labels;
        private final int[] rows;
        private final Shape item;
        private final int batchSize;
        private final Long seed;

        Builder(byte[] pixels, byte[] labels, int[] rows, Shape item, int batchSize, Long seed) {
            this.pixels = pixels;
            this.labels = labels;
            this.rows = rows;
            this.item = item;
            this.batchSize = batchSize;
            this.seed = seed;
            setSampling(
                    seed == null
                            ? new BatchSampler(new SequenceSampler(), batchSize)
                            : new SeededSampler(seed, batchSize));
        }

        @Override
        protected Builder self() {
            return this;
        }
    }
}
