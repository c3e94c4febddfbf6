package pomona.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import pomona.graph.Network;

/**
 * The cross entropy of the labels under the network's predictions, averaged over the batch.
 *
 * <p>It looks at the network's first output, (batch, classes), and at labels that are class numbers, (batch), or rows of
 * probabilities such as one-hot ones, (batch, classes). A network that ends in Softmax or LogSoftmax is not given a second one.
 */
public final class CrossEntropy implements Objective {

    private static final double TOLERANCE = 1e-3;
    private static final int SHOWN = 10;

    private final String network;
    private final ClassScores scores;

    private CrossEntropy(String network, ClassScores scores) {
        this.network = network;
        this.scores = scores;
    }

    /** The cross entropy for a network, by what its first output is. */
    public static CrossEntropy of(Network network) {
        return new CrossEntropy(network.name(), ClassScores.of(network));
    }

    @Override
    public boolean takesLabels() {
        return true;
    }

    @Override
    public NDArray loss(NDList predictions, NDList data, NDList labels) {
        NDArray logProbabilities = scores.logProbabilities(predictions.head());
        NDArray given = labels.head();
        Shape shape = logProbabilities.getShape();
        if (shape.dimension() == 2 && given.getShape().equals(shape)) {
            return rows(given, logProbabilities);
        }
        NDArray numbers = given.toType(DataType.INT64, false);
        if (shape.dimension() == 2) {
            check(numbers, given, shape);
        }
        NDArray column = numbers.reshape(numbers.size());
        return logProbabilities
                .get(new NDIndex().addAllDim().addPickDim(column))
                .mean()
                .neg();
    }

    /** Rows of probabilities, as one-hot labels are. */
    private NDArray rows(NDArray labels, NDArray logProbabilities) {
        NDArray probabilities = labels.toType(DataType.FLOAT32, false);
        float[] values = probabilities.toFloatArray();
        int classes = Math.toIntExact(labels.getShape().get(1));
        for (int row = 0; row < values.length / classes; row++) {
            double sum = 0;
            boolean right = true;
            for (int i = row * classes; i < (row + 1) * classes; i++) {
                sum += values[i];
                right &= values[i] >= 0;
            }
            if (!right || !(Math.abs(sum - 1) < TOLERANCE)) {
                float[] wrong = Arrays.copyOfRange(values, row * classes, (row + 1) * classes);
                throw new IllegalArgumentException("A row of the labels is " + shown(wrong) + ", but network " + network
                        + " learns from a class number for each record, 0 to " + (classes - 1) + ", or from rows of "
                        + classes + " probabilities, which sum to 1.");
            }
        }
        return probabilities.mul(logProbabilities).sum(new int[] {1}).mean().neg();
    }

    private static String shown(float[] row) {
        return row.length <= SHOWN
                ? Arrays.toString(row)
                : Arrays.toString(Arrays.copyOf(row, SHOWN)).replace("]", ", ...]");
    }

    private void check(NDArray numbers, NDArray given, Shape shape) {
        long classes = shape.get(1);
        if (numbers.size() != shape.get(0)) {
            throw new IllegalArgumentException("The labels of " + shape.get(0) + " records are " + given.getShape()
                    + ", but network " + network + " learns from a class number for each record, 0 to " + (classes - 1)
                    + ", or from rows of " + classes + " probabilities.");
        }
        for (long number : numbers.toLongArray()) {
            if (number < 0 || number >= classes) {
                throw new IllegalArgumentException("The data has the label " + number + ", but network " + network
                        + " has the classes 0 to " + (classes - 1) + ".");
            }
        }
    }
}
