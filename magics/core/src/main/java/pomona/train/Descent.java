package pomona.train;

/** How weights follow their gradients. */
public enum Descent {
    /** Adaptive moments (Kingma and Ba 2015, arXiv 1412.6980), with decays 0.9 and 0.999. */
    ADAM,
    /** Stochastic gradient descent with momentum 0.9. */
    SGD
}
