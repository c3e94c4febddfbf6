package pomona.quantize;

import java.util.List;
import java.util.function.Consumer;
import pomona.graph.Constants;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.LayerPattern;
import pomona.simplify.OpsetUpgrade;

/**
 * A network that was not quantized yet, and those of its weights of floats that a technique stores in another form.
 *
 * @param network the network in an operator set that has the operators for it, with the weights of Constant operators
 *     among its weights
 * @param layers the chosen weights in the order of the operators, all finite
 */
record FloatLayers(Network network, List<LayerWeight> layers) {

    private static final long OPSET = 13;

    /**
     * Layers that have codebooks already are left as they are, if there are others.
     *
     * @throws IllegalArgumentException if the network is quantized already, or none of its layers can be chosen
     */
    static FloatLayers of(Network network, String what, String pattern) {
        Quantizable.checkOperators(network, what);
        Network plain = Constants.lift(network.opset() < OPSET ? new OpsetUpgrade(OPSET).transform(network) : network);
        List<LayerWeight> candidates = LayerWeight.of(plain).stream()
                .filter(weight -> weight.tensor().type() == ElementType.FLOAT)
                .toList();
        if (candidates.isEmpty()) {
            Quantizable.refuseLookUps(network);
            throw Quantizable.nothing(
                    network,
                    "Network " + network.name() + " has nothing to quantize; it would be the"
                            + " constant 32-bit floating-point weights of Gemm, MatMul or Conv operators."
                            + UntouchedLayers.sentence(network));
        }
        List<LayerWeight> chosen = new LayerPattern(pattern).select(network.name(), candidates);
        chosen.forEach(FloatLayers::refuseInfinite);
        return new FloatLayers(plain, chosen);
    }

    /** The network with the weights that something stores as indices and codebooks in the place of those of floats. */
    Network withStored(Consumer<IndexStorage> storing) {
        NetworkBuilder builder = network.toBuilder();
        IndexStorage storage = new IndexStorage(builder, new FreshNames(network));
        storing.accept(storage);
        return builder.nodes(storage.before(network.nodes())).build();
    }

    /** The bias that a Gemm or Conv layer adds, or null when it has none that is a constant vector of finite floats. */
    Tensor bias(LayerWeight layer) {
        Node node = layer.node();
        Tensor bias = !node.is("MatMul") && node.hasInput(2) ? network.weights().get(node.input(2)) : null;
        boolean shareable =
                bias != null && bias.type() == ElementType.FLOAT && bias.rank() == 1 && FiniteWeights.isFinite(bias);
        return shareable ? bias : null;
    }

    private static void refuseInfinite(LayerWeight weight) {
        if (!FiniteWeights.isFinite(weight.tensor())) {
            throw Quantizable.infinite(weight);
        }
    }
}
