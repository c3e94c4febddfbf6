package pomona.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;

/** Keeps the weights of one tensor at zero that are zero when training starts. */
final class ZeroMask implements AutoCloseable {

    private final NDArray weights;
    private final NDArray mask;

    private ZeroMask(NDArray weights, NDArray mask) {
        this.weights = weights;
        this.mask = mask;
    }

    /** The mask of a parameter, or null when it has less than two dimensions or no zeros. */
    static ZeroMask of(Parameter parameter) {
        if (!parameter.requiresGradient() || parameter.getShape().dimension() < 2) {
            return null;
        }
        // A handle without history, so that the elements can be changed in place.
        NDArray weights = parameter.getArray().stopGradient();
        try (NDArray kept = weights.neq(0)) {
            NDArray mask = kept.toType(DataType.FLOAT32, true);
            try (NDArray least = mask.min()) {
                return least.getFloat() == 0 ? new ZeroMask(weights, mask) : null;
            }
        }
    }

    void maskGradient(NDArray gradient) {
        gradient.muli(mask);
    }

    void maskWeights() {
        weights.muli(mask);
    }

    @Override
    public void close() {
        mask.close();
        weights.close();
    }
}
