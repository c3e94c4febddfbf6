package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * Products with plain numbers that gradients may flow through.
 *
 * <p>DJL 0.35.1 puts a number into memory of the JVM and lets go of it when the product is made, but the gradient reads
 * it again later: after a garbage collection in between it reads whatever is there by then. Here the number lies in the
 * engine's own memory, which the engine keeps for as long as it needs it.
 */
public final class Scalars {

    private Scalars() {}

    /** Each element times a number. */
    public static NDArray times(NDArray array, double factor) {
        try (NDArray number = array.getManager().ones(new Shape(), array.getDataType())) {
            number.muli((float) factor);
            return array.mul(number);
        }
    }
}
