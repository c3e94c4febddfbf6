package pomona.calibrate;

import pomona.graph.LayerWeight;

/**
 * The upper triangular matrix U with the inverse of a symmetric positive definite matrix H equal to the product of U
 * transposed and U.
 *
 * <p>H is factored from its last row and column towards the first, so that its factor is upper triangular, and U is the
 * inverse of that: one factorization and one triangular inverse instead of two factorizations and a full inverse.
 */
public final class InverseFactor {

    private InverseFactor() {}

    /**
     * The factor of a layer's Hessian with something added to its diagonal, so that inputs that depend on each other can
     * be told apart. The entry of an input that nothing ever comes in at becomes 1.
     *
     * @param hessian symmetric; used up
     * @param dampening what is added to the diagonal, as a share of its mean
     * @return U by rows
     * @throws IllegalArgumentException if the inputs depend on each other too much
     */
    public static double[][] of(LayerWeight layer, double[][] hessian, double dampening) {
        double mean = 0;
        for (int i = 0; i < hessian.length; i++) {
            hessian[i][i] = hessian[i][i] == 0 ? 1 : hessian[i][i];
            mean += hessian[i][i] / hessian.length;
        }
        for (int i = 0; i < hessian.length; i++) {
            hessian[i][i] += dampening * mean;
        }
        double[][] factor = of(hessian);
        if (factor == null) {
            throw new IllegalArgumentException("The inputs of layer " + layer.layer()
                    + " depend on each other too much to be solved for; a larger dampening than " + dampening
                    + " may help.");
        }
        return factor;
    }

    /**
     * The factor of a matrix.
     *
     * @param matrix symmetric; used up
     * @return U by rows; or null when the matrix is not positive definite
     */
    static double[][] of(double[][] matrix) {
        int size = matrix.length;
        double[][] lower = reversed(matrix);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                double rest = lower[i][j] - dot(lower[i], lower[j], j);
                if (i == j && !(rest > 0)) {
                    return null;
                }
                lower[i][j] = i == j ? Math.sqrt(rest) : rest / lower[j][j];
            }
        }
        return reversed(inverse(lower));
    }

    private static double dot(double[] left, double[] right, int length) {
        // Four sums, so that additions need not wait for each other.
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < length; i += 4) {
            a += left[i] * right[i];
            b += left[i + 1] * right[i + 1];
            c += left[i + 2] * right[i + 2];
            d += left[i + 3] * right[i + 3];
        }
        for (; i < length; i++) {
            a += left[i] * right[i];
        }
        return a + b + c + d;
    }

    private static double[][] inverse(double[][] lower) {
        int size = lower.length;
        double[][] inverse = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int k = 0; k < i; k++) {
                subtractScaled(lower[i][k], inverse[k], inverse[i], k);
            }
            inverse[i][i] = 1;
            for (int j = 0; j <= i; j++) {
                inverse[i][j] /= lower[i][i];
            }
        }
        return inverse;
    }

    private static void subtractScaled(double factor, double[] from, double[] to, int last) {
        for (int j = 0; j <= last; j++) {
            to[j] -= factor * from[j];
        }
    }

    /** Rows and columns from last to first, in place. */
    private static double[][] reversed(double[][] matrix) {
        int size = matrix.length;
        for (int i = 0; i < (size + 1) / 2; i++) {
            double[] swapped = matrix[i];
            matrix[i] = matrix[size - 1 - i];
            matrix[size - 1 - i] = swapped;
        }
        for (double[] row : matrix) {
            for (int j = 0; j < size / 2; j++) {
                double swapped = row[j];
                row[j] = row[size - 1 - j];
                row[size - 1 - j] = swapped;
            }
        }
        return matrix;
    }
}
