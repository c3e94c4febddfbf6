package pomona.train;

import java.util.Objects;
import pomona.pass.Option;

/**
 * The settings of a training run.
 *
 * @param epochs passes over the data, 1 or more
 * @param batchSize records that one step looks at, 1 or more
 * @param learningRate the size of the first step, above 0
 * @param optimizer how weights follow their gradients
 * @param weightDecay how much of a weight is added to its gradient, 0 or more
 * @param schedule how the learning rate changes
 * @param seed the source of every random choice: the same seed gives the same network
 * @param jitter by how many pixels images are shifted at most, each its own way every time, 0 or more
 */
public record Training(
        @Option(value = "passes over the data, 1 or more", defaultsTo = "3")
        int epochs,

        @Option(value = "records that one step looks at, 1 or more", defaultsTo = "128")
        int batchSize,

        @Option(value = "size of the first step, above 0", defaultsTo = "0.001")
        double learningRate,

        @Option(value = "adam, or sgd (with momentum 0.9)", defaultsTo = "adam")
        Descent optimizer,

        @Option(value = "how much of a weight is added to its gradient, 0 or more", defaultsTo = "0")
        double weightDecay,

        @Option(value = "constant, or cosine (falls to zero)", defaultsTo = "cosine")
        Schedule schedule,

        @Option(value = "source of every random choice", defaultsTo = "0")
        long seed,

        @Option(value = "by how many pixels images are shifted at most, anew every time", defaultsTo = "0")
        int jitter) {

    public Training {
        atLeastOne("epochs", epochs);
        atLeastOne("batch-size", batchSize);
        if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("learning-rate must be above 0; it was " + learningRate + ".");
        }
        if (!(weightDecay >= 0 && weightDecay < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight-decay must be 0 or more; it was " + weightDecay + ".");
        }
        if (jitter < 0) {
            throw new IllegalArgumentException("jitter must be 0 or more; it was " + jitter + ".");
        }
        Objects.requireNonNull(optimizer, "optimizer");
        Objects.requireNonNull(schedule, "schedule");
    }

    /** The defaults, for so many epochs: batches of 128, Adam at 0.001 falling along a cosine, seed 0, no jitter. */
    public static Training epochs(int epochs) {
        return new Training(epochs, 128, 0.001, Descent.ADAM, 0, Schedule.COSINE, 0, 0);
    }

    public Training withBatchSize(int records) {
        return new Training(epochs, records, learningRate, optimizer, weightDecay, schedule, seed, jitter);
    }

    public Training withLearningRate(double rate) {
        return new Training(epochs, batchSize, rate, optimizer, weightDecay, schedule, seed, jitter);
    }

    public Training withOptimizer(Descent descent) {
        return new Training(epochs, batchSize, learningRate, descent, weightDecay, schedule, seed, jitter);
    }

    public Training withWeightDecay(double decay) {
        return new Training(epochs, batchSize, learningRate, optimizer, decay, schedule, seed, jitter);
    }

    public Training withSchedule(Schedule newSchedule) {
        return new Training(epochs, batchSize, learningRate, optimizer, weightDecay, newSchedule, seed, jitter);
    }

    public Training withSeed(long newSeed) {
        return new Training(epochs, batchSize, learningRate, optimizer, weightDecay, schedule, newSeed, jitter);
    }

    public Training withJitter(int pixels) {
        return new Training(epochs, batchSize, learningRate, optimizer, weightDecay, schedule, seed, pixels);
    }

    private static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " must be 1 or more; it was " + value + ".");
        }
    }
}
