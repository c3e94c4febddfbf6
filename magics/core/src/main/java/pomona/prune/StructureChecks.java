package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Locale;

/** Refuses options of structured pruning that make no sense. */
final class StructureChecks {

    private StructureChecks() {}

    static void ratio(double ratio) {
        if (!(ratio >= 0 && ratio < 1)) {
            throw new IllegalArgumentException(
                    "Ratio " + ratio + " is out of range; it is from 0 up to but not including 1.");
        }
    }

    static void atLeastOne(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + " must be 1 or more; it was " + value + ".");
        }
    }

    static void scope(Scope scope) {
        Checks.notNull(scope, "scope", "layer or global");
        if (scope == Scope.OUTPUT) {
            throw new IllegalArgumentException(
                    "Scope output is for single weights; whole channels and heads go by layer" + " or global.");
        }
    }

    static void data(ChannelImportance importance, RandomAccessDataset data) {
        if (importance.needsData() && data == null) {
            throw new IllegalArgumentException("Importance " + importance.name().toLowerCase(Locale.ROOT)
                    + " is measured on data; none was given (option data).");
        }
    }
}
