package pomona.quantize;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.pass.LayerPattern;

/**
 * The layers that a static quantization takes, wherever in the network they are.
 *
 * @param graphs the graphs of the network, by their paths
 * @param layers the layers; no two of them have the same name
 * @param paths the path of the graph that each is in
 * @param leftFloat the layers that can not be quantized, each with the reason
 */
record StaticLayers(
        Map<String, InnerGraph> graphs,
        List<LayerWeight> layers,
        Map<LayerWeight, String> paths,
        List<String> leftFloat) {

    /**
     * Chooses layers of a network whose constants are weights.
     *
     * @throws IllegalArgumentException if there are none, a pattern matches none, or a weight is not finite
     */
    static StaticLayers of(Network network, String pattern, List<String> operators) {
        Map<String, InnerGraph> graphs = new LinkedHashMap<>();
        List<LayerWeight> found = new ArrayList<>();
        Map<LayerWeight, String> paths = new IdentityHashMap<>();
        List<String> left = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (InnerGraph graph : InnerGraph.of(network)) {
            graphs.put(graph.path(), graph);
            left.addAll(Quantizable.recurrent(graph.network()));
            for (LayerWeight layer : Quantizable.candidates(graph.network(), operators)) {
                LayerWeight named = names.add(layer.layer()) ? layer : named(layer, graph.path() + layer.layer());
                if (graph.obstacle().isEmpty()) {
                    found.add(named);
                    paths.put(named, graph.path());
                } else {
                    left.add(named.layer() + SparedLayers.STAYS + graph.obstacle());
                }
            }
        }
        left.addAll(behindTranspose(network, operators));
        if (found.isEmpty()) {
            throw Quantizable.nothing(network, operators, left);
        }
        List<LayerWeight> chosen = new LayerPattern(pattern).select(network.name(), found);
        List<LayerWeight> replaced = withoutShared(network, graphs, chosen, paths, left);
        if (replaced.isEmpty()) {
            throw Quantizable.nothing(network, operators, left);
        }
        replaced.forEach(Quantizable::refuseInfinite);
        return new StaticLayers(graphs, replaced, paths, left);
    }

    /** The products whose weight others take as it is, so that a Transpose before them was not folded into it. */
    private static List<String> behindTranspose(Network network, List<String> operators) {
        WeightReaders readers = new WeightReaders(network);
        return LayerWeight.uses(network).stream()
                .filter(layer ->
                        operators.contains(layer.node().op()) && layer.tensor().type() == ElementType.FLOAT)
                .filter(layer -> !layer.node().input(1).equals(layer.name()) && readers.use(layer.node(), 1) != null)
                .map(layer -> layer.layer() + SparedLayers.STAYS + "others take its weight " + layer.name()
                        + " without the Transpose before it")
                .toList();
    }

    /** Those but for which nobody reads the floats of their weights; the others are named among those left. */
    private static List<LayerWeight> withoutShared(
            Network network,
            Map<String, InnerGraph> graphs,
            List<LayerWeight> chosen,
            Map<LayerWeight, String> paths,
            List<String> left) {
        WeightReaders readers = new WeightReaders(network);
        Map<String, Set<String>> weights = new HashMap<>();
        chosen.forEach(layer -> weights.computeIfAbsent(paths.get(layer), path -> new HashSet<>())
                .add(layer.name()));
        Set<Node> products = Collections.newSetFromMap(new IdentityHashMap<>());
        weights.forEach((path, names) -> graphs.get(path).network().nodes().stream()
                .filter(node -> QdqPlanner.isProduct(node) && names.contains(node.input(1)))
                .forEach(products::add));
        List<LayerWeight> alone = new ArrayList<>();
        for (LayerWeight layer : chosen) {
            Optional<String> obstacle = readers.obstacle(
                    layer.layer(), layer.node(), reader -> reader.place() == 1 && products.contains(reader.node()));
            obstacle.ifPresentOrElse(left::add, () -> alone.add(layer));
        }
        return alone;
    }

    private static LayerWeight named(LayerWeight layer, String name) {
        return new LayerWeight(name, layer.node(), layer.name(), layer.tensor(), layer.outputAxis());
    }

    /** Those that are in no branch and no body. */
    List<LayerWeight> outermost() {
        return layers.stream().filter(layer -> paths.get(layer).isEmpty()).toList();
    }

    /** Those that are in a branch or body. */
    List<LayerWeight> inside() {
        return layers.stream().filter(layer -> !paths.get(layer).isEmpty()).toList();
    }

    /** The plan of each graph that some of the layers are in. */
    Map<String, QdqPlan> plans(List<LayerWeight> chosen) {
        Map<String, List<LayerWeight>> by = new LinkedHashMap<>();
        chosen.forEach(layer ->
                by.computeIfAbsent(paths.get(layer), path -> new ArrayList<>()).add(layer));
        Map<String, QdqPlan> plans = new LinkedHashMap<>();
        by.forEach((path, there) -> plans.put(path, QdqPlan.of(graphs.get(path).network(), there)));
        return plans;
    }

    /**
     * Those that ran on some record; the others are named among those that stay float.
     *
     * @throws IllegalArgumentException if none ran
     */
    StaticLayers seen(Network network, Map<String, MeasuredRanges> ranges) {
        Predicate<LayerWeight> isSeen = layer ->
                paths.get(layer).isEmpty() || ranges.get(paths.get(layer)).isSeen();
        List<String> left = new ArrayList<>(leftFloat);
        layers.stream()
                .filter(isSeen.negate())
                .forEach(layer ->
                        left.add(layer.layer() + SparedLayers.STAYS + "no record ran the branch or loop it is in"));
        List<LayerWeight> seen = layers.stream().filter(isSeen).toList();
        if (seen.isEmpty()) {
            throw new IllegalArgumentException("Network " + network.name() + " has no layer to quantize that ran on the"
                    + " data: " + String.join("; ", left) + ".");
        }
        return new StaticLayers(graphs, seen, paths, left);
    }
}
