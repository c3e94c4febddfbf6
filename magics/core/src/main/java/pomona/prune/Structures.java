package pomona.prune;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.pass.LayerPattern;
import pomona.structure.Coupling;
import pomona.structure.UnitGroup;

/**
 * The structures of a network that a technique may remove.
 *
 * @param coupling the channels of the network
 * @param groups the chosen groups, in the order of the operators
 */
record Structures(Coupling coupling, List<UnitGroup> groups) {

    /**
     * Chooses groups by their layers; a group is chosen when one of its layers is.
     *
     * @param heads whether whole attention heads are wanted, or channels
     * @throws IllegalArgumentException if a pattern matches no layer, or nothing chosen can be removed
     */
    static Structures of(Network network, String layers, boolean heads) {
        Coupling coupling = Coupling.of(network);
        List<LayerWeight> candidates = candidates(coupling.network());
        String wanted = heads ? "heads" : "channels";
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("Network " + network.name() + " has no " + wanted
                    + " to remove; it has no Conv, Gemm, MatMul or recurrent layers with constant weights.");
        }
        List<LayerWeight> chosen = new LayerPattern(layers).select(network.name(), candidates);
        Set<String> weights = chosen.stream().map(LayerWeight::name).collect(Collectors.toSet());
        List<UnitGroup> groups = coupling.groups().stream()
                .filter(group ->
                        group.heads() == heads && group.weights().stream().anyMatch(weights::contains))
                .toList();
        if (groups.isEmpty()) {
            String layer = chosen.get(0).layer();
            String reason = coupling.reason(chosen.get(0).name());
            throw new IllegalArgumentException("Network " + network.name() + " has no " + wanted
                    + " to remove in layers " + layers
                    + (reason == null ? "; choose other layers." : "; layer " + layer + " keeps all: " + reason + "."));
        }
        return new Structures(coupling, groups);
    }

    private static List<LayerWeight> candidates(Network network) {
        List<LayerWeight> all = new ArrayList<>(LayerWeight.of(network));
        for (Node node : network.nodes()) {
            boolean recurrent = node.is("LSTM") || node.is("GRU") || node.is("RNN");
            if (recurrent && network.weights().containsKey(node.input(1))) {
                all.add(new LayerWeight(node.label(), node, node.input(1), network.weight(node.input(1)), 1));
            }
        }
        return all;
    }

    /** The network without the chosen share of channels, by a score of each. */
    StructuredPass.Outcome remove(ChannelChoice choice, Map<Integer, Double> scores) {
        List<String> leftAlone = new ArrayList<>(coupling.leftAlone());
        List<UnitGroup> scored = new ArrayList<>();
        for (UnitGroup group : groups) {
            if (group.units().stream().allMatch(scores::containsKey)) {
                scored.add(group);
            } else {
                leftAlone.add(String.join(", ", group.layers()) + ": goes through no BatchNormalization");
            }
        }
        if (scored.isEmpty()) {
            throw new IllegalArgumentException("Network " + coupling.network().name()
                    + " has no channels that go through a BatchNormalization; choose another importance, such as l2.");
        }
        Set<Integer> gone = new LinkedHashSet<>(choice.choose(scored, new HashMap<>(scores)));
        return new StructuredPass.Outcome(coupling.without(gone), leftAlone);
    }
}
