package pomona.prune;

import pomona.pass.Pass;

/** A technique that sets a given share of the weights to zero, so that schedules can raise the share step by step. */
public interface Sparsification extends Pass {

    /** The share of weights to be zero, from 0 up to but not including 1, of the weights as they were made. */
    double sparsity();

    /** The same technique with another target. */
    Sparsification withSparsity(double target);
}
