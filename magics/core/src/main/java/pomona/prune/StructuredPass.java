package pomona.prune;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.evaluate.Profile;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.pass.Pass;

/** A technique that makes a network smaller; its step of provenance says by how much, and what it left alone. */
interface StructuredPass extends Pass {

    /**
     * What came out.
     *
     * @param network the smaller network
     * @param leftAlone the layers that the technique could not take anything from, each with the reason
     */
    record Outcome(Network network, List<String> leftAlone) {}

    /** Does the work. */
    Outcome prune(Network network);

    @Override
    default Network transform(Network network) {
        return prune(network).network();
    }

    @Override
    default Network apply(Network network) {
        Outcome outcome = prune(network);
        Profile before = Profile.of(network);
        Profile after = Profile.of(outcome.network());
        Map<String, String> options = new LinkedHashMap<>(step().options());
        options.put("parameters", change(before.parameters(), after.parameters()));
        if (before.macs() >= 0 && after.macs() >= 0) {
            options.put("macs", change(before.macs(), after.macs()));
        }
        if (!outcome.leftAlone().isEmpty()) {
            options.put("leftAlone", String.join("; ", outcome.leftAlone()));
        }
        return outcome.network().withStep(new Step(step().name(), options));
    }

    private static String change(long before, long after) {
        double share = before == 0 ? 0 : 100.0 * (after - before) / before;
        return String.format(Locale.ROOT, "%,d to %,d (%.1f %%)", before, after, share);
    }
}
