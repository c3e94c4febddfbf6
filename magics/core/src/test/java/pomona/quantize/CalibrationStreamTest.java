package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static pomona.Equality.relativeError;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.util.Progress;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import pomona.Networks;
import pomona.Sequences;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Ranges are taken of records of any shape, one after the other, and what is kept of them does not grow. */
class CalibrationStreamTest {

    /** Convolutions over images of any size. */
    private static final Network IMAGES = Network.builder("images")
            .input("x", "batch", 2, "height", "width")
            .weight("w1", Networks.random(1, 18, 4, 2, 3, 3))
            .weight("b1", Networks.uniform(2, -1, 1, 4))
            .weight("w2", Networks.random(3, 36, 3, 4, 3, 3))
            .node(Node.of("Conv", "c1", List.of("x", "w1", "b1"), "c1.out").with("pads", Attribute.ofInts(1, 1, 1, 1)))
            .node("Relu", List.of("c1.out"), "r")
            .node(Node.of("Conv", "c2", List.of("r", "w2"), "y").with("pads", Attribute.ofInts(1, 1, 1, 1)))
            .output("y", "batch", 3, "height", "width")
            .build();

    /** Images of sizes of their own, whose numbers a seed and the index decide. */
    private static final class Images extends RandomAccessDataset {

        private final int count;

        Images(int count) {
            super(new ArrayDataset.Builder().setSampling(4, false));
            this.count = count;
        }

        @Override
        public Record get(NDManager manager, long index) {
            long height = 3 + index % 5;
            long width = 4 + index % 7;
            Tensor values = Networks.uniform(index % 50, -1 - index % 3, 2, 2, height, width);
            NDArray image = manager.create(values.toFloatArray(), new Shape(2, height, width));
            return new Record(new NDList(image), new NDList());
        }

        @Override
        protected long availableSize() {
            return count;
        }

        @Override
        public void prepare(Progress progress) {
            // Records are made when they are asked for.
        }
    }

    @ParameterizedTest
    @EnumSource(Calibration.class)
    void recordsOfDifferentShapesAreMeasured(Calibration calibration) {
        Network small = IMAGES.apply(new StaticQuantization(new Images(35), 35, calibration));
        for (long size : new long[] {3, 8}) {
            Map<String, Tensor> feeds = Map.of("x", Networks.uniform(77, -1, 2, 2, 2, size, size + 1));
            assertThat(relativeError(IMAGES, small, feeds)).isLessThan(0.06);
        }
        Network encoder = Sequences.encoder();
        Network encoded = encoder.apply(new StaticQuantization(Sequences.varying(35), 35, calibration));
        for (int length : new int[] {2, 12}) {
            Map<String, Tensor> feeds = Map.of(
                    "x", Networks.uniform(5, -1, 1, 2, length, Sequences.WIDTH),
                    "mask", ones(2, length));
            assertThat(relativeError(encoder, encoded, feeds)).isLessThan(0.1);
        }
    }

    /** The range of all records is that of all their values, however they are cut into records. */
    @ParameterizedTest
    @EnumSource(value = Calibration.class, mode = EnumSource.Mode.EXCLUDE, names = "MOVING_AVERAGE")
    void rangesAreThoseOfAllValuesTogether(Calibration calibration) {
        int count = 35;
        ActivationRange range =
                ranges(calibration, count).of(Set.of("x"), ActivationType.UINT8).get("x");
        ObservedRange together = new ObservedRange(calibration);
        float[] all = new float[0];
        for (long index = 0; index < count; index++) {
            float[] values = Networks.uniform(index % 50, -1 - index % 3, 2, 2, 3 + index % 5, 4 + index % 7)
                    .toFloatArray();
            float[] more = Arrays.copyOf(all, all.length + values.length);
            System.arraycopy(values, 0, more, all.length, values.length);
            all = more;
        }
        together.add(all);
        assertThat(range).isEqualTo(together.range(ActivationType.UINT8, 99.9));
    }

    /** Fifty times as many records leave as much behind, up to what other threads of the machine do. */
    @ParameterizedTest
    @EnumSource(Calibration.class)
    void whatIsKeptDoesNotGrowWithTheRecords(Calibration calibration) {
        ranges(calibration, 20);
        long before = used();
        MeasuredRanges few = ranges(calibration, 20);
        long ofFew = used() - before;
        MeasuredRanges many = ranges(calibration, 1000);
        long ofMany = used() - before - ofFew;
        // The values of a thousand records take 3 times 1000 * 120 * 4 bytes, 1.4 MB; a histogram 128 KB.
        assertThat(ofMany).isLessThan(ofFew + 300_000L);
        assertThat(ofFew).isLessThan(3 * 150_000L + 300_000L);
        assertThat(few.isSeen()).isTrue();
        assertThat(many.isSeen()).isTrue();
    }

    private static MeasuredRanges ranges(Calibration calibration, int records) {
        RangeSettings settings = new RangeSettings(
                calibration, calibration == Calibration.PERCENTILE ? 99.9 : 99.99, ActivationType.UINT8, "");
        return new Calibrator(IMAGES, settings)
                .run(Map.of("", new LinkedHashSet<>(List.of("x", "r", "y"))), new Images(records), records)
                .get("");
    }

    /** The live heap, in bytes. */
    private static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    private static Tensor ones(int... shape) {
        long[] values = new long[shape[0] * shape[1]];
        Arrays.fill(values, 1);
        return Tensor.ofLongs(values, shape[0], shape[1]);
    }
}
