package pomona.quantize;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import pomona.Networks;
import pomona.graph.Tensor;

/** Records of 16 numbers in which one place is a hundred times as large as the others. */
final class TinyData {

    private static final NDManager MANAGER = NDManager.newBaseManager();

    private TinyData() {}

    static Tensor values(long seed) {
        float[] values = Networks.uniform(seed, -0.5f, 1, 64, 16).toFloatArray();
        for (int i = 3; i < values.length; i += 16) {
            values[i] *= 100;
        }
        return Tensor.ofFloats(values, 64, 16);
    }

    static RandomAccessDataset outliers() {
        return new ArrayDataset.Builder()
                .setData(MANAGER.create(values(5).toFloatArray(), new Shape(64, 16)))
                .setSampling(16, false)
                .build();
    }
}
