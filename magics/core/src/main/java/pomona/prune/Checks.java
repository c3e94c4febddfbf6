package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;

/** Refuses options that were not given. */
final class Checks {

    private Checks() {}

    static void notNull(Object value, String option, String allowed) {
        if (value == null) {
            throw new IllegalArgumentException("Option " + option + " was not given; it is " + allowed + ".");
        }
    }

    /** Data that activations are measured on. */
    static void data(String method, RandomAccessDataset data, int records) {
        if (data == null) {
            throw new IllegalArgumentException(
                    method + " pruning measures activations on data; none was given (option data).");
        }
        if (records < 1) {
            throw new IllegalArgumentException("records must be 1 or more; it was " + records + ".");
        }
    }
}
