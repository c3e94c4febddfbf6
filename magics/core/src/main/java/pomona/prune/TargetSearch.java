package pomona.prune;

import java.util.Locale;
import java.util.function.DoubleFunction;
import pomona.evaluate.Profile;
import pomona.graph.Network;

/**
 * Finds the least share of channels that takes a share of the network's parameters or multiply-accumulates with it.
 *
 * @param target what the share is of
 * @param ratio the share that must go at least
 */
record TargetSearch(PruningTarget target, double ratio) {

    /** Steps of bisection: the share of channels is found to a 4096th. */
    private static final int STEPS = 12;

    /**
     * Searches by bisection, since more channels never take less with them.
     *
     * @param prune gives what is left without a share of channels
     * @throws IllegalArgumentException if the network's size is not known, or so much can not go
     */
    StructuredPass.Outcome of(Network network, DoubleFunction<StructuredPass.Outcome> prune) {
        long whole = target.of(Profile.of(network));
        if (whole < 0) {
            throw new IllegalArgumentException("The " + target.text() + " of network " + network.name()
                    + " are not known; choose target channels or parameters.");
        }
        double most = Math.nextDown(1.0);
        StructuredPass.Outcome best = prune.apply(most);
        if (gone(best, whole) < ratio) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "Network %s can lose at most %.1f %% of its %s this way; ratio %s is more.",
                    network.name(),
                    100 * gone(best, whole),
                    target.text(),
                    ratio));
        }
        double low = 0;
        double high = most;
        for (int step = 0; step < STEPS; step++) {
            double middle = (low + high) / 2;
            StructuredPass.Outcome outcome = prune.apply(middle);
            if (gone(outcome, whole) < ratio) {
                low = middle;
            } else {
                high = middle;
                best = outcome;
            }
        }
        return best;
    }

    private double gone(StructuredPass.Outcome outcome, long whole) {
        return whole == 0 ? 0 : 1 - target.of(Profile.of(outcome.network())) / (double) whole;
    }
}
