package pomona.prune;

/** What makes a channel, neuron, hidden unit or head matter: those of least importance go. */
public enum ChannelImportance {
    /**
     * The mean magnitude of all weights that make or read it. Source: Li et al., Pruning Filters for Efficient ConvNets,
     * 2017 (arXiv 1608.08710), over the whole coupled group.
     */
    L1,
    /** The root of the mean square of all weights that make or read it. Source: Fang et al. 2023 (arXiv 2301.12900). */
    L2,
    /**
     * The magnitude of the scale of the batch normalizations it goes through. Source: Liu et al., Learning Efficient
     * Convolutional Networks through Network Slimming, 2017 (arXiv 1708.06519).
     */
    BATCH_NORM_SCALE,
    /**
     * How far its filters are from those of its neighbours, so that what others can stand in for goes. Source: He et al.,
     * Filter Pruning via Geometric Median, 2019 (arXiv 1811.00250).
     */
    GEOMETRIC_MEDIAN,
    /**
     * The squares of weight times gradient, summed over all weights that make or read it; needs labelled data. Source:
     * Molchanov et al., Importance Estimation for Neural Network Pruning, 2019 (arXiv 1906.10771), equation 8.
     */
    TAYLOR,
    /**
     * The mean magnitude of what it hands to the layers after it; needs data. Source: Molchanov et al., Pruning
     * Convolutional Neural Networks for Resource Efficient Inference, 2017 (arXiv 1611.06440), section 2.2.
     */
    ACTIVATION,
    /** Nothing: the choice is random, as a control. */
    RANDOM;

    /** Whether it is measured on data. */
    boolean needsData() {
        return this == TAYLOR || this == ACTIVATION;
    }
}
