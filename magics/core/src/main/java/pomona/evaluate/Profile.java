package pomona.evaluate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Parameters;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * Where a network's parameters, bytes and work lie, layer by layer; counted from the graph, nothing is run.
 *
 * @param network the network's name
 * @param layers the layers in the order of the operators
 */
public record Profile(String network, List<Layer> layers) {

    /**
     * One layer: an operator with what belongs to it, such as a product with its bias, scales and casts.
     *
     * @param name the name of its main operator
     * @param operator its main operator
     * @param outputShape the shape it gives, such as {@code [batch, 300]}
     * @param parameters the number of its parameters; parameters that several layers share count in the first
     * @param nonZeros the number of its parameters that are not zero
     * @param macs its multiply-accumulates at batch 1, or -1 when a shape is unknown
     * @param bytes the bytes of its weights, scales and constants
     */
    public record Layer(
            String name,
            String operator,
            List<Dimension> outputShape,
            long parameters,
            long nonZeros,
            long macs,
            long bytes) {

        public Layer {
            outputShape = outputShape == null ? null : List.copyOf(outputShape);
        }

        /** The shape as text; {@code ?} when nothing is known of it. */
        public String shapeText() {
            return outputShape == null
                    ? "?"
                    : outputShape.stream().map(Dimension::toString).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    public Profile {
        layers = List.copyOf(layers);
    }

    /** Profiles a network. */
    public static Profile of(Network network) {
        Map<String, Value> shapes = ShapeInference.of(network);
        Map<String, Tensor> parameters = Parameters.of(network);
        Set<String> counted = new HashSet<>();
        List<Layer> layers = new ArrayList<>();
        for (LayerGroup group : LayerGroup.of(network)) {
            layers.add(layer(network, group, shapes, parameters, counted));
        }
        Set<String> unused = new LinkedHashSet<>(network.weights().keySet());
        unused.removeAll(counted);
        if (!unused.isEmpty()) {
            layers.add(count("(used by no layer)", "", null, 0, unused, network, parameters));
        }
        return new Profile(network.name(), layers);
    }

    /** The parameters of all layers. */
    public long parameters() {
        return layers.stream().mapToLong(Layer::parameters).sum();
    }

    /** The parameters of all layers that are not zero. */
    public long nonZeros() {
        return layers.stream().mapToLong(Layer::nonZeros).sum();
    }

    /** The multiply-accumulates of all layers at batch 1, or -1 when those of one are unknown. */
    public long macs() {
        return layers.stream().anyMatch(layer -> layer.macs() < 0)
                ? -1
                : layers.stream().mapToLong(Layer::macs).sum();
    }

    /** The bytes of all weights. */
    public long bytes() {
        return layers.stream().mapToLong(Layer::bytes).sum();
    }

    private static Layer layer(
            Network network,
            LayerGroup group,
            Map<String, Value> shapes,
            Map<String, Tensor> parameters,
            Set<String> counted) {
        Set<String> weights = new LinkedHashSet<>();
        long macs = 0;
        for (Node node : group.nodes()) {
            node.inputs().stream()
                    .filter(input -> network.weights().containsKey(input) && counted.add(input))
                    .forEach(weights::add);
            long work = Macs.of(node, shapes);
            macs = macs < 0 || work < 0 ? -1 : macs + work;
        }
        List<Dimension> shape =
                group.output().isEmpty() ? null : shapes.get(group.output()).shape();
        return count(group.core().label(), group.core().op(), shape, macs, weights, network, parameters);
    }

    private static Layer count(
            String name,
            String operator,
            List<Dimension> shape,
            long macs,
            Set<String> weights,
            Network network,
            Map<String, Tensor> parameters) {
        long size = 0;
        long nonZeros = 0;
        long bytes = 0;
        for (String weight : weights) {
            bytes += network.weight(weight).bytes();
            if (parameters.containsKey(weight)) {
                size += network.weight(weight).size();
                nonZeros += network.weight(weight).countNonZeros();
            }
        }
        return new Layer(name, operator, shape, size, nonZeros, macs, bytes);
    }
}
