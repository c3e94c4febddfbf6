package pomona.prune;

/** What a threshold is measured in. */
public enum ThresholdUnit {
    /** The weight's own magnitude. */
    ABSOLUTE,
    /** Multiples of the standard deviation of the layer's weights, as in Han et al. 2015. */
    STANDARD_DEVIATIONS
}
