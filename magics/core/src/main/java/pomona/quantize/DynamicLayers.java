package pomona.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.LayerPattern;
import pomona.pass.NearestNames;

/**
 * The operators of a network that can be quantized dynamically, those inside If, Loop and Scan included.
 *
 * @param chosen the operators to quantize, by identity: names in two branches may be the same
 * @param leftFloat the layers that stay as they are although they were asked for, each with the reason
 * @param readers who reads the weights
 */
record DynamicLayers(Set<Node> chosen, List<String> leftFloat, WeightReaders readers) {

    /** What can be asked for, the default ones first. */
    static final List<String> OPERATORS = List.of("Gemm", "MatMul", "LSTM", "Conv", "Gather");

    /**
     * Reads a list of operators.
     *
     * @throws IllegalArgumentException if one of them can not be quantized dynamically
     */
    static Set<String> operators(String text) {
        Set<String> operators = new LinkedHashSet<>();
        for (String part : text == null ? new String[0] : text.split(",")) {
            String name = part.strip();
            if (name.isEmpty()) {
                continue;
            }
            operators.add(OPERATORS.stream()
                    .filter(op -> op.toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("Operator " + name
                            + " can not be quantized dynamically" + NearestNames.suggest(name, OPERATORS))));
        }
        if (operators.isEmpty()) {
            throw new IllegalArgumentException(
                    "Option operators is empty; it is one or more of " + String.join(", ", OPERATORS) + ".");
        }
        return operators;
    }

    /**
     * Chooses the layers of a network.
     *
     * @throws IllegalArgumentException if there are none, or a pattern matches none
     */
    static DynamicLayers of(Network network, Set<String> operators, String pattern, InputRange ranges) {
        Search search = new Search(operators, ranges, network.opset());
        search.walk(new GraphDraft(network.graph(), null, null, network.opset()), network.graph());
        if (search.found.isEmpty()) {
            throw Quantizable.nothing(network, operators, search.left);
        }
        Set<Node> chosen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<LayerWeight> selected = new LayerPattern(pattern).select(network.name(), search.found);
        selected.forEach(weight -> chosen.add(weight.node()));
        WeightReaders readers = new WeightReaders(network);
        leaveShared(selected, readers, chosen, search.left);
        if (chosen.isEmpty()) {
            throw Quantizable.nothing(network, operators, search.left);
        }
        return new DynamicLayers(chosen, search.left, readers);
    }

    /** Leaves those whose floats somebody else keeps, until all that are chosen take the place of theirs. */
    private static void leaveShared(
            List<LayerWeight> selected, WeightReaders readers, Set<Node> chosen, List<String> left) {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (LayerWeight layer : selected) {
                Optional<String> obstacle = chosen.contains(layer.node())
                        ? readers.obstacle(
                                layer.layer(),
                                layer.node(),
                                reader -> chosen.contains(reader.node())
                                        && WeightReaders.weightPlaces(reader.node())
                                                .contains(reader.place()))
                        : Optional.empty();
                if (obstacle.isPresent()) {
                    left.add(obstacle.get());
                    changed = chosen.remove(layer.node());
                }
            }
        }
    }

    /** One walk through all graphs. */
    private static final class Search {

        private final Set<String> operators;
        private final InputRange ranges;
        private final long opset;
        private final List<LayerWeight> found = new ArrayList<>();
        private final List<String> left = new ArrayList<>();

        Search(Set<String> operators, InputRange ranges, long opset) {
            this.operators = operators;
            this.ranges = ranges;
            this.opset = opset;
        }

        void walk(GraphDraft draft, Graph graph) {
            for (Node node : graph.nodes()) {
                if (node.domain().isEmpty()) {
                    examine(node, draft);
                }
                for (Attribute attribute : node.attributes().values()) {
                    if (attribute instanceof Attribute.Subgraph inner) {
                        walk(new GraphDraft(inner.value(), draft, null, opset), inner.value());
                    }
                }
            }
        }

        private void examine(Node node, GraphDraft draft) {
            switch (node.op()) {
                case "Gemm", "MatMul" -> offer(node, draft, 1, -1);
                case "Conv" -> offer(node, draft, 1, 0);
                case "Gather" -> {
                    Tensor table = draft.constant(node.input(0));
                    if (table != null && table.rank() == 2 && node.integer("axis", 0) == 0) {
                        offer(node, draft, 0, 0);
                    }
                }
                case "LSTM" -> recurrent(node, draft);
                case "GRU", "RNN" -> left.add(node.label() + " stays float: ONNX Runtime has no dynamic " + node.op());
                default -> {}
            }
        }

        private void recurrent(Node node, GraphDraft draft) {
            boolean constant = isWeight(draft.constant(node.input(1))) && isWeight(draft.constant(node.input(2)));
            if (!operators.contains("LSTM") || !constant) {
                return;
            }
            if (node.integer("layout", 0) != 0) {
                left.add(node.label() + " stays float: ONNX Runtime has no dynamic LSTM of layout 1");
            } else if (ranges == InputRange.SAMPLE) {
                left.add(node.label() + " stays float: ONNX Runtime's dynamic LSTM takes ranges over the batch");
            } else {
                offer(node, draft, 1, 1);
            }
        }

        private void offer(Node node, GraphDraft draft, int place, int axis) {
            Tensor weight = draft.constant(node.input(place));
            if (!operators.contains(node.op()) || !isWeight(weight)) {
                return;
            }
            String name = node.input(place);
            int output = axis >= 0 ? axis : node.integer("transB", 0) != 0 ? 0 : weight.rank() - 1;
            found.add(new LayerWeight(node.name().isEmpty() ? name : node.name(), node, name, weight, output));
        }

        private static boolean isWeight(Tensor tensor) {
            return tensor != null
                    && tensor.type() == ElementType.FLOAT
                    && tensor.rank() >= 2
                    && Arrays.stream(tensor.shape()).noneMatch(size -> size == 0);
        }
    }
}
