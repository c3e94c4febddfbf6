package pomona.quantize;

import pomona.calibrate.MatrixLayout;
import pomona.graph.LayerWeight;
import pomona.graph.Tensor;

/**
 * A weight of two dimensions read as rows, one for each output feature (or each entry of a table), however it is stored;
 * it may be larger than the heap.
 *
 * @param weight the weight
 * @param rows output features
 * @param columns input features
 * @param byRows whether a row lies in one piece; else a column does
 */
record WeightMatrix(LayerWeight weight, int rows, int columns, boolean byRows) {

    /** Columns that are read one after the other before they are spread over the rows, so that writes stay together. */
    private static final int GATHERED = 16;

    static WeightMatrix of(LayerWeight weight) {
        Tensor tensor = weight.tensor();
        return new WeightMatrix(
                weight,
                Math.toIntExact(tensor.dim(weight.outputAxis())),
                Math.toIntExact(tensor.dim(MatrixLayout.inputAxis(weight))),
                weight.outputAxis() == 0);
    }

    /** Copies some rows, one after the other. */
    void read(int first, int count, float[] into) {
        Tensor tensor = weight.tensor();
        if (byRows) {
            tensor.toFloats((long) first * columns, into, 0, count * columns);
            return;
        }
        float[][] gathered = new float[GATHERED][count];
        for (int start = 0; start < columns; start += GATHERED) {
            int width = Math.min(GATHERED, columns - start);
            for (int c = 0; c < width; c++) {
                tensor.toFloats((long) (start + c) * rows + first, gathered[c], 0, count);
            }
            for (int r = 0; r < count; r++) {
                for (int c = 0; c < width; c++) {
                    into[r * columns + start + c] = gathered[c][r];
                }
            }
        }
    }

    /** A tensor of the same layout with another number of columns. */
    long[] shape(int otherColumns) {
        return byRows ? new long[] {rows, otherColumns} : new long[] {otherColumns, rows};
    }

    /** All rows in the order in which the tensor's elements lie. */
    float[] stored(float[] all) {
        if (byRows) {
            return all;
        }
        float[] stored = new float[all.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                stored[c * rows + r] = all[r * columns + c];
            }
        }
        return stored;
    }
}
