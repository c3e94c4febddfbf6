package pomona.simplify;

import java.util.List;
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

    @Override
    public Network transform(Network network) {
        Network current = network;
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Network before = current;
            for (Pass pass : PASSES) {
                current = pass.transform(current);
            }
            boolean settled = current.nodes().equals(before.nodes())
                    && current.weights().keySet().equals(before.weights().keySet());
            if (settled) {
                return before;
            }
        }
        return current;
    }
}
