package pomona.quantize;

/**
 * Chooses scales and zero points that bring a block of weights closest, by half-quadratic splitting: what is left over is
 * shrunk towards zero, so that outliers may keep it, and the grid is fitted to the rest by least squares, in turns. The
 * shrinking is that of the power p of the error; 2 fits by least squares alone. See {@link HqqQuantization}.
 *
 * @param format the integers
 * @param power the power of the error that is made small, above 0 up to 2
 * @param rounds how often weights are rounded and the grid is fitted, at most
 */
record HalfQuadraticGrid(BlockFormat format, double power, int rounds) implements BlockGrid.Choice {

    /** How strictly rest and grid are held together, in steps of the grid, and how that grows. */
    private static final double BETA = 10;

    private static final double KAPPA = 1.01;

    /** Ranges to start from, as shares of the whole one: what fits best near it may cut the outermost weights. */
    private static final float[] STARTS = {1, 0.9f, 0.8f, 0.7f};

    @Override
    public BlockGrid of(float[] weights, int from, int to) {
        BlockGrid range = BlockGrid.range(format).of(weights, from, to);
        if (!range.isFinite()) {
            return range;
        }
        BlockGrid best = range;
        double least = error(weights, from, to, range);
        for (float start : STARTS) {
            BlockGrid grid = new BlockGrid(BlockGrid.usable(range.scale() * start), range.zero());
            double before = Double.POSITIVE_INFINITY;
            double beta = BETA;
            for (int round = 0; round < rounds; round++) {
                double error = error(weights, from, to, grid);
                if (error < least) {
                    least = error;
                    best = grid;
                }
                if (!(error < before)) {
                    break;
                }
                before = error;
                grid = fitted(weights, from, to, grid, beta);
                beta *= KAPPA;
            }
        }
        return best;
    }

    private int code(float weight, BlockGrid grid) {
        return BlockCodes.code(weight, grid.scale(), grid.zero(), format.levels() - 1);
    }

    private double error(float[] weights, int from, int to, BlockGrid grid) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            double rest = Math.abs(weights[i] - (code(weights[i], grid) - grid.zero()) * grid.scale());
            sum += power == 2 ? rest * rest : Math.pow(rest, power);
        }
        return sum;
    }

    /** What of a rest, in steps, is left to the outliers. */
    private double shrunk(double rest, double beta) {
        if (power == 2 || rest == 0) {
            return 0;
        }
        double size = Math.abs(rest);
        return Math.signum(rest) * Math.max(0, size - Math.pow(size, power - 1) / beta);
    }

    /** The least-squares grid of the weights without what is left to outliers, under the codes they have now. */
    private BlockGrid fitted(float[] weights, int from, int to, BlockGrid grid, double beta) {
        int count = to - from;
        double[] wanted = new double[count];
        int[] codes = new int[count];
        double meanWanted = 0;
        double meanCode = 0;
        for (int i = 0; i < count; i++) {
            codes[i] = code(weights[from + i], grid);
            double rest = weights[from + i] - (double) (codes[i] - grid.zero()) * grid.scale();
            wanted[i] = weights[from + i] - shrunk(rest / grid.scale(), beta) * grid.scale();
            meanWanted += wanted[i] / count;
            meanCode += (double) codes[i] / count;
        }
        int zero = grid.zero();
        if (!format.symmetric()) {
            double slope = slope(wanted, codes, meanWanted, meanCode);
            double place = slope == 0 ? zero : Math.rint(meanCode - meanWanted / slope);
            zero = (int) Math.max(0, Math.min(format.levels() - 1, place));
        }
        double scale = slope(wanted, codes, 0, zero);
        return scale == 0 || !Double.isFinite(scale) ? grid : new BlockGrid(BlockGrid.usable((float) scale), zero);
    }

    private static double slope(double[] wanted, int[] codes, double meanWanted, double meanCode) {
        double product = 0;
        double square = 0;
        for (int i = 0; i < codes.length; i++) {
            product += (wanted[i] - meanWanted) * (codes[i] - meanCode);
            square += (codes[i] - meanCode) * (codes[i] - meanCode);
        }
        return square == 0 ? 0 : product / square;
    }
}
