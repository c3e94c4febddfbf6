package pomona.quantize;

import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.FreshNames;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.pass.Pass;

/**
 * Computes GELU by its approximation with the hyperbolic tangent, which takes less time than the error function; needs no
 * data.
 *
 * <p>x / 2 * (1 + erf(x / sqrt(2))) becomes x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))), which differs by less
 * than 0.0005 for every x. Once products are of bytes, the activations of an encoder are no small part of its time, and the
 * difference is far below what 8 bits lose. GELU is found as exporters write it in operators of 32-bit floats, as Gelu of operator set
 * 20, and as ONNX Runtime's Gelu and BiasGelu, also inside If, Loop and Scan; GELU that is approximated already stays.
 * Source: Hendrycks and Gimpel, Gaussian Error Linear Units, 2016 (arXiv 1606.08415), section 2.
 */
public record GeluApproximation() implements Pass {

    private static final String RUNTIME = "com.microsoft";

    private static final String TANH = "tanh";

    @Override
    public Network transform(Network network) {
        Rewriting rewriting = new Rewriting(network);
        Graph graph = rewriting.of(network.graph(), null);
        if (rewriting.found == 0) {
            throw new IllegalArgumentException("Network " + network.name() + " has no GELU to approximate; it would be"
                    + " x / 2 * (1 + erf(x / sqrt(2))) of 32-bit floats, or an operator Gelu or BiasGelu.");
        }
        NetworkBuilder builder = network.toBuilder().nodes(graph.nodes()).values(graph.values());
        network.weights().keySet().forEach(builder::removeWeight);
        graph.weights().forEach(builder::weight);
        return builder.build();
    }

    private static final class Rewriting {

        private final FreshNames names;
        private final long opset;
        private int found;

        Rewriting(Network network) {
            this.names = new FreshNames(network);
            this.opset = network.opset();
        }

        Graph of(Graph graph, GraphDraft outer) {
            GraphDraft draft = new GraphDraft(graph, outer, names, opset);
            Map<Node, ErrorFunctionGelu> gelus = ErrorFunctionGelu.of(graph, draft);
            for (Node node : graph.nodes()) {
                ErrorFunctionGelu gelu = gelus.get(node);
                if (gelu == null) {
                    draft.add(inner(approximated(node), draft));
                } else if (node == gelu.last()) {
                    gelu.writeApproximated(draft);
                    found++;
                }
            }
            return draft.finish();
        }

        private Node approximated(Node node) {
            boolean standard =
                    node.is("Gelu") && !node.text("approximate", "none").equals(TANH);
            boolean runtime = node.domain().equals(RUNTIME)
                    && (node.op().equals("Gelu") || node.op().equals("BiasGelu"));
            if (!standard && !runtime) {
                return node;
            }
            found++;
            return standard
                    ? node.with("approximate", Attribute.of(TANH))
                    : Node.of("FastGelu", node.name(), node.inputs(), node.output())
                            .inDomain(RUNTIME);
        }

        private Node inner(Node node, GraphDraft draft) {
            Node changed = node;
            for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
                if (attribute.getValue() instanceof Attribute.Subgraph graph) {
                    changed = changed.with(attribute.getKey(), new Attribute.Subgraph(of(graph.value(), draft)));
                }
            }
            return changed;
        }
    }
}
