package pomona.simplify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import pomona.graph.Attribute;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Value;
import pomona.pass.Pass;

/**
 * Gives the values inside a network the shortest names there are and its operators none, for files in which names count:
 * of a network of ten kilobytes they are a twentieth. Inputs and outputs keep their names, and so does what occurs in
 * sub-graphs; what is noted of values inside, such as their shapes and descriptions, goes.
 */
public record NameShortening() implements Pass {

    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    @Override
    public Network transform(Network network) {
        Names names = new Names(network);
        NetworkBuilder builder = Network.builder(network.name())
                .inputs(network.signature().inputs())
                .outputs(network.signature().outputs())
                .opsets(network.opsets())
                .provenance(network.provenance());
        network.metadata().forEach(builder::metadata);
        builder.extras(Opaque.NONE, network.extra());
        List<Node> nodes = new ArrayList<>();
        for (Node node : network.nodes()) {
            List<String> inputs = node.inputs().stream().map(names::of).toList();
            List<String> outputs = node.outputs().stream().map(names::of).toList();
            nodes.add(new Node("", node.domain(), node.op(), inputs, outputs, node.attributes(), Opaque.NONE));
        }
        network.weights().forEach((name, tensor) -> builder.weight(names.of(name), tensor));
        return builder.nodes(nodes).build();
    }

    /** Gives names in the order in which they are asked for, and the same one when asked again. */
    private static final class Names {

        private final Map<String, String> given = new HashMap<>();
        private final Set<String> kept;
        private int next;

        Names(Network network) {
            kept = Stream.of(network.signature().inputs(), network.signature().outputs())
                    .flatMap(List::stream)
                    .map(Value::name)
                    .collect(Collectors.toSet());
            network.nodes().forEach(this::keepWithin);
            kept.forEach(name -> given.put(name, name));
            given.put("", "");
        }

        private void keepWithin(Node node) {
            for (Attribute attribute : node.attributes().values()) {
                if (attribute instanceof Attribute.Subgraph within) {
                    Graph graph = within.value();
                    Stream.of(graph.inputs(), graph.outputs())
                            .flatMap(List::stream)
                            .forEach(value -> kept.add(value.name()));
                    kept.addAll(graph.weights().keySet());
                    for (Node inner : graph.nodes()) {
                        kept.addAll(inner.inputs());
                        kept.addAll(inner.outputs());
                        keepWithin(inner);
                    }
                }
            }
        }

        String of(String name) {
            return given.computeIfAbsent(name, n -> fresh());
        }

        private String fresh() {
            String name;
            do {
                StringBuilder letters = new StringBuilder();
                for (int rest = next++; rest >= 0; rest = rest / LETTERS.length() - 1) {
                    letters.append(LETTERS.charAt(rest % LETTERS.length()));
                }
                name = letters.toString();
            } while (kept.contains(name));
            return name;
        }
    }
}
