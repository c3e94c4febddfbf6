package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxDatasetTest {

    private static final int RECORDS = 10;

    @TempDir
    Path folder;

    private Path images;
    private Path labels;

    @BeforeEach
    void writeFiles() throws IOException {
        byte[] pixels = new byte[RECORDS * 6];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 4);
        }
        byte[] classes = {0, 1, 2, 3, 4, 5, 6, 7, 8, (byte) 200};
        images = Files.write(folder.resolve("images"), idx(pixels, RECORDS, 2, 3));
        labels = Files.write(folder.resolve("labels.gz"), gzip(idx(classes, RECORDS)));
    }

    @Test
    void givesImagesBetweenZeroAndOneAndLabels() throws Exception {
        IdxDataset data = IdxDataset.read(images, labels).batches(4);
        List<Integer> sizes = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (Batch batch : data.getData(manager)) {
                sizes.add(batch.getSize());
                NDArray image = batch.getData().head();
                assertThat(image.getShape()).isEqualTo(new Shape(batch.getSize(), 1, 2, 3));
                assertThat(image.getDataType()).isEqualTo(DataType.FLOAT32);
                NDArray label = batch.getLabels().head();
                assertThat(label.getDataType()).isEqualTo(DataType.INT64);
                assertThat(label.getShape()).isEqualTo(new Shape(batch.getSize()));
                if (sizes.size() == 3) {
                    assertThat(label.toLongArray()).containsExactly(8, 200);
                    assertThat(image.toFloatArray()[11]).isEqualTo(236 / 255f);
                    assertThat(batch.getProgress()).isEqualTo(10);
                }
                batch.close();
            }
        }
        assertThat(sizes).containsExactly(4, 4, 2);
        assertThat(data.size()).isEqualTo(10);
        assertThat(data.labels()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 200);
    }

    @Test
    void saysWhatItIs() {
        IdxDataset data = IdxDataset.read(images, labels);
        assertThat(data).hasToString("10 images of (1, 2, 3) in batches of 128");
        assertThat(data.flat().batches(4).shuffled(7).limit(1))
                .hasToString("1 image of (6) in batches of 4, shuffled with seed 7");
    }

    @Test
    void bothEnginesAndTensorsGiveTheSameValues() throws Exception {
        IdxDataset data = IdxDataset.read(images, labels).flat().shuffled(3);
        float[] inPyTorch = first(data, "PyTorch");
        float[] inRuntime = first(IdxDataset.read(images, labels).flat().shuffled(3), "OnnxRuntime");
        assertThat(inPyTorch).containsExactly(inRuntime);
        float[] all = data.images(0, RECORDS).toFloatArray();
        assertThat(data.images(0, RECORDS).shape()).containsExactly(10, 6);
        float[] sorted = inPyTorch.clone();
        Arrays.sort(sorted);
        Arrays.sort(all);
        assertThat(sorted).containsExactly(all);
    }

    @Test
    void shufflesAnewEachEpochAndTheSameForTheSameSeed() throws Exception {
        IdxDataset one = IdxDataset.read(images, labels).shuffled(7);
        IdxDataset other = one.shuffled(7);
        long[] first = epoch(one);
        long[] second = epoch(one);
        assertThat(first).isNotEqualTo(second);
        assertThat(Arrays.stream(first).sorted()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 200L);
        assertThat(epoch(other)).isEqualTo(first);
        assertThat(epoch(other)).isEqualTo(second);
        assertThat(epoch(one.shuffled(8))).isNotEqualTo(first);
    }

    @Test
    void limitsAndSplits() throws Exception {
        IdxDataset data = IdxDataset.read(images, labels).limit(6);
        assertThat(epoch(data)).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(epoch(data.subDataset(2, 4))).containsExactly(2, 3);
        assertThat(epoch(data.subDataset(List.of(5L, 1L)))).containsExactly(5, 1);
        RandomAccessDataset[] parts = data.randomSplit(2, 1);
        assertThat(parts[0].size()).isEqualTo(4);
        assertThat(IntStream.concat(
                                Arrays.stream(((IdxDataset) parts[0]).labels()),
                                Arrays.stream(((IdxDataset) parts[1]).labels()))
                        .sorted())
                .containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void givesSingleRecordsAsDjlAsksForThem() throws Exception {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Record record = IdxDataset.read(images, labels).get(manager, 9);
            assertThat(record.getData().head().getShape()).isEqualTo(new Shape(1, 2, 3));
            assertThat(record.getData().head().toFloatArray()[5]).isEqualTo(236 / 255f);
            assertThat(record.getLabels().head().getLong()).isEqualTo(200);
        }
    }

    @Test
    void readsMnist() {
        IdxDataset mnist = IdxDataset.test(Path.of("../../notebooks/data/mnist"));
        assertThat(mnist.size()).isEqualTo(10_000);
        assertThat(mnist.itemShape()).containsExactly(1, 28, 28);
        assertThat(Arrays.copyOf(mnist.labels(), 5)).containsExactly(7, 2, 1, 0, 4);
    }

    @Test
    void refusesWhatItCanNotRead() throws IOException {
        Path missing = folder.resolve("missing");
        refused(missing, labels, "The file " + missing + " does not exist; an IDX file, plain or gzipped, is needed.");
        Path text = Files.writeString(folder.resolve("text"), "hello");
        refused(
                text,
                labels,
                "The file " + text + " is not an IDX file of bytes: it starts with 68 65 6c 6c, not with 00 00 08 and"
                        + " the number of dimensions.");
        Path cut = Files.write(folder.resolve("cut"), Arrays.copyOf(Files.readAllBytes(images), 30));
        refused(cut, labels, "The IDX file " + cut + " promises 60 bytes in its header, but holds only 14.");
        Path header = Files.write(folder.resolve("header"), Arrays.copyOf(Files.readAllBytes(images), 7));
        refused(header, labels, "The IDX file " + header + " is cut short or damaged in its header.");
        byte[] zipped = gzip(Files.readAllBytes(images));
        Path half = Files.write(folder.resolve("half.gz"), Arrays.copyOf(zipped, zipped.length / 2));
        refused(half, labels, "The gzip file " + half + " is cut short.");
        refused(images, images, "The IDX file " + images + " has 3 dimensions; labels have 1.");
        Path few = Files.write(folder.resolve("few"), idx(new byte[3], 3));
        refused(
                images,
                few,
                images + " holds 10 images, but " + few + " holds 3 labels; there must be one label for each image.");
    }

    @Test
    void refusesLimitsAndBatchesOutOfRange() {
        IdxDataset data = IdxDataset.read(images, labels);
        assertThatThrownBy(() -> data.limit(11))
                .hasMessage("The limit must be 1 to 10, the number of records; it was 11.");
        assertThatThrownBy(() -> data.batches(0)).hasMessage("The batch size must be 1 or more; it was 0.");
    }

    private static void refused(Path images, Path labels, String message) {
        assertThatThrownBy(() -> IdxDataset.read(images, labels))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static float[] first(IdxDataset data, String engine) throws Exception {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), engine)) {
            return data.getData(manager).iterator().next().getData().head().toFloatArray();
        }
    }

    private static long[] epoch(RandomAccessDataset data) throws Exception {
        List<Long> seen = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (Batch batch : data.getData(manager)) {
                Arrays.stream(batch.getLabels().head().toLongArray()).forEach(seen::add);
                batch.close();
            }
        }
        return seen.stream().mapToLong(Long::longValue).toArray();
    }

    private static byte[] idx(byte[] elements, int... dims) {
        java.nio.ByteBuffer file = java.nio.ByteBuffer.allocate(4 + 4 * dims.length + elements.length);
        file.putInt(0x0800 + dims.length);
        Arrays.stream(dims).forEach(file::putInt);
        return file.put(elements).array();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }
}
