package pomona.quantize;

/**
 * The mean products of the inputs that one block of weights is multiplied with, for each block of a row.
 *
 * @param block the columns of a block; the last may have fewer
 * @param products a row for each column, of its products with the columns of its block
 */
record BlockHessians(int block, float[][] products) {

    /**
     * The blocks on the diagonal.
     *
     * @param divisors what the columns' inputs are divided by, or null
     */
    static BlockHessians of(float[][] hessian, double[] divisors, int block) {
        float[][] products = new float[hessian.length][];
        for (int i = 0; i < hessian.length; i++) {
            int start = i / block * block;
            products[i] = new float[Math.min(block, hessian.length - start)];
            for (int j = 0; j < products[i].length; j++) {
                double by = divisors == null ? 1 : divisors[i] * divisors[start + j];
                products[i][j] = (float) (hessian[i][start + j] / by);
            }
        }
        return new BlockHessians(block, products);
    }

    int columns() {
        return products.length;
    }

    /**
     * The mean square of what a block adds to an output.
     *
     * @param first the block's first column
     * @param weights one for each of its columns
     * @param sums room for as many numbers
     */
    double square(int first, float[] weights, float[] sums) {
        java.util.Arrays.fill(sums, 0);
        for (int i = 0; i < weights.length; i++) {
            float[] row = products[first + i];
            float weight = weights[i];
            for (int j = 0; j < sums.length; j++) {
                sums[j] += weight * row[j];
            }
        }
        double square = 0;
        for (int i = 0; i < weights.length; i++) {
            square += (double) weights[i] * sums[i];
        }
        return square;
    }
}
