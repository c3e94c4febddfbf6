package pomona.quantize;

/**
 * The range of an activation, and the scale and zero point that lay it over integers. Zero is always inside and always
 * exact, so that padding and Relu cost nothing.
 *
 * @param min the smallest value to represent, at most 0
 * @param max the largest value to represent, at least 0
 * @param type the integers
 */
record ActivationRange(float min, float max, ActivationType type) {

    ActivationRange {
        min = Math.min(0, min);
        max = Math.max(0, max);
    }

    float scale() {
        double scale = ((double) max - min) / type.steps();
        return scale < Float.MIN_NORMAL ? 1 : (float) scale;
    }

    int zeroPoint() {
        double zero = Math.rint(type.smallest() - min / (double) scale());
        return (int) Math.max(type.smallest(), Math.min(type.largest(), zero));
    }
}
