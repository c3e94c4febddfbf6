package pomona.structure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Constants;
import pomona.graph.LayerWeight;
import pomona.graph.Network;

/**
 * The channels of a network and which of them can only go together, through residual sums, concatenations, flattening,
 * groups, normalizations, heads, gates and shared weights.
 *
 * <p>A channel is a number. Each axis of each value and weight has its channels, place by place; two places with the same
 * number are removed together. Channels that make an output, are looked up, or meet an operator that is not understood
 * stay as they are.
 *
 * <pre>{@code
 * Coupling coupling = Coupling.of(network);
 * UnitGroup first = coupling.groups().get(0);
 * Network smaller = coupling.without(first.units().subList(0, 3));
 * }</pre>
 *
 * <p>Source: Fang et al., DepGraph: Towards Any Structural Pruning, 2023 (arXiv 2301.12900), section 3.
 */
public final class Coupling {

    private static final int ROUNDS = 3;

    private final Analysis analysis;
    private final List<UnitGroup> groups;
    private final List<String> leftAlone = new ArrayList<>();

    private Coupling(Analysis analysis) {
        this.analysis = analysis;
        this.groups = new Grouping(analysis).groups();
        for (Analysis.Producer producer : analysis.producers()) {
            Arrays.stream(producer.channels())
                    .mapToObj(analysis.units::fixed)
                    .filter(fixed -> fixed != null && fixed.unknown())
                    .findFirst()
                    .ifPresent(fixed -> leftAlone.add(producer.layer() + ": " + fixed.reason()));
        }
    }

    /** Finds the channels of a network and couples them. */
    public static Coupling of(Network network) {
        Network plain = InitialStates.drop(Constants.lift(network));
        Map<String, Integer> choices = new HashMap<>();
        Analysis best = analyse(plain, choices);
        for (int round = 1; round < ROUNDS; round++) {
            Map<String, Integer> others = new HashMap<>(choices);
            for (Analysis.Choice choice : best.choices()) {
                if (choice.candidates() > 1 && isStuck(best, choice.channels())) {
                    others.merge(choice.value(), 1, Integer::sum);
                }
            }
            if (others.equals(choices)) {
                break;
            }
            Analysis other = analyse(plain, others);
            if (freeChannels(other) > freeChannels(best)) {
                best = other;
            }
            choices = others;
        }
        return new Coupling(best);
    }

    private static Analysis analyse(Network network, Map<String, Integer> choices) {
        Analysis analysis = Analysis.of(network, choices);
        for (LayerWeight weight : LayerWeight.of(network)) {
            int[] channels = analysis.axes(weight.name())[weight.outputAxis()];
            analysis.producer(weight.layer(), weight.name(), channels);
        }
        return analysis;
    }

    /** Whether none of the channels may go, or all of them only at once. */
    private static boolean isStuck(Analysis analysis, int[] channels) {
        int first = analysis.units.find(channels[0]);
        return Arrays.stream(channels).allMatch(c -> analysis.units.fixed(c) != null)
                || Arrays.stream(channels).allMatch(c -> analysis.units.find(c) == first);
    }

    private static long freeChannels(Analysis analysis) {
        return new Grouping(analysis)
                .groups().stream().mapToLong(group -> group.units().size()).sum();
    }

    /** The network that was looked at, with its constants among its weights. */
    public Network network() {
        return analysis.network;
    }

    /** What can lose channels, in the order of the operators. */
    public List<UnitGroup> groups() {
        return groups;
    }

    /** For each layer of a group the channels that it makes, in order. */
    public List<int[]> outputs(UnitGroup group) {
        return analysis.producers().stream()
                .filter(producer -> group.weights().contains(producer.weight()))
                .map(producer -> roots(producer.channels()))
                .toList();
    }

    /** Why the layer with that weight keeps all its channels, or null when it need not. */
    public String reason(String weight) {
        boolean free = groups.stream().anyMatch(group -> group.weights().contains(weight));
        return free
                ? null
                : analysis.producers().stream()
                        .filter(producer -> producer.weight().equals(weight))
                        .flatMap(producer -> Arrays.stream(producer.channels()).mapToObj(analysis.units::fixed))
                        .filter(fixed -> fixed != null)
                        .map(Units.Fixed::reason)
                        .findFirst()
                        .orElse("its channels can only go all at once");
    }

    /** The layers that keep all channels because an operator is not understood, each with the reason. */
    public List<String> leftAlone() {
        return Collections.unmodifiableList(leftAlone);
    }

    /**
     * The channels of a value or weight, axis by axis; null for an axis without channels.
     *
     * @return null when the value is not known, or its rank is not
     */
    public int[][] channels(String value) {
        int[][] axes = analysis.allAxes().get(value);
        if (axes == null) {
            return null;
        }
        int[][] roots = new int[axes.length][];
        for (int axis = 0; axis < axes.length; axis++) {
            roots[axis] = axes[axis] == null ? null : roots(axes[axis]);
        }
        return roots;
    }

    private int[] roots(int[] channels) {
        return Arrays.stream(channels).map(analysis.units::find).toArray();
    }

    /** The values and weights that have channels on some axis. */
    public Set<String> values() {
        Set<String> values = new LinkedHashSet<>();
        analysis.allAxes().forEach((value, axes) -> {
            if (axes != null && Arrays.stream(axes).anyMatch(axis -> axis != null)) {
                values.add(value);
            }
        });
        return values;
    }

    /** Whether a channel may go. */
    public boolean isFree(int channel) {
        return analysis.units.fixed(channel) == null;
    }

    /** Whether something like a LayerNormalization takes statistics across a channel and its neighbours. */
    public boolean hasStatistics(int channel) {
        int root = analysis.units.find(channel);
        return analysis.statistics().stream()
                .flatMapToInt(Arrays::stream)
                .anyMatch(other -> analysis.units.find(other) == root);
    }

    /**
     * The network without some channels: weights are cut, operators and constants fit what is left. Inputs and outputs
     * stay as they are.
     *
     * @param channels numbers of channels that may go
     * @throws IllegalArgumentException if a channel must stay, or an axis would have none left
     */
    public Network without(Collection<Integer> channels) {
        BitSet gone = new BitSet();
        for (int channel : channels) {
            if (!isFree(channel)) {
                throw new IllegalArgumentException(
                        "Channel " + channel + " of network " + network().name() + " must stay: "
                                + analysis.units.fixed(channel).reason() + ".");
            }
            gone.set(analysis.units.find(channel));
        }
        return new Surgery(analysis, gone).network();
    }

    /** All different axes of values and weights, as the channels that stand on them; each keeps at least one. */
    public List<int[]> axes() {
        Map<List<Integer>, int[]> distinct = new LinkedHashMap<>();
        for (String value : values()) {
            for (int[] axis : channels(value)) {
                if (axis != null) {
                    distinct.putIfAbsent(Arrays.stream(axis).boxed().toList(), axis);
                }
            }
        }
        return List.copyOf(distinct.values());
    }
}
