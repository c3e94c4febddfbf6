package pomona.quantize;

/** How a weight between two steps becomes one of them. */
public enum Rounding {
    /** The nearest step. */
    NEAREST,
    /** The step at which the layer's outputs change least on data; see {@link AdaptiveRounding}. */
    ADAPTIVE
}
