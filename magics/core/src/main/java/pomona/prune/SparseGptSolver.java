package pomona.prune;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Prunes one weight matrix column by column; what removing a weight does to the layer's outputs is made up for by the
 * weights of its row that have not been looked at yet. See {@link SparseGptPruning} for the source.
 */
final class SparseGptSolver {

    /** Columns whose weights are compared with each other, as in the paper's Algorithm 1. */
    private static final int BLOCK = 128;

    private final float[][] weights;
    private final double[][] factor;
    private final int columns;

    /**
     * @param weights the rows of the matrix; changed in place
     * @param factor the upper factor of the inverse Hessian
     */
    SparseGptSolver(float[][] weights, double[][] factor) {
        this.weights = weights;
        this.factor = factor;
        this.columns = factor.length;
    }

    /** Removes an exact share of the weights; each block of columns gets its part of it. */
    void removeShare(double share) {
        long removed = 0;
        for (int start = 0; start < columns; start += BLOCK) {
            int end = Math.min(columns, start + BLOCK);
            long wanted = Math.round(share * weights.length * end) - removed;
            boolean[][] gone = least(start, end, Math.toIntExact(wanted));
            removed += wanted;
            int from = start;
            IntStream.range(0, weights.length).parallel().forEach(row -> remove(row, from, gone[row]));
        }
    }

    /** Removes all but some of every few weights that follow each other in a row. */
    void removeAllBut(int kept, int of) {
        IntStream.range(0, weights.length).parallel().forEach(row -> {
            for (int start = 0; start < columns; start += of) {
                boolean[] gone = new boolean[of];
                long[] order = new long[of];
                for (int i = 0; i < of; i++) {
                    order[i] = (long) saliency(row, start + i) << 32 | i;
                }
                Arrays.sort(order);
                for (int i = 0; i < of - kept; i++) {
                    gone[(int) order[i]] = true;
                }
                remove(row, start, gone);
            }
        });
    }

    /** The error that removing a weight makes after the others have made up for it, as bits in the order of its value. */
    private int saliency(int row, int column) {
        double scaled = weights[row][column] / factor[column][column];
        return Float.floatToIntBits((float) (scaled * scaled));
    }

    private boolean[][] least(int start, int end, int wanted) {
        int width = end - start;
        long[] order = new long[weights.length * width];
        Arrays.parallelSetAll(order, i -> (long) saliency(i / width, start + i % width) << 32 | i);
        Arrays.parallelSort(order);
        boolean[][] gone = new boolean[weights.length][width];
        for (int i = 0; i < wanted; i++) {
            int place = (int) order[i];
            gone[place / width][place % width] = true;
        }
        return gone;
    }

    private void remove(int row, int start, boolean[] gone) {
        float[] values = weights[row];
        for (int i = 0; i < gone.length; i++) {
            if (gone[i]) {
                double[] weightOfOthers = factor[start + i];
                double error = values[start + i] / weightOfOthers[start + i];
                values[start + i] = 0;
                for (int j = start + i + 1; j < columns; j++) {
                    values[j] -= (float) (error * weightOfOthers[j]);
                }
            }
        }
    }
}
