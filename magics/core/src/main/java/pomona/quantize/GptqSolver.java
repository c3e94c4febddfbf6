package pomona.quantize;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import pomona.calibrate.InverseFactor;
import pomona.graph.LayerWeight;

/**
 * Rounds a weight matrix column by column; what rounding a weight does to the layer's outputs is made up for by the
 * weights of its row that are not rounded yet. See {@link GptqQuantization} for the source.
 */
final class GptqSolver {

    private final BlockGrid.Choice choice;
    private final int[] order;
    private final float[][] factor;
    private final boolean inOrder;

    /**
     * A solver for a layer.
     *
     * @param hessian of the layer's inputs; used up
     * @param actOrder whether the columns with the largest inputs come first; grids are chosen beforehand then
     */
    GptqSolver(LayerWeight layer, double[][] hessian, double dampening, boolean actOrder, BlockGrid.Choice choice) {
        this.choice = choice;
        this.inOrder = !actOrder;
        int columns = hessian.length;
        this.order = actOrder
                ? IntStream.range(0, columns)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -hessian[i][i]))
                        .mapToInt(i -> i)
                        .toArray()
                : IntStream.range(0, columns).toArray();
        // Floats are half as much to read again for each row of the weight.
        this.factor = Arrays.stream(InverseFactor.of(layer, actOrder ? permuted(hessian) : hessian, dampening))
                .map(GptqSolver::floats)
                .toArray(float[][]::new);
    }

    private static float[] floats(double[] row) {
        float[] floats = new float[row.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) row[i];
        }
        return floats;
    }

    private double[][] permuted(double[][] matrix) {
        return Arrays.stream(order)
                .mapToObj(
                        i -> Arrays.stream(order).mapToDouble(j -> matrix[i][j]).toArray())
                .toArray(double[][]::new);
    }

    /** Rounds the rows, in parallel, and changes them to what their integers stand for. */
    void solve(float[] weights, BlockCodes codes) {
        IntStream.range(0, codes.rows).parallel().forEach(row -> solve(weights, row, codes));
    }

    private void solve(float[] weights, int row, BlockCodes codes) {
        int columns = codes.columns;
        int base = row * columns;
        if (!inOrder) {
            for (int b = 0; b < codes.blocks; b++) {
                codes.set(row, b, choice.of(weights, base + codes.start(b), base + codes.end(b)));
            }
        }
        float[] rest = new float[columns];
        for (int i = 0; i < columns; i++) {
            rest[i] = weights[base + order[i]];
        }
        for (int i = 0; i < columns; i++) {
            int column = order[i];
            if (inOrder && codes.startsBlock(column)) {
                chooseGrid(rest, row, column, codes);
            }
            float rounded = codes.round(row, column, rest[i]);
            subtractScaled((rest[i] - rounded) / factor[i][i], factor[i], rest, i + 1);
            weights[base + column] = rounded;
        }
    }

    private static void subtractScaled(float error, float[] others, float[] rest, int from) {
        for (int j = from; j < rest.length; j++) {
            rest[j] -= error * others[j];
        }
    }

    /** The grid of a block, chosen by what its weights have become by now. */
    private void chooseGrid(float[] rest, int row, int column, BlockCodes codes) {
        int block = codes.blockOf(column);
        codes.set(row, block, choice.of(rest, column, codes.end(block)));
    }
}
