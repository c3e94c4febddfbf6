package pomona.quantize;

/** How the range of a block of weights is chosen, and with it the scale and the zero point. */
public enum WeightRange {
    /** From the smallest to the largest weight: none is cut. */
    MIN_MAX,
    /**
     * The range with the least squared error of rounding and cutting together. Where a layer normalization is before the
     * layer, the error of each input counts by its mean square, which the normalization's scale and bias tell without data.
     */
    MSE
}
