package pomona.calibrate;

import java.util.stream.IntStream;

/**
 * The sum of the outer products of a layer's input vectors: the Hessian of the squared error of its outputs, up to a
 * factor that its users do not depend on. Vectors are gathered, so that the matrix is gone over once for many of them.
 */
public final class InputHessian {

    private static final int GATHERED = 64;

    private final int size;
    private final double[][] sums;
    private final float[][] rows;
    private int filled;

    /**
     * Sums that start at zero.
     *
     * @param size the length of the vectors
     */
    public InputHessian(int size) {
        this.size = size;
        this.sums = new double[size][size];
        this.rows = new float[GATHERED][size];
    }

    /** Adds a vector; it is copied. */
    public void add(float[] vector) {
        System.arraycopy(vector, 0, rows[filled], 0, size);
        if (++filled == GATHERED) {
            flush();
        }
    }

    private void flush() {
        int count = filled;
        IntStream.range(0, size).parallel().forEach(i -> {
            float[] products = new float[size];
            for (int r = 0; r < count; r++) {
                addScaled(rows[r][i], rows[r], products, i);
            }
            for (int j = i; j < size; j++) {
                sums[i][j] += products[j];
            }
        });
        filled = 0;
    }

    private static void addScaled(float factor, float[] row, float[] products, int from) {
        if (factor != 0) {
            for (int j = from; j < products.length; j++) {
                products[j] += factor * row[j];
            }
        }
    }

    /** Adds the same number to each element of the diagonal. */
    public void addToDiagonal(double amount) {
        for (int i = 0; i < size; i++) {
            sums[i][i] += amount;
        }
    }

    /** The whole matrix, made symmetric; the sums go on from there. */
    public double[][] matrix() {
        flush();
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < i; j++) {
                sums[i][j] = sums[j][i];
            }
        }
        return sums;
    }
}
