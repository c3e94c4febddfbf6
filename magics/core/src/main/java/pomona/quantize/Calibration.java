package pomona.quantize;

/** How the range of an activation is taken from what was seen of it. */
public enum Calibration {
    /** From the smallest to the largest value seen. */
    MIN_MAX,
    /** Without the few outermost values, which are cut; better when activations have outliers. */
    PERCENTILE
}
