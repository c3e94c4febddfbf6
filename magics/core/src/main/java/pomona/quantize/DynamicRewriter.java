package pomona.quantize;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.FreshNames;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Writes chosen operators as integer ones whose inputs are quantized while the network runs, wherever they are. */
final class DynamicRewriter {

    /** The operator set of ONNX Runtime's own operators. */
    private static final String RUNTIME = "com.microsoft";

    private final Network network;
    private final Set<Node> chosen;
    private final Map<Node, TiedTable> tied;
    private final FreshNames names;
    private final DynamicProducts products;
    private final DynamicWeights weights;
    private final Set<String> multiplied = new HashSet<>();

    DynamicRewriter(Network network, DynamicLayers layers, DynamicWeights weights, InputRange ranges) {
        this.network = network;
        this.chosen = layers.chosen();
        this.tied = TiedTable.of(layers.readers(), chosen, weights.perChannel());
        this.names = new FreshNames(network);
        this.weights = weights;
        this.products = new DynamicProducts(
                weights, ranges == InputRange.BATCH ? new BatchRange() : new SampleRange(network.opset()));
    }

    Network rewrite() {
        Graph graph = rewrite(network.graph(), null);
        NetworkBuilder builder = network.toBuilder().nodes(graph.nodes()).values(graph.values());
        network.weights().keySet().forEach(builder::removeWeight);
        graph.weights().forEach(builder::weight);
        if (chosen.stream().anyMatch(node -> node.is("LSTM"))) {
            builder.opset(RUNTIME, 1);
        }
        return builder.build();
    }

    private Graph rewrite(Graph graph, GraphDraft outer) {
        GraphDraft draft = new GraphDraft(graph, outer, names, network.opset());
        for (Node node : graph.nodes()) {
            if (!chosen.contains(node)) {
                draft.add(biasBehind(inner(node, draft), draft));
                continue;
            }
            switch (node.op()) {
                case "Conv" -> products.convolve(node, draft);
                case "Gather" -> products.pick(node, tied.get(node), draft);
                case "LSTM" -> draft.add(recurrent(node, draft));
                default -> {
                    products.multiply(node, tied.get(node), draft);
                    multiplied.add(node.output());
                }
            }
        }
        return draft.finish();
    }

    /** A bias in front of the product it is added to goes behind it: ONNX Runtime 1.21 makes one operator of these only. */
    private Node biasBehind(Node node, GraphDraft draft) {
        Tensor bias = node.is("Add") ? draft.constant(node.input(0)) : null;
        return bias == null || bias.rank() != 1 || !multiplied.contains(node.input(1))
                ? node
                : node.withInputs(List.of(node.input(1), node.input(0)));
    }

    private Node inner(Node node, GraphDraft draft) {
        Node changed = node;
        for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
            if (attribute.getValue() instanceof Attribute.Subgraph graph) {
                changed = changed.with(attribute.getKey(), new Attribute.Subgraph(rewrite(graph.value(), draft)));
            }
        }
        return changed;
    }

    /** ONNX Runtime's DynamicQuantizeLSTM: the inputs of LSTM, with scale and zero point of both weights behind them. */
    private Node recurrent(Node node, GraphDraft draft) {
        DynamicWeights.Weight input = weights.recurrent(node, 1, draft);
        DynamicWeights.Weight state = weights.recurrent(node, 2, draft);
        List<String> inputs = new ArrayList<>(List.of(node.input(0), input.bytes()));
        inputs.add(state.bytes());
        for (int place = 3; place <= 7; place++) {
            inputs.add(node.input(place));
        }
        inputs.addAll(List.of(input.scale(), input.zero(), state.scale(), state.zero()));
        return new Node(
                        node.name(),
                        RUNTIME,
                        "DynamicQuantizeLSTM",
                        inputs,
                        node.outputs(),
                        node.attributes(),
                        node.extra())
                .without("layout");
    }
}
