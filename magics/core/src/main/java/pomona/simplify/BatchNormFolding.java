package pomona.simplify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Constants;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.pass.Pass;

/**
 * Puts each batch normalization into the weights and bias of the convolution or linear layer before it.
 *
 * <p>Done for Conv, ConvTranspose without groups, Gemm, MatMul, and MatMul with Add, with float weights, when nothing
 * else takes the layer's output; other normalizations stay. Outputs change by rounding only. Source: Jacob et al.,
 * Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference, 2018 (arXiv 1712.05877),
 * section 3.2.
 */
public record BatchNormFolding() implements Pass {

    @Override
    public Network transform(Network network) {
        Network lifted = Constants.lift(network);
        BatchNormFolder folder = new BatchNormFolder(lifted);
        Map<String, List<Node>> replaced = new LinkedHashMap<>();
        for (Node node : lifted.nodes()) {
            if (node.is("BatchNormalization")) {
                folder.fold(node, replaced);
            }
        }
        List<Node> nodes = new ArrayList<>();
        for (Node node : lifted.nodes()) {
            nodes.addAll(replaced.getOrDefault(node.output(), List.of(node)));
        }
        Network folded = folder.builder().nodes(nodes).build();
        return replaced.isEmpty() ? network : new DeadNodeElimination().transform(folded);
    }
}
