package pomona.quantize;

/**
 * Chooses scales and zero points that bring a block of weights closest, by half-quadratic splitting: what is left over is
 * shrunk towards zero, so that outliers may keep it, and the grid is fitted to the rest by least squares, in turns. The
 * shrinking is that of the power p of the error; 2 fits by least squares alone. See {@link HqqQuantization}.
 *
 * @param format the integers
 * @param power the power of the error that is made small, above 0 up to 2
 * @param rounds how often weights are rounded and the grid is fitted, at most
 * @param importance how much the error of each column of the weight counts, or null when all count alike; blocks are
 *     looked for at whole rows
 */
record HalfQuadraticGrid(BlockFormat format, double power, int rounds, float[] importance) implements BlockGrid.Choice {

    /** How strictly rest and grid are held together, in steps of the grid, and how that grows. */
    private static final double BETA = 10;

    private static final double KAPPA = 1.01;

    /** Ranges to try, as shares of the whole one: the fit starts from the best, which may cut the outermost weights. */
    private static final float[] STARTS = {1, 0.95f, 0.9f, 0.85f, 0.8f, 0.75f, 0.7f};

    /** Zero points to try with each, beside that of the whole range. */
    private static final int[] SHIFTS = {0, -1, 1};

    HalfQuadraticGrid(BlockFormat format, double power, int rounds) {
        this(format, power, rounds, null);
    }

    @Override
    public BlockGrid of(float[] weights, int from, int to) {
        BlockGrid range = BlockGrid.range(format).of(weights, from, to);
        if (!range.isFinite()) {
            return range;
        }
        Fit fit = new Fit(this, weights, from, to - from);
        fit.improve(range);
        if (format.symmetric()) {
            fit.improve(fit.bestStart(range.scale(), range.zero()));
            // The most negative integer reaches further than the largest: on which side is open.
            fit.improve(fit.bestStart(-range.scale(), range.zero()));
            return fit.best;
        }
        for (int shift : SHIFTS) {
            int zero = range.zero() + shift;
            if (zero >= 0 && zero < format.levels()) {
                fit.improve(fit.bestStart(range.scale(), zero));
            }
        }
        return fit.best;
    }

    /** The search over the grids of one block. */
    private static final class Fit {

        private final HalfQuadraticGrid settings;
        private final float[] weights;
        private final int from;
        private final int[] steps;
        private final float[] importance;
        private final int column;
        private BlockGrid best;
        private double least = Double.POSITIVE_INFINITY;

        Fit(HalfQuadraticGrid settings, float[] weights, int from, int count) {
            this.settings = settings;
            this.weights = weights;
            this.from = from;
            this.steps = new int[count];
            this.importance = settings.importance;
            this.column = importance == null ? 0 : from % importance.length;
        }

        private float share(int i) {
            return importance == null ? 1 : importance[column + i];
        }

        /** The share of a range that is best before any fit. */
        BlockGrid bestStart(float scale, int zero) {
            BlockGrid found = null;
            double error = Double.POSITIVE_INFINITY;
            for (float start : STARTS) {
                BlockGrid grid = new BlockGrid(BlockGrid.usable(scale * start), zero);
                double tried = tryOut(grid);
                if (tried < error || found == null) {
                    error = tried;
                    found = grid;
                }
            }
            return found;
        }

        /** Fits a grid in turns until nothing gets better. */
        void improve(BlockGrid start) {
            BlockGrid grid = start;
            double before = Double.POSITIVE_INFINITY;
            double beta = BETA;
            for (int round = 0; round < settings.rounds; round++) {
                double error = tryOut(grid);
                if (!(error < before)) {
                    return;
                }
                before = error;
                grid = fitted(grid, beta);
                beta *= KAPPA;
            }
        }

        /** Rounds the block on a grid, and gives the error. */
        double tryOut(BlockGrid grid) {
            float scale = grid.scale();
            int largest = settings.format.levels() - 1;
            double sum = 0;
            for (int i = 0; i < steps.length; i++) {
                float weight = weights[from + i];
                steps[i] = BlockCodes.code(weight, scale, grid.zero(), largest) - grid.zero();
                double rest = weight - steps[i] * scale;
                sum += share(i) * (settings.power == 2 ? rest * rest : Math.pow(Math.abs(rest), settings.power));
            }
            if (sum < least || best == null) {
                least = sum;
                best = grid;
            }
            return sum;
        }

        /** What of a rest, in steps, is left to the outliers. */
        private double shrunk(double rest, double beta) {
            if (settings.power == 2 || rest == 0) {
                return 0;
            }
            double size = Math.abs(rest);
            return Math.signum(rest) * Math.max(0, size - Math.pow(size, settings.power - 1) / beta);
        }

        /** The least-squares grid of the weights without what is left to outliers, under the steps they have now. */
        private BlockGrid fitted(BlockGrid grid, double beta) {
            double all = 0;
            double sumWanted = 0;
            double sumStep = 0;
            double product = 0;
            double square = 0;
            for (int i = 0; i < steps.length; i++) {
                double weight = weights[from + i];
                double step = steps[i];
                double wanted = weight - shrunk(weight / grid.scale() - step, beta) * grid.scale();
                double share = share(i);
                all += share;
                sumWanted += share * wanted;
                sumStep += share * step;
                product += share * wanted * step;
                square += share * step * step;
            }
            int move = 0;
            if (!settings.format.symmetric() && all > 0) {
                double slope = slope(product - sumWanted * sumStep / all, square - sumStep * sumStep / all);
                double place = slope == 0 ? 0 : Math.rint((sumStep - sumWanted / slope) / all);
                int largest = settings.format.levels() - 1;
                move = (int) Math.max(-grid.zero(), Math.min(largest - grid.zero(), place));
            }
            double scale = slope(product - move * sumWanted, square - 2 * move * sumStep + move * move * all);
            return scale == 0 || !Double.isFinite(scale)
                    ? grid
                    : new BlockGrid(BlockGrid.usable((float) scale), grid.zero() + move);
        }

        private static double slope(double product, double square) {
            return square <= 0 ? 0 : product / square;
        }
    }
}
