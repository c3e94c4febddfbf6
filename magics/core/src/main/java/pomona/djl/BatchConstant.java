package pomona.djl;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/**
 * A constant that blocks make anew for each batch, and that grows with it in even steps: zeros for each record, or the
 * places where records begin.
 *
 * @param axis the dimension that counts the records
 * @param first what it is for the first record
 * @param step what each further record adds
 */
record BatchConstant(int axis, Tensor first, Tensor step) {

    /** What constants of two batches have in common; null when they do not grow in even steps. */
    static BatchConstant of(Tensor small, Tensor large) {
        int axis = batchAxis(small.shape(), large.shape());
        boolean number = small.type() == ElementType.FLOAT
                || small.type() == ElementType.INT32
                || small.type() == ElementType.INT64;
        if (axis < 0 || !number || small.type() != large.type()) {
            return null;
        }
        float[][] few = records(small, axis);
        float[][] many = records(large, axis);
        float[] step = new float[few[0].length];
        for (int i = 0; i < step.length; i++) {
            step[i] = few[1][i] - few[0][i];
            if (many[0][i] != few[0][i] || many[1][i] != few[1][i] || many[2][i] - many[1][i] != step[i]) {
                return null;
            }
        }
        long[] one = small.shape().clone();
        one[axis] = 1;
        return new BatchConstant(axis, Tensor.ofFloats(few[0], one), Tensor.ofFloats(step, one));
    }

    private static int batchAxis(long[] small, long[] large) {
        int axis = Arrays.mismatch(small, large);
        boolean grows = small.length == large.length
                && axis >= 0
                && small[axis] == BlockReader.SMALL_BATCH
                && large[axis] == BlockReader.LARGE_BATCH;
        boolean alone = grows && Arrays.equals(small, axis + 1, small.length, large, axis + 1, large.length);
        return alone ? axis : -1;
    }

    /** The elements of each record, in order. */
    private static float[][] records(Tensor constant, int axis) {
        Shape shape = new Shape(constant.shape());
        int count = (int) shape.get(axis);
        int inner = (int) shape.slice(axis + 1).size();
        float[] values = constant.toFloatArray();
        float[][] records = new float[count][values.length / count];
        for (int i = 0; i < values.length; i++) {
            int outer = i / inner / count;
            records[i / inner % count][outer * inner + i % inner] = values[i];
        }
        return records;
    }
}
