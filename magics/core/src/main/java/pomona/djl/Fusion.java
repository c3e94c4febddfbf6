package pomona.djl;

import java.util.List;
import java.util.Map;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Groups of operators that the engine computes as one. */
final class Fusion {

    /** The domain of nodes that stand for a group; it never leaves the engine. */
    static final String DOMAIN = "pomona.engine";

    private Fusion() {}

    static List<Node> of(List<Node> nodes, Map<String, Tensor> constants, List<String> outputs) {
        return nodes;
    }
}
