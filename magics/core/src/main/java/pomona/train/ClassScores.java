package pomona.train;

import ai.djl.ndarray.NDArray;
import pomona.graph.Network;
import pomona.graph.Node;

/**
 * Reads the scores of classes out of a network's first output, (batch, classes), whether the network ends in logits, in
 * Softmax or in LogSoftmax.
 */
public final class ClassScores {

    private static final float LEAST_PROBABILITY = 1e-12f;

    /** What a network's output is. */
    private enum Output {
        LOGITS,
        PROBABILITIES,
        LOG_PROBABILITIES
    }

    private final Output output;

    private ClassScores(Output output) {
        this.output = output;
    }

    /** The scores of a network, by the operator that makes its first output. */
    public static ClassScores of(Network network) {
        Node last = network.graph()
                .producers()
                .get(network.signature().outputs().get(0).name());
        if (last != null && last.is("Softmax")) {
            return new ClassScores(Output.PROBABILITIES);
        }
        boolean logarithms = last != null && last.is("LogSoftmax");
        return new ClassScores(logarithms ? Output.LOG_PROBABILITIES : Output.LOGITS);
    }

    /** Logits: the logarithms of probabilities are logits too, since a softmax does not see a constant. */
    public NDArray logits(NDArray prediction) {
        return output == Output.PROBABILITIES
                ? prediction.clip(LEAST_PROBABILITY, 1f).log()
                : prediction;
    }

    /** The logarithms of the classes' probabilities. */
    public NDArray logProbabilities(NDArray prediction) {
        return output == Output.LOGITS ? prediction.logSoftmax(-1) : logits(prediction);
    }
}
