package pomona.train;

/** How the learning rate changes from the first step to the last one. */
public enum Schedule {
    /** It stays the same. */
    CONSTANT,
    /** It falls to zero along half a cosine (Loshchilov and Hutter 2017, arXiv 1608.03983). */
    COSINE;

    /**
     * The learning rate of a step.
     *
     * @param base the learning rate of the first step
     * @param step the steps done before, from 0
     * @param steps all steps
     */
    double rate(double base, long step, long steps) {
        return this == CONSTANT ? base : base * 0.5 * (1 + Math.cos(Math.PI * step / steps));
    }
}
