package pomona.fuse;

import java.util.List;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.Value;

/** Checks that networks can stand side by side. */
final class Agreement {

    private Agreement() {}

    /** The same inputs, outputs and operator set. */
    static void check(Network first, Network peer) {
        checkValues(first, peer);
        if (first.opset() != peer.opset()) {
            throw new IllegalArgumentException("Network " + peer.name() + " is written in operator set " + peer.opset()
                    + ", but " + first.name() + " in " + first.opset() + "; fused networks share one.");
        }
    }

    /** The same inputs and outputs. */
    static void checkValues(Network first, Network peer) {
        check(
                first,
                peer,
                "inputs",
                first.signature().inputs(),
                peer.signature().inputs());
        check(
                first,
                peer,
                "outputs",
                first.signature().outputs(),
                peer.signature().outputs());
    }

    private static void check(Network first, Network peer, String what, List<Value> ours, List<Value> theirs) {
        boolean same = ours.size() == theirs.size();
        for (int i = 0; same && i < ours.size(); i++) {
            same = ours.get(i).type() == theirs.get(i).type()
                    && sameShape(ours.get(i).shape(), theirs.get(i).shape());
        }
        if (!same) {
            throw new IllegalArgumentException("Network " + peer.name() + " has the " + what + " " + theirs + ", but "
                    + first.name() + " has " + ours + "; fused networks agree in type and shape.");
        }
    }

    /** Sizes must be equal where both are known. */
    private static boolean sameShape(List<Dimension> a, List<Dimension> b) {
        if (a == null || b == null) {
            return true;
        }
        boolean same = a.size() == b.size();
        for (int i = 0; same && i < a.size(); i++) {
            same = !a.get(i).isFixed()
                    || !b.get(i).isFixed()
                    || a.get(i).size() == b.get(i).size();
        }
        return same;
    }
}
