package pomona.quantize;

/**
 * Narrows the range of a block, to as little as its half, to what does least to the outputs: a few weights that are cut may
 * cost less than all others rounded coarsely. See {@link AwqQuantization}.
 *
 * @param format the integers
 * @param inputs what the columns are multiplied with; blocks are looked for at whole rows
 */
record NarrowedGrid(BlockFormat format, BlockHessians inputs) implements BlockGrid.Choice {

    private static final int STEPS = 20;

    private static final double NARROWEST = 0.5;

    @Override
    public BlockGrid of(float[] weights, int from, int to) {
        BlockGrid range = BlockGrid.range(format).of(weights, from, to);
        if (!range.isFinite()) {
            return range;
        }
        Search search = new Search(this, weights, from, to - from);
        for (int step = 0; step < STEPS; step++) {
            float scale = (float) (range.scale() * (1 - (1 - NARROWEST) * step / STEPS));
            search.tryOut(scale, range.zero());
            if (format.symmetric()) {
                // The most negative integer reaches further than the largest: on which side is open.
                search.tryOut(-scale, range.zero());
            }
        }
        return search.best;
    }

    /** The best grid of one block so far. */
    private static final class Search {

        private final NarrowedGrid settings;
        private final float[] weights;
        private final int from;
        private final float[] off;
        private final float[] sums;
        private BlockGrid best;
        private double least = Double.POSITIVE_INFINITY;

        Search(NarrowedGrid settings, float[] weights, int from, int count) {
            this.settings = settings;
            this.weights = weights;
            this.from = from;
            this.off = new float[count];
            this.sums = new float[count];
        }

        void tryOut(float wanted, int zero) {
            float scale = BlockGrid.usable(wanted);
            int largest = settings.format.levels() - 1;
            for (int i = 0; i < off.length; i++) {
                float weight = weights[from + i];
                off[i] = (BlockCodes.code(weight, scale, zero, largest) - zero) * scale - weight;
            }
            double error = settings.inputs.square(from % settings.inputs.columns(), off, sums);
            if (error < least || best == null) {
                least = error;
                best = new BlockGrid(scale, zero);
            }
        }
    }
}
