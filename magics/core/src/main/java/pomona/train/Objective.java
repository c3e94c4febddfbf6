package pomona.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** What training makes small. */
@FunctionalInterface
public interface Objective {

    /**
     * The loss of one batch.
     *
     * @param predictions the network's outputs, in its order
     * @param data what the network was fed, in the order of its inputs
     * @param labels the labels of the batch
     * @return one number, made of the predictions by operations that gradients flow through
     */
    NDArray loss(NDList predictions, NDList data, NDList labels);

    /** Whether it looks at labels, so that data without any is refused before training begins. */
    default boolean takesLabels() {
        return false;
    }

    /** The same loss, which looks at labels. */
    static Objective withLabels(Objective loss) {
        return new Objective() {
            @Override
            public NDArray loss(NDList predictions, NDList data, NDList labels) {
                return loss.loss(predictions, data, labels);
            }

            @Override
            public boolean takesLabels() {
                return true;
            }
        };
    }
}
