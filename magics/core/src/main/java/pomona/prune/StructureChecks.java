package pomona.prune;

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
}
