package pomona.prune;

/** Among which weights a sparsity is reached. */
public enum Scope {
    /** The smallest weights of all layers together; layers end with different sparsities. */
    GLOBAL,
    /** The smallest weights of each layer; every layer ends with the same sparsity. */
    LAYER,
    /** The smallest weights of each output feature; every row of a layer's matrix ends with the same sparsity. */
    OUTPUT
}
