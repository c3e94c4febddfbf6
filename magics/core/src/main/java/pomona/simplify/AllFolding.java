package pomona.simplify;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Network;
import pomona.pass.Pass;

/**
 * Simplifies all that this room can, again and again until nothing changes: constants and known shapes, branches, idle
 * operators, common sub-expressions, batch normalizations, and what reaches no output.
 */
public record AllFolding() implements Pass {

    private static final List<Pass> PASSES = List.of(
            new ConstantFolding(),
            new ShapeFolding(),
            new BranchFolding(),
            new IdentityFolding(),
            new CommonSubexpressionFolding(),
            new BatchNormFolding(),
            new DeadNodeElimination());

    private static final int MOST_ROUNDS = 20;

    /**
     * What came out.
     *
     * @param network the simpler network
     * @param removed how many operators each pass removed that changed something, by the name of the pass; less than 0 where it
     *     wrote more of them than there were
     */
    public record Folded(Network network, Map<String, Integer> removed) {

        public Folded {
            removed = Collections.unmodifiableMap(new LinkedHashMap<>(removed));
        }
    }

    @Override
    public Network transform(Network network) {
        return fold(network).network();
    }

    /** Does the work, and tells which passes did it. */
    public Folded fold(Network network) {
        Map<String, Integer> removed = new LinkedHashMap<>();
        Network current = network;
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Network before = current;
            for (Pass pass : PASSES) {
                Network next = pass.transform(current);
                if (!isSame(current, next)) {
                    int fewer = current.nodes().size() - next.nodes().size();
                    removed.merge(pass.getClass().getSimpleName(), fewer, Integer::sum);
                }
                current = next;
            }
            if (isSame(before, current)) {
                return new Folded(before, removed);
            }
        }
        return new Folded(current, removed);
    }

    private static boolean isSame(Network one, Network other) {
        return one == other
                || one.nodes().equals(other.nodes())
                        && one.weights().keySet().equals(other.weights().keySet());
    }
}
