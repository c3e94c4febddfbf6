package pomona.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import pomona.graph.Network;

/**
 * The cross entropy of the labels under the network's predictions, averaged over the batch.
 *
 * <p>It looks at the network's first output, (batch, classes), and at labels that are class numbers, (batch). A network
 * that ends in Softmax or LogSoftmax is not given a second one.
 */
public final class CrossEntropy implements Objective {

    private final ClassScores scores;

    private CrossEntropy(ClassScores scores) {
        this.scores = scores;
    }

    /** The cross entropy for a network, by what its first output is. */
    public static CrossEntropy of(Network network) {
        return new CrossEntropy(ClassScores.of(network));
    }

    @Override
    public boolean takesLabels() {
        return true;
    }

    @Override
    public NDArray loss(NDList predictions, NDList data, NDList labels) {
        NDArray logProbabilities = scores.logProbabilities(predictions.head());
        NDArray classes = labels.head().toType(DataType.INT64, false);
        NDArray column = classes.reshape(classes.size());
        return logProbabilities
                .get(new NDIndex().addAllDim().addPickDim(column))
                .mean()
                .neg();
    }
}
