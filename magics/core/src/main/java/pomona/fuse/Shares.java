package pomona.fuse;

import java.util.Collections;
import java.util.List;

/** The shares that networks have in a fusion. */
final class Shares {

    private Shares() {}

    static void check(List<Double> weights, int members) {
        if (!weights.isEmpty() && weights.size() != members) {
            throw new IllegalArgumentException("weights has " + weights.size() + " shares for " + members
                    + " networks; give one for each, or none for equal shares.");
        }
        for (double weight : weights) {
            if (!(weight > 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException(
                        "weights has the share " + weight + "; a share is a number above 0.");
            }
        }
    }

    /** The shares divided by their sum; equal ones when none are given. */
    static List<Double> normalized(List<Double> weights, int members) {
        List<Double> given = weights.isEmpty() ? Collections.nCopies(members, 1.0) : weights;
        double sum = given.stream().mapToDouble(Double::doubleValue).sum();
        return given.stream().map(weight -> weight / sum).toList();
    }
}
