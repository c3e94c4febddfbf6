package pomona.simplify;

import pomona.graph.Network;
import pomona.pass.Pass;

/** Simplifies all that this room can: constants first, then batch normalizations, then what reaches no output. */
public record AllFolding() implements Pass {

    @Override
    public Network transform(Network network) {
        Network constant = new ConstantFolding().transform(network);
        return new DeadNodeElimination().transform(new BatchNormFolding().transform(constant));
    }
}
