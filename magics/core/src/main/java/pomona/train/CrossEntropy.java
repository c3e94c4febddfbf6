package pomona.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import pomona.graph.Network;
import pomona.graph.Node;

/**
 * The cross entropy of the labels under the network's predictions, averaged over the batch.
 *
 * <p>It looks at the network's first output, (batch, classes), and at labels that are class numbers, (batch). A network
 * that ends in Softmax or LogSoftmax is not given a second one.
 */
public final class CrossEntropy implements Objective {

    private static final float LEAST_PROBABILITY = 1e-12f;

    /** What a network's output is. */
    private enum Output {
        LOGITS,
        PROBABILITIES,
        LOG_PROBABILITIES
    }

    private final Output output;

    private CrossEntropy(Output output) {
        this.output = output;
    }

    /** The cross entropy for a network, by what its first output is. */
    public static CrossEntropy of(Network network) {
        Node last = network.graph()
                .producers()
                .get(network.signature().outputs().get(0).name());
        if (last != null && last.is("Softmax")) {
            return new CrossEntropy(Output.PROBABILITIES);
        }
        boolean logarithms = last != null && last.is("LogSoftmax");
        return new CrossEntropy(logarithms ? Output.LOG_PROBABILITIES : Output.LOGITS);
    }

    @Override
    public NDArray loss(NDList predictions, NDList data, NDList labels) {
        NDArray logProbabilities = logProbabilities(predictions.head());
        NDArray classes = labels.head().toType(DataType.INT64, false);
        NDArray column = classes.reshape(classes.size());
        return logProbabilities
                .get(new NDIndex().addAllDim().addPickDim(column))
                .mean()
                .neg();
    }

    private NDArray logProbabilities(NDArray prediction) {
        return switch (output) {
            case LOGITS -> prediction.logSoftmax(-1);
            case PROBABILITIES -> prediction.clip(LEAST_PROBABILITY, 1f).log();
            case LOG_PROBABILITIES -> prediction;
        };
    }
}
