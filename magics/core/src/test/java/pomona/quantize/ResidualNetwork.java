package pomona.quantize;

import java.util.List;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** A network in which integers stay integers between layers. */
final class ResidualNetwork {

    private ResidualNetwork() {}

    /** A stem, a residual block with a depthwise convolution, a concatenation and global pooling. */
    static Network network() {
        NetworkBuilder builder = Network.builder("residual")
                .input("x", "batch", 3, 8, 8)
                .weight("stem.weight", Networks.random(1, 27, 8, 3, 3, 3))
                .weight("deep.weight", Networks.random(2, 9, 8, 1, 3, 3))
                .weight("narrow.weight", Networks.random(3, 8, 8, 8, 1, 1))
                .weight("fc.weight", Networks.random(4, 16, 5, 16));
        return builder.node(Networks.conv("stem", "x", "stem.weight"))
                .node("Relu", List.of("stem.out"), "r")
                .node(Networks.conv("deep", "r", "deep.weight").with("group", Attribute.of(8)))
                .node("Clip", List.of("deep.out", "zero", "six"), "c")
                .weight("zero", Tensor.scalar(0f))
                .weight("six", Tensor.scalar(6f))
                .node(Node.of("Conv", "narrow", List.of("c", "narrow.weight"), "narrow.out"))
                .node("Add", List.of("narrow.out", "r"), "sum")
                .node(Node.of("Concat", "both", List.of("sum", "c"), "both").with("axis", Attribute.of(1)))
                .node("GlobalAveragePool", List.of("both"), "mean")
                .node("Flatten", List.of("mean"), "flat")
                .node(Node.of("Gemm", "fc", List.of("flat", "fc.weight"), "y").with("transB", Attribute.of(1)))
                .output("y", "batch", 5)
                .build();
    }
}
