package pomona.prune;

/**
 * How much a block of weights matters by its magnitudes; among blocks of equal size the order is that of their norms.
 *
 * <p>Source: Narang et al., Block-Sparse Recurrent Neural Networks, 2017 (arXiv 1711.02782).
 */
public enum BlockNorm {

    /** The mean of the magnitudes. */
    L1,

    /** The mean of their squares, to which large ones give most. */
    L2
}
