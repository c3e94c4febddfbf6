package pomona.fuse;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.graph.Attribute;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Puts networks in parallel as one network: all take the same inputs, and its outputs are the weighted means of
 * theirs. Parameters and multiply-accumulates add up; nothing is trained.
 *
 * <p>Source: L. K. Hansen and P. Salamon, "Neural network ensembles", IEEE TPAMI 12(10), 1990.
 *
 * @param peers the networks to set beside the one this is applied to; inputs and outputs must agree in number, type
 *     and shape, and the operator set must be the same
 * @param weights the share of each network, that of the one this is applied to first; they are divided by their sum;
 *     empty for equal shares
 */
public record ParallelFusion(
        @Option("the networks to set beside the first one") List<Network> peers,

        @Option(value = "the share of each network, the first one's first; empty for equal shares", defaultsTo = "")
        List<Double> weights)
        implements Pass {

    public ParallelFusion {
        peers = List.copyOf(peers);
        weights = List.copyOf(weights);
        Shares.check(weights, peers.size() + 1);
        if (peers.isEmpty()) {
            throw new IllegalArgumentException("peers is empty; parallel fusion takes at least one peer.");
        }
    }

    /** Equal shares. */
    public ParallelFusion(List<Network> peers) {
        this(peers, List.of());
    }

    @Override
    public Network transform(Network network) {
        List<Network> members = new ArrayList<>(List.of(network));
        members.addAll(peers);
        peers.forEach(peer -> Agreement.check(network, peer));
        List<Double> shares = Shares.normalized(weights, members.size());
        NetworkBuilder fused = Network.builder(network.name() + "_x" + members.size())
                .inputs(network.signature().inputs())
                .outputs(network.signature().outputs());
        network.opsets().forEach(fused::opset);
        network.metadata().forEach(fused::metadata);
        fused.provenance(network.provenance());
        for (int i = 0; i < members.size(); i++) {
            include(fused, network, members.get(i), prefix(i));
        }
        for (int place = 0; place < network.signature().outputs().size(); place++) {
            combine(fused, members, place, shares);
        }
        return fused.build();
    }

    /** Copies a member's operators and weights, every name but those of the shared inputs prefixed. */
    private static void include(NetworkBuilder fused, Network first, Network member, String prefix) {
        Map<String, String> inputs = new LinkedHashMap<>();
        for (int i = 0; i < member.signature().inputs().size(); i++) {
            inputs.put(
                    member.signature().inputs().get(i).name(),
                    first.signature().inputs().get(i).name());
        }
        member.weights().forEach((name, tensor) -> fused.weight(prefix + name, tensor));
        Renaming renaming = new Renaming(inputs, prefix);
        member.nodes().forEach(node -> fused.node(renaming.node(node)));
    }

    /** One output: the sum over the members of share times output. */
    private static void combine(NetworkBuilder fused, List<Network> members, int place, List<Double> shares) {
        Value output = members.get(0).signature().outputs().get(place);
        List<String> terms = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            String made =
                    prefix(i) + members.get(i).signature().outputs().get(place).name();
            String share = prefix(i) + "share";
            fused.weight(share, Tensor.scalar(shares.get(i).floatValue()));
            String term = made + "/weighted";
            fused.node(Node.of("Mul", term, List.of(made, share), term));
            terms.add(term);
        }
        fused.node(Node.of("Sum", output.name() + "/fused", terms, output.name()));
    }

    private static String prefix(int index) {
        return "member" + (index + 1) + "/";
    }

    /** Gives every value of a member its own name, also inside sub-graphs. */
    private record Renaming(Map<String, String> inputs, String prefix) {

        String value(String name) {
            return name.isEmpty() ? name : inputs.getOrDefault(name, prefix + name);
        }

        List<String> values(List<String> names) {
            return names.stream().map(this::value).toList();
        }

        Node node(Node node) {
            Map<String, Attribute> attributes = node.attributes().entrySet().stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey,
                            e -> e.getValue() instanceof Attribute.Subgraph s
                                    ? new Attribute.Subgraph(graph(s.value()))
                                    : e.getValue(),
                            (a, b) -> b,
                            LinkedHashMap::new));
            return new Node(
                    prefix + node.name(),
                    node.domain(),
                    node.op(),
                    values(node.inputs()),
                    values(node.outputs()),
                    attributes,
                    node.extra());
        }

        private Graph graph(Graph graph) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            graph.weights().forEach((name, tensor) -> weights.put(value(name), tensor));
            return new Graph(
                    graph.name(),
                    graph.inputs().stream().map(v -> v.named(value(v.name()))).toList(),
                    graph.outputs().stream().map(v -> v.named(value(v.name()))).toList(),
                    graph.nodes().stream().map(this::node).toList(),
                    weights,
                    List.of(),
                    Opaque.NONE);
        }
    }
}
