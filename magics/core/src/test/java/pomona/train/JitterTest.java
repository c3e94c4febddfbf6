package pomona.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.graph.Network;

class JitterTest {

    private static final int RECORDS = 200;
    private static final int PIXELS = 2 * 3 * 4;

    /** Image r, channel c, row y, column x is 1 + y * 4 + x + 100 c, so that every shift can be told. */
    private static NDArray images(NDManager manager) {
        float[] values = new float[RECORDS * PIXELS];
        for (int i = 0; i < values.length; i++) {
            values[i] = 1 + i % 12 + (i / 12 % 2) * 100;
        }
        return manager.create(values, new Shape(RECORDS, 2, 3, 4));
    }

    private static float[] shifted(int down, int right) {
        float[] values = new float[PIXELS];
        for (int i = 0; i < PIXELS; i++) {
            int y = i / 4 % 3 - down;
            int x = i % 4 - right;
            values[i] = y < 0 || y > 2 || x < 0 || x > 3 ? 0 : 1 + y * 4 + x + (i / 12) * 100;
        }
        return values;
    }

    private static float[] shift(int pixels, long seed, boolean integers) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray images = integers ? images(manager).toType(DataType.INT64, false) : images(manager);
            NDArray shifted = new Jitter(pixels, seed).shift(new NDList(images)).head();
            assertThat(shifted.getShape()).isEqualTo(images.getShape());
            return shifted.toFloatArray();
        }
    }

    @Test
    void shiftsEachImageItsOwnWay() {
        float[] all = shift(1, 3, false);
        Set<String> ways = new HashSet<>();
        for (int down = -1; down <= 1; down++) {
            for (int right = -1; right <= 1; right++) {
                ways.add(Arrays.toString(shifted(down, right)));
            }
        }
        Set<String> seen = new HashSet<>();
        for (int r = 0; r < RECORDS; r++) {
            seen.add(Arrays.toString(Arrays.copyOfRange(all, r * PIXELS, (r + 1) * PIXELS)));
        }
        assertThat(seen).isEqualTo(ways);
    }

    @Test
    void theSameSeedShiftsTheSameWay() {
        assertThat(shift(2, 3, false)).isEqualTo(shift(2, 3, false)).isNotEqualTo(shift(2, 4, false));
    }

    @Test
    void takesRowsOfSquareImages() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray flat = manager.arange(0, 50 * 9, 1, DataType.FLOAT32).reshape(50, 9);
            NDArray shifted = new Jitter(1, 5).shift(new NDList(flat)).head();
            NDArray square = new Jitter(1, 5)
                    .shift(new NDList(flat.reshape(50, 1, 3, 3)))
                    .head();
            assertThat(shifted.toFloatArray()).isEqualTo(square.toFloatArray()).isNotEqualTo(flat.toFloatArray());
            assertThat(shifted.getShape()).isEqualTo(new Shape(50, 9));
        }
    }

    @Test
    void refusesDataWithoutImages() {
        assertThatThrownBy(() -> shift(1, 0, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("jitter is 1, but a batch of the data is (200, 2, 3, 4) of int64; it shifts images, as"
                        + " floats of (records, channels, height, width) or of (records, pixels) of square ones.");
    }

    @Test
    void trainingTakesIt() {
        Network network = Networks.mlp(784, 10);
        IdxDataset data =
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(200);
        Training training = Training.epochs(1);
        Network still = network.apply(new FineTuning(data, training, false));
        Network jittered = network.apply(new FineTuning(data, training.withJitter(1), false));
        assertThat(jittered.weights()).isNotEqualTo(still.weights());
        assertThat(network.apply(new FineTuning(data, training.withJitter(1), false)))
                .isEqualTo(jittered);
    }
}
