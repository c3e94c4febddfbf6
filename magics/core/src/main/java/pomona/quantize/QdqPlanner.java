package pomona.quantize;

import java.util.ArrayList;
import java.util.HashMap;
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

/** Makes the plan of a static quantization. */
final class QdqPlanner {

    private static final Set<String> PRODUCTS = Set.of("Conv", "Gemm", "MatMul");

    /** Give some of the elements they take, which therefore have the same range. */
    private static final Set<String> MOVING =
            Set.of("MaxPool", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose");

    /** ONNX Runtime puts pairs behind these, up to version 1.30 wrongly where a branch or body takes what they give. */
    private static final Set<String> PROPAGATING =
            Set.of("MaxPool", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Slice");

    /** Run on integers in ONNX Runtime when all that they take and what they give is quantized. */
    private static final Set<String> INTEGER = Set.of("Add", "Concat", "AveragePool", "GlobalAveragePool");

    /** Cut a range and nothing else, so that quantizing what they give makes them idle. */
    private static final Set<String> CUTTING = Set.of("Relu", "Clip");

    private final Network network;
    private final Map<String, Node> producers;
    private final Map<String, List<Node>> consumers;
    private final Set<String> outputs;
    private final Set<String> captured = new LinkedHashSet<>();
    private final Map<String, LayerWeight> weights;
    private final Map<String, LayerWeight> layers = new LinkedHashMap<>();
    private final Set<String> wanted = new LinkedHashSet<>();
    private final Set<String> results = new HashSet<>();
    private final Set<String> finals = new HashSet<>();
    private final Map<String, Boolean> useful = new HashMap<>();

    QdqPlanner(Network network, List<LayerWeight> chosen) {
        this.network = network;
        this.producers = network.graph().producers();
        this.consumers = network.graph().consumers();
        this.outputs = network.signature().outputs().stream().map(Value::name).collect(Collectors.toSet());
        network.nodes().forEach(node -> captured.addAll(node.capturedValues()));
        // Branches and bodies take values by their names, like whoever takes an output.
        outputs.addAll(captured);
        this.weights = chosen.stream().collect(Collectors.toMap(LayerWeight::name, weight -> weight));
    }

    QdqPlan plan() {
        Map<String, LayerWeight> uses = LayerWeight.uses(network).stream()
                .filter(use -> use.node().input(1).equals(use.name()))
                .collect(Collectors.toMap(use -> use.node().output(), use -> use, (use, same) -> use));
        for (Node node : network.nodes()) {
            if (isQuantized(node)) {
                layers.put(node.output(), uses.get(node.output()));
                wanted.add(node.input(0));
                if (node.is("Conv")) {
                    addResult(node);
                }
            }
        }
        network.nodes().forEach(this::addBetween);
        Map<String, String> sources = new LinkedHashMap<>();
        for (String value : List.copyOf(wanted)) {
            addWithSource(value, sources);
        }
        captured.forEach(value -> addCaptured(value, sources));
        return new QdqPlan(layers, sources, results, finals);
    }

    /** A pair of its own keeps ONNX Runtime from putting one between a value and the branch or body that takes it. */
    private void addCaptured(String value, Map<String, String> sources) {
        String root = value;
        for (Node maker = producers.get(root);
                maker != null && maker.domain().isEmpty() && PROPAGATING.contains(maker.op());
                maker = producers.get(root)) {
            root = maker.input(0);
            if (sources.containsKey(root)) {
                sources.putIfAbsent(value, sources.get(root));
                finals.add(value);
                return;
            }
        }
    }

    private boolean isQuantized(Node node) {
        return isProduct(node) && weights.containsKey(node.input(1));
    }

    /** Whether an operator is of those that have integer weights when theirs is chosen. */
    static boolean isProduct(Node node) {
        return node.domain().isEmpty() && PRODUCTS.contains(node.op());
    }

    private void addResult(Node convolution) {
        String value = cut(convolution.output());
        wanted.add(value);
        results.add(value);
        if (outputs.contains(value)) {
            finals.add(value);
        }
    }

    /** The value behind the operator that cuts the range of a value, or the value when there is none. */
    private String cut(String value) {
        List<Node> next = consumers.getOrDefault(value, List.of());
        boolean cuts = next.size() == 1
                && next.get(0).domain().isEmpty()
                && CUTTING.contains(next.get(0).op())
                && next.get(0).input(0).equals(value)
                && !outputs.contains(value);
        return cuts ? next.get(0).output() : value;
    }

    /** An operator with an integer kernel is quantized where integers come in and somebody wants integers of it. */
    private void addBetween(Node node) {
        if (!node.domain().isEmpty() || !INTEGER.contains(node.op())) {
            return;
        }
        boolean given =
                node.inputs().stream().allMatch(input -> wanted.contains(input) || wanted.contains(root(input)));
        if (given && isUseful(node.output())) {
            node.inputs().forEach(wanted::add);
            wanted.add(cut(node.output()));
            results.add(cut(node.output()));
        }
    }

    /** Whether a value comes to a quantized layer, at most by way of operators that can stay in integers. */
    private boolean isUseful(String value) {
        Boolean known = useful.get(value);
        if (known == null) {
            known = consumers.getOrDefault(value, List.of()).stream()
                    .anyMatch(node -> isQuantized(node) && node.input(0).equals(value)
                            || node.domain().isEmpty() && staysInteger(node.op()) && isUseful(node.output()));
            useful.put(value, known);
        }
        return known;
    }

    private static boolean staysInteger(String op) {
        return MOVING.contains(op) || INTEGER.contains(op) || CUTTING.contains(op);
    }

    /** What a value was before elements were moved. */
    private String root(String value) {
        Node maker = producers.get(value);
        return isMoving(maker) ? root(maker.input(0)) : value;
    }

    private static boolean isMoving(Node maker) {
        return maker != null && maker.domain().isEmpty() && MOVING.contains(maker.op());
    }

    /** A value behind operators that move elements has the range of what they move, and so has all between. */
    private void addWithSource(String value, Map<String, String> sources) {
        List<String> chain = new ArrayList<>(List.of(value));
        String root = value;
        for (Node maker = producers.get(root); isMoving(maker); maker = producers.get(root)) {
            root = maker.input(0);
            chain.add(root);
        }
        boolean tied = wanted.contains(root);
        for (String link : tied ? chain : List.of(value)) {
            sources.put(link, tied ? root : value);
        }
    }
}
