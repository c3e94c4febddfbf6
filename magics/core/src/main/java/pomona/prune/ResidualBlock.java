package pomona.prune;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * A part of a network that is added to what it was made of: y = x + f(x). Without it, y is x.
 *
 * @param sum the operator that adds
 * @param skip the value x
 * @param inside the operators of f, which nothing else needs
 */
record ResidualBlock(Node sum, String skip, Set<Node> inside) {

    private static final Set<String> LAYERS =
            Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN", "Attention", "Einsum");

    /** The blocks of a network in the order of their sums. */
    static List<ResidualBlock> of(Network network) {
        Map<String, Node> producers = network.graph().producers();
        Map<String, List<Node>> consumers = network.graph().consumers();
        Map<String, Value> shapes = ShapeInference.of(network);
        List<ResidualBlock> blocks = new ArrayList<>();
        for (Node node : network.nodes()) {
            boolean sum = node.is("Add") && node.inputs().stream().noneMatch(network.weights()::containsKey);
            for (int place = 0; sum && place < 2; place++) {
                String skip = node.input(place);
                Node branch = producers.get(node.input(1 - place));
                boolean alike = isAlike(shapes.get(skip), shapes.get(node.output()))
                        && isAlike(shapes.get(node.input(1 - place)), shapes.get(skip));
                Set<Node> inside = branch == null || !alike ? null : inside(branch, node, skip, producers, consumers);
                if (inside != null && !leavesOtherwise(network, inside, node)) {
                    blocks.add(new ResidualBlock(node, skip, inside));
                    break;
                }
            }
        }
        return blocks;
    }

    private static boolean isAlike(Value left, Value right) {
        List<Dimension> shape = left == null ? null : left.shape();
        return shape != null && right != null && shape.equals(right.shape());
    }

    /** The operators on the way from the skipped value to the sum that nothing else needs; null unless it is a layer. */
    private static Set<Node> inside(
            Node branch, Node sum, String skip, Map<String, Node> producers, Map<String, List<Node>> consumers) {
        Set<Node> inside = new LinkedHashSet<>();
        Deque<Node> open = new ArrayDeque<>(List.of(branch));
        boolean reaches = false;
        while (!open.isEmpty()) {
            Node node = open.remove();
            boolean only = node.outputs().stream()
                    .flatMap(output -> consumers.getOrDefault(output, List.of()).stream())
                    .allMatch(user -> user.equals(sum) || inside.contains(user));
            if (!only || inside.contains(node)) {
                continue;
            }
            inside.add(node);
            for (String input : node.takes()) {
                reaches |= input.equals(skip);
                Node maker = producers.get(input);
                if (maker != null && !input.equals(skip)) {
                    open.add(maker);
                }
            }
        }
        return reaches && inside.stream().anyMatch(node -> LAYERS.contains(node.op())) ? inside : null;
    }

    private static boolean leavesOtherwise(Network network, Set<Node> inside, Node sum) {
        Set<String> outputs = new HashSet<>();
        network.signature().outputs().forEach(output -> outputs.add(output.name()));
        return outputs.contains(sum.output())
                || inside.stream().flatMap(node -> node.outputs().stream()).anyMatch(outputs::contains);
    }

    /** The name of the first layer inside, by which the block is chosen. */
    String name() {
        return layers().get(layers().size() - 1);
    }

    /** The names of the layers inside, from the sum backwards. */
    List<String> layers() {
        return inside.stream()
                .filter(node -> LAYERS.contains(node.op()))
                .map(Node::label)
                .toList();
    }

    /** The root of the mean square of the weights of two dimensions and more. */
    double size(Network network) {
        double squares = 0;
        long count = 0;
        for (Node node : inside) {
            for (String input : node.inputs()) {
                Tensor weight = network.weights().get(input);
                if (weight != null && weight.rank() > 1 && weight.type().isFloating()) {
                    for (float value : weight.toFloatArray()) {
                        squares += value * (double) value;
                    }
                    count += weight.size();
                }
            }
        }
        return count == 0 ? 0 : Math.sqrt(squares / count);
    }
}
