package pomona.quantize;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Value;

/**
 * Which activations become bytes: what quantized layers take, and what quantized convolutions give (after their Relu),
 * since ONNX Runtime runs a convolution in integers only when its output is quantized too. Operators that only move
 * elements give the range of what they take.
 *
 * @param layers the layers to quantize, by the output of their operator
 * @param sources the values to quantize, each with the value whose range it has, which may be itself
 * @param finals outputs of the network that convolutions give: they leave the network dequantized
 */
record QdqPlan(Map<String, LayerWeight> layers, Map<String, String> sources, Set<String> finals) {

    private static final Set<String> MOVING =
            Set.of("MaxPool", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose");

    static QdqPlan of(Network network, List<LayerWeight> chosen) {
        return new Planner(network, chosen).plan();
    }

    /** The values whose ranges must be measured. */
    Set<String> measured() {
        return new LinkedHashSet<>(sources.values());
    }

    private static final class Planner {

        private final Network network;
        private final Map<String, Node> producers;
        private final Map<String, List<Node>> consumers;
        private final Set<String> outputs;
        private final Map<String, LayerWeight> weights;
        private final Map<String, LayerWeight> layers = new LinkedHashMap<>();
        private final Set<String> wanted = new LinkedHashSet<>();
        private final Set<String> finals = new HashSet<>();

        Planner(Network network, List<LayerWeight> chosen) {
            this.network = network;
            this.producers = network.graph().producers();
            this.consumers = network.graph().consumers();
            this.outputs =
                    network.signature().outputs().stream().map(Value::name).collect(Collectors.toSet());
            this.weights = chosen.stream().collect(Collectors.toMap(LayerWeight::name, weight -> weight));
        }

        QdqPlan plan() {
            for (Node node : network.nodes()) {
                boolean product = node.is("Conv") || node.is("Gemm") || node.is("MatMul");
                if (product && weights.containsKey(node.input(1))) {
                    layers.put(node.output(), weights.get(node.input(1)));
                    wanted.add(node.input(0));
                    if (node.is("Conv")) {
                        addResult(node);
                    }
                }
            }
            Map<String, String> sources = new LinkedHashMap<>();
            for (String value : List.copyOf(wanted)) {
                addWithSource(value, sources);
            }
            return new QdqPlan(layers, sources, finals);
        }

        private void addResult(Node convolution) {
            String value = convolution.output();
            List<Node> next = consumers.getOrDefault(value, List.of());
            if (next.size() == 1 && next.get(0).is("Relu") && !outputs.contains(value)) {
                value = next.get(0).output();
            }
            wanted.add(value);
            if (outputs.contains(value)) {
                finals.add(value);
            }
        }

        /** A value behind operators that move elements has the range of what they move, and so has all between. */
        private void addWithSource(String value, Map<String, String> sources) {
            List<String> chain = new ArrayList<>(List.of(value));
            String root = value;
            Node maker = producers.get(root);
            while (maker != null && maker.domain().isEmpty() && MOVING.contains(maker.op())) {
                root = maker.input(0);
                chain.add(root);
                maker = producers.get(root);
            }
            boolean tied = wanted.contains(root);
            for (String link : tied ? chain : List.of(value)) {
                sources.put(link, tied ? root : value);
            }
        }
    }
}
