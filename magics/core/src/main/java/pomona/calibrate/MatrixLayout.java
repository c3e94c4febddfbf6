package pomona.calibrate;

import java.util.stream.IntStream;
import pomona.graph.LayerWeight;

/**
 * How a stored weight is read as a matrix: a row for each output feature; the columns run over the inputs first and over
 * the places of a kernel (or the matrices of a batch) after that.
 */
public final class MatrixLayout {

    private final int rows;
    private final int inputs;
    private final int rowStride;
    private final int inputStride;
    private final int[] places;

    private MatrixLayout(int rows, int inputs, int rowStride, int inputStride, int[] places) {
        this.rows = rows;
        this.inputs = inputs;
        this.rowStride = rowStride;
        this.inputStride = inputStride;
        this.places = places;
    }

    /** The layout of a layer's weight. */
    public static MatrixLayout of(LayerWeight weight) {
        int rank = weight.tensor().rank();
        int output = weight.outputAxis();
        int input = inputAxis(weight);
        int[] strides = new int[rank];
        int stride = 1;
        for (int axis = rank - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= Math.toIntExact(weight.tensor().dim(axis));
        }
        int[] places = {0};
        for (int axis = 0; axis < rank; axis++) {
            if (axis != output && axis != input) {
                int size = Math.toIntExact(weight.tensor().dim(axis));
                int step = strides[axis];
                places = IntStream.of(places)
                        .flatMap(place -> IntStream.range(0, size).map(i -> place + i * step))
                        .toArray();
            }
        }
        return new MatrixLayout(
                Math.toIntExact(weight.tensor().dim(output)),
                Math.toIntExact(weight.tensor().dim(input)),
                strides[output],
                strides[input],
                places);
    }

    /** The dimension of the stored tensor that counts input features (of a group, for a convolution). */
    public static int inputAxis(LayerWeight weight) {
        int rank = weight.tensor().rank();
        boolean convolution = weight.node().is("Conv") || weight.node().is("ConvTranspose");
        if (convolution || rank == 2) {
            return 1 - weight.outputAxis();
        }
        return weight.outputAxis() == rank - 1 ? rank - 2 : rank - 1;
    }

    /** Output features. */
    public int rows() {
        return rows;
    }

    /** Input features; the columns are as many for each place. */
    public int inputs() {
        return inputs;
    }

    /** Places of a kernel, or matrices of a batch; 1 for a plain matrix. */
    public int places() {
        return places.length;
    }

    /** Inputs times places. */
    public int columns() {
        return inputs * places.length;
    }

    /** The number of the element in the stored tensor. */
    public int element(int row, int column) {
        return row * rowStride + column % inputs * inputStride + places[column / inputs];
    }
}
