package pomona.structure;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Dimension;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * Walks through a network and follows channels. Every value has, for each of its axes, the numbers of its channels, or
 * null when the axis has none (batch, height, a single place).
 */
final class Analysis {

    /** A reshaping that had to choose which of several axes gets the channels. */
    record Choice(String value, int[] channels, int candidates) {}

    final Network network;
    final Units units = new Units();
    private final Map<String, Value> shapes;
    private final Map<String, int[][]> axes = new LinkedHashMap<>();
    private final Map<String, Rewrite> rewrites = new HashMap<>();
    private final Map<String, Integer> choices;
    private final List<Choice> made = new ArrayList<>();
    private final List<int[]> heads = new ArrayList<>();
    private final List<int[]> statistics = new ArrayList<>();
    private final List<Producer> producers = new ArrayList<>();
    private final Map<String, List<Node>> consumers;

    Analysis(Network network, Map<String, Value> shapes, Map<String, Integer> choices) {
        this.network = network;
        this.shapes = shapes;
        this.choices = choices;
        this.consumers = network.graph().consumers();
    }

    static Analysis of(Network network, Map<String, Integer> choices) {
        Analysis analysis = new Analysis(network, ShapeInference.of(network), choices);
        analysis.walk();
        return analysis;
    }

    private void walk() {
        network.signature().inputs().forEach(input -> axes.put(input.name(), plain(input)));
        for (Node node : network.nodes()) {
            Rule rule = node.domain().isEmpty() ? Rules.of(node.op()) : null;
            boolean nested = node.attributes().values().stream().anyMatch(a -> a instanceof Attribute.Subgraph);
            boolean ranked = node.inputs().stream().allMatch(input -> input.isEmpty() || axes(input) != null);
            if (rule == null || nested || !ranked) {
                unknown(node);
            } else {
                rule.apply(this, node);
            }
            for (String output : node.outputs()) {
                if (!output.isEmpty() && !axes.containsKey(output)) {
                    axes.put(output, plain(shapes.get(output)));
                }
            }
        }
        for (Value output : network.signature().outputs()) {
            fixAll(output.name(), new Units.Fixed("it makes the output " + output.name(), false));
        }
    }

    private static int[][] plain(Value value) {
        return value == null || value.shape() == null
                ? null
                : new int[value.shape().size()][];
    }

    /** The channels of a value by axis, or null when its rank is not known. A weight has channels on all its axes. */
    int[][] axes(String value) {
        Tensor weight = network.weights().get(value);
        if (weight != null) {
            return axes.computeIfAbsent(value, name -> ofWeight(weight));
        }
        return axes.get(value);
    }

    private int[][] ofWeight(Tensor weight) {
        int[][] made = new int[weight.rank()][];
        for (int axis = 0; axis < made.length; axis++) {
            made[axis] = weight.dim(axis) > 1 ? units.fresh(Math.toIntExact(weight.dim(axis))) : null;
        }
        if (weight.type().bits() < 8 || weight.type() == ElementType.STRING) {
            for (int[] axis : made) {
                fix(axis, new Units.Fixed("its weights are packed", true));
            }
        }
        return made;
    }

    void set(String value, int[]... channels) {
        if (!value.isEmpty()) {
            axes.put(value, channels);
        }
    }

    boolean isWeight(String value) {
        return network.weights().containsKey(value);
    }

    List<Dimension> shape(String value) {
        Value known = shapes.get(value);
        return known == null ? null : known.shape();
    }

    /** The size of an axis, or -1. */
    long size(String value, int axis) {
        List<Dimension> shape = shape(value);
        return shape == null || axis >= shape.size() ? -1 : shape.get(axis).size();
    }

    /** The elements of a constant of integers, or null. */
    long[] integers(String value) {
        Tensor weight = network.weights().get(value);
        boolean whole = weight != null && (weight.type() == ElementType.INT64 || weight.type() == ElementType.INT32);
        return whole ? weight.toLongArray() : null;
    }

    List<Node> consumers(String value) {
        return consumers.getOrDefault(value, List.of());
    }

    /** Joins two axes place by place; when one of them has no channels, the other stays as it is. */
    void join(Node node, int[] left, int[] right) {
        if (left != null && right != null && left.length == right.length) {
            units.join(left, right);
        } else {
            Units.Fixed why = left != null && right != null ? odd(node) : beside(node);
            fix(left, why);
            fix(right, why);
        }
    }

    void fix(int[] channels, Units.Fixed why) {
        if (channels != null) {
            units.fix(channels, why);
        }
    }

    void fixAll(String value, Units.Fixed why) {
        int[][] all = axes(value);
        for (int[] channels : all == null ? new int[0][] : all) {
            fix(channels, why);
        }
    }

    /** Fixes the channels of all axes from one on, because the operator works across them. */
    void fixFrom(Node node, int[][] all, int first) {
        for (int axis = first; axis < all.length; axis++) {
            fix(all[axis], odd(node));
        }
    }

    /** An operator that is not understood: all that goes into it stays. */
    void unknown(Node node) {
        for (String input : node.takes()) {
            fixAll(input, odd(node));
        }
    }

    static Units.Fixed odd(Node node) {
        return new Units.Fixed(
                "operator " + node.label() + " (" + node.op() + ") couples its channels in an unknown way", true);
    }

    static Units.Fixed across(Node node) {
        return new Units.Fixed("operator " + node.label() + " (" + node.op() + ") works across its channels", false);
    }

    private static Units.Fixed beside(Node node) {
        return new Units.Fixed(
                "operator " + node.label() + " (" + node.op() + ") meets it with a value of fixed size", false);
    }

    void rewrite(Node node, Rewrite rewrite) {
        rewrites.put(node.output(), rewrite);
    }

    Rewrite rewrite(Node node) {
        return node.outputs().isEmpty() ? null : rewrites.get(node.output());
    }

    /** Which of several candidates a reshaping takes; remembered, so that another can be tried. */
    int choose(Node node, int[] channels, int candidates) {
        made.add(new Choice(node.output(), channels, candidates));
        return choices.getOrDefault(node.output(), 0) % candidates;
    }

    List<Choice> choices() {
        return made;
    }

    /** These channels are whole attention heads. */
    void heads(int[] channels) {
        heads.add(channels);
    }

    List<int[]> heads() {
        return heads;
    }

    /** Statistics are taken across these channels, so that what stays changes when some go. */
    void statistics(int[] channels) {
        if (channels != null) {
            statistics.add(channels);
        }
    }

    List<int[]> statistics() {
        return statistics;
    }

    /** A layer makes these channels. */
    void producer(String layer, String weight, int[] channels) {
        if (channels != null) {
            producers.add(new Producer(layer, weight, channels));
        }
    }

    List<Producer> producers() {
        return producers;
    }

    Map<String, int[][]> allAxes() {
        return axes;
    }

    /** The layer that makes channels, its weight, and the channels in the order of its outputs. */
    record Producer(String layer, String weight, int[] channels) {}
}
