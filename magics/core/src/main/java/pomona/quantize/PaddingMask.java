package pomona.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import pomona.graph.Tensor;

/**
 * Which positions of each record of a batch are real and which are padding.
 *
 * @param batch the number of records
 * @param length the number of positions in a record
 * @param real for each record, position by position, whether it is real
 */
record PaddingMask(int batch, int length, boolean[] real) {

    /**
     * Reads a mask of shape (batch, positions), in which padding is 0.
     *
     * @throws IllegalArgumentException if the tensor has another number of dimensions
     */
    static PaddingMask of(String input, Tensor tensor) {
        if (tensor.rank() != 2) {
            throw new IllegalArgumentException(
                    "Mask " + input + " is " + tensor + "; a mask has two dimensions, records and positions.");
        }
        float[] values = tensor.toFloatArray();
        boolean[] real = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            real[i] = values[i] != 0;
        }
        return new PaddingMask(Math.toIntExact(tensor.dim(0)), Math.toIntExact(tensor.dim(1)), real);
    }

    /**
     * The values of one record at real positions. Positions are counted by every dimension of the mask's length but the
     * last one, which counts features, unless it belongs to a square of positions (attention scores).
     *
     * @param shape the shape of one record
     */
    float[] real(float[] values, int record, long[] shape) {
        List<Integer> strides = new ArrayList<>();
        int inner = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            boolean last = axis == shape.length - 1;
            boolean square = last && axis > 1 && shape[axis - 1] == length;
            if (shape[axis] == length && (!last || square)) {
                strides.add(inner);
            }
            inner *= Math.toIntExact(shape[axis]);
        }
        if (strides.isEmpty()) {
            return values;
        }
        float[] kept = new float[values.length];
        int count = 0;
        for (int i = 0; i < values.length; i++) {
            boolean keep = true;
            for (int stride : strides) {
                keep &= real[record * length + i / stride % length];
            }
            if (keep) {
                kept[count++] = values[i];
            }
        }
        return Arrays.copyOf(kept, count);
    }
}
