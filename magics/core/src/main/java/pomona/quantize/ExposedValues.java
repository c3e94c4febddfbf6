package pomona.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * A network that hands out values of its branches and bodies too.
 *
 * <p>Each branch of an If gives its values as further outputs, and an empty tensor in the place of each value of the other
 * branch. A Loop carries what it has seen of a value on from round to round, laid out flat, since rounds may have different
 * shapes; a Scan stacks what its steps give.
 *
 * @param network the network with these values among what its operators give
 * @param places for each name in that network the value it stands for
 */
record ExposedValues(Network network, Map<String, Place> places) {

    /**
     * A value inside a network.
     *
     * @param path the path of the graph that it is seen in, as of {@link InnerGraph}
     * @param value its name there
     */
    record Place(String path, String value) {}

    /** Exposes values, given for each path of a graph. */
    static ExposedValues of(Network network, Map<String, Set<String>> wanted) {
        Map<String, Place> places = new LinkedHashMap<>();
        wanted.getOrDefault("", Set.of()).forEach(value -> places.put(value, new Place("", value)));
        Opening opening = new Opening(wanted, new FreshNames(network));
        Opened whole = opening.open(network.graph(), "");
        places.putAll(whole.places());
        NetworkBuilder builder = network.toBuilder();
        return new ExposedValues(builder.nodes(whole.graph().nodes()).build(), Collections.unmodifiableMap(places));
    }

    /** A graph whose operators give more than they did, and what stands for which value. */
    private record Opened(Graph graph, Map<String, Place> places) {}

    /** One walk through all graphs. */
    private record Opening(Map<String, Set<String>> wanted, FreshNames names) {

        Opened open(Graph graph, String path) {
            Map<String, Place> places = new LinkedHashMap<>();
            List<Node> nodes = new ArrayList<>();
            for (Node node : graph.nodes()) {
                nodes.addAll(open(node, path, places));
            }
            if (path.isEmpty()) {
                return new Opened(with(graph, graph.inputs(), graph.outputs(), nodes), places);
            }
            for (String value : wanted.getOrDefault(path, Set.of())) {
                String seen = names.value(value + ".seen");
                nodes.add(node("Identity", seen, value));
                places.put(seen, new Place(path, value));
            }
            List<Value> outputs = new ArrayList<>(graph.outputs());
            places.keySet().forEach(seen -> outputs.add(value(seen)));
            return new Opened(with(graph, graph.inputs(), outputs, nodes), places);
        }

        /** The operators that stand for one with sub-graphs, the last of which gives its values too. */
        private List<Node> open(Node node, String path, Map<String, Place> places) {
            Map<String, Opened> inside = new LinkedHashMap<>();
            node.attributes().forEach((name, attribute) -> {
                if (attribute instanceof Attribute.Subgraph inner) {
                    inside.put(name, open(inner.value(), InnerGraph.path(path, node, name)));
                }
            });
            if (inside.values().stream().allMatch(opened -> opened.places().isEmpty())) {
                return List.of(node);
            }
            return switch (node.op()) {
                case "If" -> List.of(branches(node, inside, places));
                case "Loop" -> loop(node, inside.get("body"), places);
                case "Scan" -> List.of(scan(node, inside.get("body"), places));
                default -> throw new IllegalStateException("Operator " + node.label() + " is " + node.op() + ".");
            };
        }

        private Node branches(Node node, Map<String, Opened> inside, Map<String, Place> places) {
            Set<String> all = new LinkedHashSet<>();
            inside.values().forEach(opened -> all.addAll(opened.places().keySet()));
            List<String> outputs = outputs(node, inside.get("then_branch").graph(), inside.get("then_branch"));
            Map<String, String> given = new LinkedHashMap<>();
            all.forEach(seen -> given.put(seen, names.value(seen)));
            inside.values()
                    .forEach(opened -> opened.places().forEach((seen, place) -> places.put(given.get(seen), place)));
            outputs.addAll(given.values());
            Node changed = node.withOutputs(outputs);
            for (Map.Entry<String, Opened> branch : inside.entrySet()) {
                changed = changed.with(branch.getKey(), new Attribute.Subgraph(withAll(branch.getValue(), all)));
            }
            return changed;
        }

        /** A branch that gives all of these values, those that it does not have as empty tensors. */
        private Graph withAll(Opened branch, Set<String> all) {
            Graph graph = branch.graph();
            List<Node> nodes = new ArrayList<>(graph.nodes());
            int own = graph.outputs().size() - branch.places().size();
            List<Value> outputs = new ArrayList<>(graph.outputs().subList(0, own));
            for (String seen : all) {
                String made = seen;
                if (!branch.places().containsKey(seen)) {
                    made = names.value(seen);
                    nodes.add(constant(made, Tensor.ofFloats(new float[0], 0)));
                }
                outputs.add(value(made));
            }
            return with(graph, graph.inputs(), outputs, nodes);
        }

