package pomona.quantize;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.pass.LayerPattern;

/** Finds the weights that can be quantized in blocks, and who reads them. */
final class BlockTargets {

    /** Shorter tables, such as those of token types, take no room, and each row of theirs goes into very many tokens. */
    static final int FEWEST_ROWS = 8;

    private final Network network;
    private final Map<String, List<Node>> readers = new LinkedHashMap<>();
    private final Set<String> kept = new HashSet<>();

    /** @param network constants are among its weights */
    BlockTargets(Network network) {
        this.network = network;
        network.signature().outputs().stream().map(Value::name).forEach(kept::add);
        for (Node node : network.nodes()) {
            Set<String> direct = new HashSet<>(node.inputs());
            direct.forEach(input ->
                    readers.computeIfAbsent(input, i -> new ArrayList<>()).add(node));
            // What a sub-graph reads stays under its name.
            node.takes().stream().filter(value -> !direct.contains(value)).forEach(kept::add);
        }
    }

    /**
     * The weights of two dimensions of MatMul and Gemm and, on request, the tables of Gather of 8 rows or more.
     *
     * @throws IllegalArgumentException if there is none, or the pattern matches none
     */
    List<LayerWeight> choose(String pattern, boolean embeddings) {
        Map<String, LayerWeight> found = new LinkedHashMap<>();
        LayerWeight.of(network).stream()
                .filter(weight ->
                        Set.of("MatMul", "Gemm").contains(weight.node().op()))
                .filter(weight -> weight.tensor().rank() == 2)
                .forEach(weight -> found.put(weight.name(), weight));
        if (embeddings) {
            tables(network).stream()
                    .filter(table -> table.tensor().dim(0) >= FEWEST_ROWS)
                    .forEach(table -> found.putIfAbsent(table.name(), table));
        }
        List<LayerWeight> candidates = found.values().stream()
                .filter(weight -> weight.tensor().type() == ElementType.FLOAT)
                .filter(weight -> weight.tensor().size() > 0)
                .toList();
        if (candidates.isEmpty()) {
            throw Quantizable.nothing(
                    network,
                    "Network " + network.name() + " has nothing to quantize in blocks; it"
                            + " would be the constant 32-bit floating-point matrices of MatMul and Gemm"
                            + (embeddings ? ", and the tables of Gather." : ".")
                            + UntouchedLayers.sentence(network));
        }
        return new LayerPattern(pattern).select(network.name(), candidates);
    }

    /** The tables of numbers that Gather looks rows up in, each as a weight with an output for each row. */
    static List<LayerWeight> tables(Network network) {
        Map<String, LayerWeight> tables = new LinkedHashMap<>();
        for (Node node : network.nodes()) {
            String name = node.input(0);
            if (isLookUp(node, network)) {
                String layer = node.name().isEmpty() ? name : node.name();
                tables.putIfAbsent(name, new LayerWeight(layer, node, name, network.weight(name), 0));
            }
        }
        return List.copyOf(tables.values());
    }

    /** Whether an operator looks rows of numbers up in a table that is a weight. */
    static boolean isLookUp(Node node, Network network) {
        Tensor table = node.is("Gather") ? network.weights().get(node.input(0)) : null;
        return table != null && table.type() == ElementType.FLOAT && table.rank() == 2 && node.integer("axis", 0) == 0;
    }

    /** Whether only Gather reads a weight, row by row. */
    boolean isTable(LayerWeight weight) {
        return !kept.contains(weight.name())
                && weight.outputAxis() == 0
                && readers.getOrDefault(weight.name(), List.of()).stream()
                        .allMatch(node -> node.is("Gather")
                                && node.input(0).equals(weight.name())
                                && !node.input(1).equals(weight.name())
                                && node.integer("axis", 0) == 0);
    }

    /** Whether only products read a weight, always as what their inputs are multiplied with from the right. */
    boolean isFactor(LayerWeight weight) {
        return !kept.contains(weight.name()) && isFactor(weight.name(), weight.outputAxis());
    }

    private boolean isFactor(String value, int outputAxis) {
        for (Node node : readers.getOrDefault(value, List.of())) {
            boolean through = node.is("Identity") || node.is("Transpose");
            boolean fits = through
                    ? !kept.contains(node.output())
                            && isFactor(node.output(), node.is("Identity") ? outputAxis : 1 - outputAxis)
                    : multiplies(node, value, outputAxis);
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static boolean multiplies(Node node, String value, int outputAxis) {
        boolean second = node.input(1).equals(value)
                && !node.input(0).equals(value)
                && !node.input(2).equals(value);
        long axis = node.is("Gemm") && node.integer("transB", 0) != 0 ? 0 : 1;
        return second && (node.is("MatMul") || node.is("Gemm")) && axis == outputAxis;
    }

    /** The names under which products know a weight: its own, and those behind Identity and Transpose. */
    Set<String> names(String weight) {
        Set<String> names = new HashSet<>(Set.of(weight));
        for (Node node : readers.getOrDefault(weight, List.of())) {
            if (node.is("Identity") || node.is("Transpose")) {
                names.addAll(names(node.output()));
            }
        }
        return names;
    }
}
