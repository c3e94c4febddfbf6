package pomona.djl;

import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.onnx.Onnx;

/**
 * Networks as ONNX Runtime takes them: files younger than it are handed over in the newest form it knows, as long as they
 * mean the same there. Sources: what ONNX Runtime 1.23 says when it refuses a file; change log of the ONNX operator
 * specification, sets 24 to 28.
 */
final class RuntimeForm {

    /** The newest version of the file format that ONNX Runtime reads. */
    static final long NEWEST_IR = 11;

    /** The newest operator set that ONNX Runtime knows. */
    static final long NEWEST_OPSET = 23;

    /** The newest operator set whose changes are known here. */
    private static final long NEWEST_KNOWN = 28;

    /** Operators that are new in the sets between the two, or mean something else there; others learned more types. */
    private static final Set<String> CHANGED = Set.of(
            "Attention",
            "BitCast",
            "BitShift",
            "CausalConvWithState",
            "CumProd",
            "LinearAttention",
            "Mod",
            "SwiGLU",
            "Swish",
            "TensorScatter");

    /** Attributes that operators learned there; without them they mean what they did. */
    private static final Map<String, String> LEARNED =
            Map.of("Cast", "round_mode", "CastLike", "round_mode", "Range", "stash_type", "SpaceToDepth", "mode");

    private RuntimeForm() {}

    /**
     * The network as it is, or in the newest file format and operator set that ONNX Runtime knows.
     *
     * @throws IllegalArgumentException if it is written in a newer operator set, and one of its operators changed since
     */
    static Network of(Network network) {
        return Onnx.withIrVersionUpTo(known(network), NEWEST_IR);
    }

    private static Network known(Network network) {
        if (network.opset() <= NEWEST_OPSET) {
            return network;
        }
        Node changed = changed(network.graph());
        if (network.opset() > NEWEST_KNOWN || changed != null) {
            String why = network.opset() > NEWEST_KNOWN
                    ? "which is not known yet"
                    : "and operator " + changed.op() + " (" + changed.name() + ") is new or another since then";
            throw new IllegalArgumentException("ONNX Runtime takes networks of operator sets up to " + NEWEST_OPSET
                    + "; network " + network.name() + " is written in set " + network.opset() + ", " + why
                    + ", so export it again in set " + NEWEST_OPSET + " or an older one.");
        }
        return network.toBuilder().opset("", NEWEST_OPSET).build();
    }

    private static Node changed(Graph graph) {
        for (Node node : graph.nodes()) {
            if (node.domain().isEmpty() && isChanged(node)) {
                return node;
            }
            for (Attribute attribute : node.attributes().values()) {
                Node inner = attribute instanceof Attribute.Subgraph subgraph ? changed(subgraph.value()) : null;
                if (inner != null) {
                    return inner;
                }
            }
        }
        return null;
    }

    private static boolean isChanged(Node node) {
        String learned = LEARNED.getOrDefault(node.op(), "");
        return CHANGED.contains(node.op()) || node.attributes().containsKey(learned);
    }
}
