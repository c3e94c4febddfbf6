package pomona.prune;

import pomona.train.Training;

/**
 * The share of zero weights step by step, when it rises while training goes on.
 *
 * @param sparsity the share in the end
 * @param schedule how it rises
 * @param pruningEpochs over how many of the first epochs it rises
 * @param training the settings of the training
 */
record GradualShare(double sparsity, PruningSchedule schedule, int pruningEpochs, Training training) {

    /** Refuses a schedule that is longer than the training. */
    static void check(int pruningEpochs, Training training) {
        if (pruningEpochs < 1 || pruningEpochs > training.epochs()) {
            throw new IllegalArgumentException("pruning-epochs is " + pruningEpochs + ", but the training ends after "
                    + (training.epochs() == 1 ? "1 epoch" : training.epochs() + " epochs") + "; prune over 1 to "
                    + training.epochs() + " of them.");
        }
    }

    /** The step before which the share reaches its end. */
    long last(long steps) {
        return Math.max(1, steps * pruningEpochs / training.epochs() - 1);
    }

    /** The share before a step, of so many. */
    double at(long step, long steps) {
        long last = last(steps);
        return step >= last ? sparsity : sparsity * schedule.share((double) step / last);
    }
}