        private List<Node> loop(Node node, Opened body, Map<String, Place> places) {
            Graph graph = body.graph();
            int states = Math.max(0, node.inputs().size() - 2);
            List<Node> before = new ArrayList<>();
            List<String> inputs = new ArrayList<>(node.inputs());
            while (inputs.size() < 2) {
                inputs.add("");
            }
            List<Value> bodyInputs = new ArrayList<>(graph.inputs());
            List<Value> bodyOutputs = new ArrayList<>(graph.outputs().subList(0, 1 + states));
            List<Node> nodes = new ArrayList<>(graph.nodes());
            List<String> all = outputs(node, graph, body);
            List<String> outputs = new ArrayList<>(all.subList(0, states));
            body.places().forEach((seen, place) -> {
                String nothing = names.value(seen + ".nothing");
                before.add(constant(nothing, Tensor.ofFloats(new float[0], 1, 0)));
                inputs.add(nothing);
                String carried = names.value(seen + ".before");
                bodyInputs.add(value(carried));
                String flat = flat(seen, nodes);
                String grown = names.value(seen + ".grown");
                nodes.add(node("Concat", grown, carried, flat).with("axis", Attribute.of(1)));
                bodyOutputs.add(value(grown));
                String last = names.value(seen);
                outputs.add(last);
                places.put(last, place);
            });
            int own = graph.outputs().size() - body.places().size();
            bodyOutputs.addAll(graph.outputs().subList(1 + states, own));
            outputs.addAll(all.subList(states, all.size()));
            before.add(node.withInputs(inputs)
                    .withOutputs(outputs)
                    .with("body", new Attribute.Subgraph(with(graph, bodyInputs, bodyOutputs, nodes))));
            return before;
        }

        private Node scan(Node node, Opened body, Map<String, Place> places) {
            Graph graph = body.graph();
            int own = graph.outputs().size() - body.places().size();
            int states = node.inputs().size() - Math.toIntExact(node.integer("num_scan_inputs", 0));
            List<Node> nodes = new ArrayList<>(graph.nodes());
            List<Value> bodyOutputs = new ArrayList<>(graph.outputs().subList(0, own));
            List<String> outputs = outputs(node, graph, body);
            long[] axes = longer(
                    node.integers("scan_output_axes"),
                    own - states,
                    body.places().size(),
                    1);
            long[] directions = longer(
                    node.integers("scan_output_directions"),
                    own - states,
                    body.places().size(),
                    0);
            body.places().forEach((seen, place) -> {
                bodyOutputs.add(value(flat(seen, nodes)));
                String stacked = names.value(seen);
                outputs.add(stacked);
                places.put(stacked, place);
            });
            return node.withOutputs(outputs)
                    .with("scan_output_axes", Attribute.ofInts(axes))
                    .with("scan_output_directions", Attribute.ofInts(directions))
                    .with("body", new Attribute.Subgraph(with(graph, graph.inputs(), bodyOutputs, nodes)));
        }

        /** One number for each output, which is 0 where none is set, and then the same one for each further output. */
        private static long[] longer(long[] set, int count, int more, long value) {
            long[] all = Arrays.copyOf(set, count + more);
            Arrays.fill(all, count, count + more, value);
            return all;
        }

        /** The name of a value of one row that has all elements. */
        private String flat(String value, List<Node> nodes) {
            String shape = names.value(value + ".row");
            nodes.add(constant(shape, Tensor.ofLongs(new long[] {1, -1}, 2)));
            String flat = names.value(value + ".flat");
            nodes.add(node("Reshape", flat, value, shape));
            return flat;
        }

        /** The outputs of an operator, with a name for each that its graph has besides those values. */
        private List<String> outputs(Node node, Graph graph, Opened body) {
            int first = node.is("Loop") ? 1 : 0;
            int own = graph.outputs().size() - body.places().size() - first;
            List<String> outputs = new ArrayList<>(node.outputs());
            for (int i = 0; i < own; i++) {
                if (i == outputs.size()) {
                    outputs.add("");
                }
                if (outputs.get(i).isEmpty()) {
                    outputs.set(i, names.value(node.output() + ".unused"));
                }
            }
            return outputs;
        }

        private Node node(String op, String output, String... inputs) {
            return Node.of(op, names.node(output), List.of(inputs), output);
        }

        private Node constant(String name, Tensor tensor) {
            return node("Constant", name).with("value", Attribute.of(tensor));
        }

        private static Value value(String name) {
            return new Value(name, ElementType.FLOAT, null, Opaque.NONE);
        }

        private static Graph with(Graph graph, List<Value> inputs, List<Value> outputs, List<Node> nodes) {
            return new Graph(graph.name(), inputs, outputs, nodes, graph.weights(), graph.values(), graph.extra());
        }
    }
}
