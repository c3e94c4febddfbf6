package pomona.quantize;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.stream.LongStream;
import pomona.Networks;

/** Data sets made of numbers. */
final class RandomRecords {

    private static final NDManager MANAGER = NDManager.newBaseManager();

    private RandomRecords() {}

    /** Records between -1 and 1 without labels. */
    static RandomAccessDataset of(int count, long... shape) {
        long[] whole =
                LongStream.concat(LongStream.of(count), LongStream.of(shape)).toArray();
        return of(Networks.uniform(5, -1, 1, whole).toFloatArray(), whole);
    }

    /** Records of given values; the first dimension counts them. */
    static RandomAccessDataset of(float[] values, long... whole) {
        return of(MANAGER.create(values, new Shape(whole)));
    }

    /** Records that have one row of each array. */
    static RandomAccessDataset of(NDArray... parts) {
        return new ArrayDataset.Builder().setData(parts).setSampling(8, false).build();
    }

    static NDArray array(long[] values, long... shape) {
        return MANAGER.create(values, new Shape(shape));
    }

    static NDArray array(float[] values, long... shape) {
        return MANAGER.create(values, new Shape(shape));
    }
}
