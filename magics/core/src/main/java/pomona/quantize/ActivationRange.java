package pomona.quantize;

/**
 * The range of an activation, and the scale and zero point that lay it over unsigned bytes. Zero is always inside and
 * always exact, so that padding and Relu cost nothing.
 *
 * @param min the smallest value to represent, at most 0
 * @param max the largest value to represent, at least 0
 */
record ActivationRange(float min, float max) {

    private static final int LARGEST = 255;

    ActivationRange {
        min = Math.min(0, min);
        max = Math.max(0, max);
    }

    float scale() {
        double scale = ((double) max - min) / LARGEST;
        return scale < Float.MIN_NORMAL ? 1 : (float) scale;
    }

    byte zeroPoint() {
        return (byte) Math.max(0, Math.min(LARGEST, Math.rint(-min / (double) scale())));
    }
}
