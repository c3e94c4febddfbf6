package pomona.prune;

/** How the share of zero weights rises from the first pruning to the last one. */
public enum PruningSchedule {
    /** By the same amount each time. */
    LINEAR,
    /**
     * Fast at first, while there is much to spare, and slower towards the end (Zhu and Gupta, To Prune, or Not to Prune,
     * 2017, arXiv 1710.01878, equation 1).
     */
    CUBIC;

    /**
     * The share of the final sparsity.
     *
     * @param progress how much of the schedule is done, 0 to 1
     */
    double share(double progress) {
        double left = 1 - progress;
        return this == LINEAR ? progress : 1 - left * left * left;
    }
}
