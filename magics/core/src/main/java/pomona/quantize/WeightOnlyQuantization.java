package pomona.quantize;

import java.util.ArrayList;
import java.util.List;
import pomona.graph.Attribute;
import pomona.graph.Constants;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.simplify.OpsetUpgrade;

/**
 * Stores the weights of linear and convolutional layers as 8-bit integers and turns them back into floats when the
 * network is loaded or run; needs no data, and activations stay floats.
 *
 * <p>Each weight becomes signed bytes, rounded to the nearest step and symmetric about zero, with a scale for each output
 * of the layer, and a DequantizeLinear operator that makes the weight of the same name. The file is a quarter as large;
 * a weight in a sum is off by half a step at most. Networks of any size: a weight is read and written stretch by stretch,
 * and results that are large beside the heap go to a file (see {@link TensorStore}). Needs operator set 10, which is
 * rewritten in 13. Sources: ONNX operator specification (DequantizeLinear); Krishnamoorthi, Quantizing deep convolutional
 * networks for efficient inference, 2018 (arXiv 1806.08342), section 2.
 *
 * @param perChannel whether each output of a layer has its own scale, which is more exact, or all share one
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 */
public record WeightOnlyQuantization(
        @Option(value = "one scale for each output of a layer, not one for the layer", defaultsTo = "true")
        boolean perChannel,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers)
        implements Pass {

    /** The first operator set whose DequantizeLinear has an axis. */
    private static final long OPSET = 13;

    public WeightOnlyQuantization {
        new LayerPattern(layers);
    }

    /** Quantizes all layers, with a scale for each output. */
    public WeightOnlyQuantization() {
        this(true, "*");
    }

    @Override
    public Network transform(Network network) {
        Quantizable.check(network, "weight-only quantization");
        Network plain = Constants.lift(network.opset() < OPSET ? new OpsetUpgrade(OPSET).transform(network) : network);
        List<LayerWeight> candidates = LayerWeight.of(plain).stream()
                .filter(weight -> weight.tensor().type() == ElementType.FLOAT)
                .toList();
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("Network " + network.name() + " has nothing to quantize; it would be the"
                    + " constant 32-bit floating-point weights of Gemm, MatMul or Conv operators.");
        }
        List<LayerWeight> chosen = new LayerPattern(layers).select(network.name(), candidates);
        TensorStore store = TensorStore.of(
                chosen.stream().mapToLong(weight -> weight.tensor().size()).sum());
        NetworkBuilder builder = plain.toBuilder();
        FreshNames names = new FreshNames(plain);
        List<Node> nodes = new ArrayList<>();
        chosen.forEach(weight -> nodes.add(quantize(weight, store, builder, names)));
        nodes.addAll(plain.nodes());
        return builder.nodes(nodes).build();
    }

    private Node quantize(LayerWeight weight, TensorStore store, NetworkBuilder builder, FreshNames names) {
        ChannelScales channels = ChannelScales.along(perChannel ? weight.outputAxis() : -1, weight.tensor());
        float[] scales = channels.scales();
        for (float scale : scales) {
            if (!Float.isFinite(scale)) {
                throw Quantizable.infinite(weight);
            }
        }
        String bytes = names.value(weight.name() + ".int8");
        String scale = names.value(weight.name() + ".scale");
        builder.removeWeight(weight.name())
                .weight(bytes, channels.quantize(scales, store))
                .weight(scale, perChannel ? Tensor.ofFloats(scales, scales.length) : Tensor.scalar(scales[0]));
        Node node = Node.of(
                "DequantizeLinear", names.node(weight.name() + ".dequantize"), List.of(bytes, scale), weight.name());
        return perChannel ? node.with("axis", Attribute.of(weight.outputAxis())) : node;
    }
}
