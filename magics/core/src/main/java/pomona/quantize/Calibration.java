package pomona.quantize;

/** How the range of an activation is taken from what was seen of it. */
public enum Calibration {
    /** From the smallest to the largest value seen. */
    MIN_MAX,
    /**
     * Moving averages of the smallest and the largest value of each record, where a new record counts a hundredth (the first
     * hundred count alike); Jacob et al., 2018 (arXiv 1712.05877), section 3.1.
     */
    MOVING_AVERAGE,
    /** Without the few outermost values, which are cut; better when activations have outliers. */
    PERCENTILE,
    /**
     * The range whose quantized distribution is nearest to the one seen, by Kullback-Leibler divergence; Migacz, 8-bit
     * Inference with TensorRT, 2017. That was made for what comes out of Relu: the divergence hardly sees a few large
     * values, however much they mean to the next layer, such as the outlier channels of transformers. So of all ranges only
     * those are looked at whose squared error, of rounding and cutting together, is at most twice (3 dB above) that of the
     * range of all values.
     */
    ENTROPY,
    /** The range with the least mean squared error of rounding and cutting together; Banner et al., 2019 (arXiv 1810.05723). */
    MSE;

    /** Whether ranges are taken from a histogram. */
    boolean needsHistogram() {
        return this == PERCENTILE || this == ENTROPY || this == MSE;
    }
}
