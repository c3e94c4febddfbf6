package pomona.quantize;

/**
 * The values that the integers of a block stand for: every scale apart, with one that is exactly zero.
 *
 * @param scale the step, not 0; it may be negative, since the most negative integer reaches further than the largest one
 * @param zero the integer, counted from 0, that stands for zero
 */
record BlockGrid(float scale, int zero) {

    /** Chooses the grid of a block. */
    @FunctionalInterface
    interface Choice {
        BlockGrid of(float[] weights, int from, int to);
    }

    /** From the smallest to the largest weight, so that none is cut. */
    static Choice range(BlockFormat format) {
        if (!format.symmetric()) {
            return (weights, from, to) -> between(weights, from, to, format.levels() - 1);
        }
        return format.bits() == 8
                ? (weights, from, to) -> within(Math.abs(furthest(weights, from, to)) / 127, format)
                : (weights, from, to) -> within(furthest(weights, from, to) / -format.middle(), format);
    }

    /** The weight that is furthest from zero; NaN when there is one. */
    private static float furthest(float[] weights, int from, int to) {
        float least = 0;
        float most = 0;
        for (int i = from; i < to; i++) {
            least = Math.min(least, weights[i]);
            most = Math.max(most, weights[i]);
        }
        return -least > most ? least : most;
    }

    private static BlockGrid within(float scale, BlockFormat format) {
        return new BlockGrid(usable(scale), format.middle());
    }

    private static BlockGrid between(float[] weights, int from, int to, int steps) {
        float least = 0;
        float most = 0;
        for (int i = from; i < to; i++) {
            least = Math.min(least, weights[i]);
            most = Math.max(most, weights[i]);
        }
        float scale = usable((float) (((double) most - least) / steps));
        return new BlockGrid(scale, Math.max(0, Math.min(steps, Math.round(-least / scale))));
    }

    /** A block of zeros has a scale of 1; none is too small to divide by. */
    static float usable(float scale) {
        if (scale == 0) {
            return 1;
        }
        return Math.abs(scale) < QuantizedWeight.SMALLEST_SCALE
                ? Math.copySign(QuantizedWeight.SMALLEST_SCALE, scale)
                : scale;
    }

    /** Whether all weights of the block were finite. */
    boolean isFinite() {
        return Float.isFinite(scale);
    }
}
