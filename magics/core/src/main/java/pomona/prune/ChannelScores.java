package pomona.prune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.structure.Coupling;
import pomona.structure.UnitGroup;

/** Scores every channel by what its weights are. */
final class ChannelScores {

    private static final Set<String> RECURRENT = Set.of("LSTM", "GRU", "RNN");

    private final Coupling coupling;
    private final Network network;

    ChannelScores(Coupling coupling) {
        this.coupling = coupling;
        this.network = coupling.network();
    }

    /** The weights that make and read channels: those of layers, without biases and normalizations. */
    Set<String> layerWeights() {
        Set<String> names = new LinkedHashSet<>();
        LayerWeight.of(network).forEach(weight -> names.add(weight.name()));
        for (Node node : network.nodes()) {
            if (node.domain().isEmpty() && RECURRENT.contains(node.op())) {
                names.add(node.input(1));
                names.add(node.input(2));
            }
        }
        names.retainAll(network.weights().keySet());
        return names;
    }

    Map<Integer, Double> magnitudes() {
        return means(layerWeights(), Math::abs, x -> x);
    }

    Map<Integer, Double> roots() {
        return means(layerWeights(), x -> x * x, Math::sqrt);
    }

    /** Channels that go through no batch normalization have no score. */
    Map<Integer, Double> batchNormScales() {
        Set<String> scales = new LinkedHashSet<>();
        network.nodes().stream()
                .filter(node ->
                        node.is("BatchNormalization") && network.weights().containsKey(node.input(1)))
                .forEach(node -> scales.add(node.input(1)));
        return means(scales, Math::abs, x -> x);
    }

    static Map<Integer, Double> random(List<UnitGroup> groups, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Integer, Double> scores = new HashMap<>();
        groups.forEach(group -> group.units().forEach(unit -> scores.put(unit, random.nextDouble())));
        return scores;
    }

    private Map<Integer, Double> means(Set<String> weights, DoubleUnaryOperator each, DoubleUnaryOperator end) {
        ChannelMeans means = new ChannelMeans();
        for (String weight : weights) {
            Tensor tensor = network.weight(weight);
            float[] values = tensor.toFloatArray();
            means.add(coupling.channels(weight), tensor.shape(), i -> each.applyAsDouble(values[i]));
        }
        Map<Integer, Double> scores = new HashMap<>();
        means.means().forEach((channel, mean) -> scores.put(channel, end.applyAsDouble(mean)));
        return scores;
    }

    /** The sum of the distances of a channel's filters to those of all others of its layers. */
    Map<Integer, Double> distances(List<UnitGroup> groups) {
        Map<Integer, Double> scores = new HashMap<>();
        for (UnitGroup group : groups) {
            for (String weight : group.weights()) {
                Map<Integer, float[]> filters = filters(group, weight);
                List<Integer> units = new ArrayList<>(filters.keySet());
                double[] sums = IntStream.range(0, units.size())
                        .parallel()
                        .mapToDouble(i -> units.stream()
                                .mapToDouble(other -> distance(filters.get(units.get(i)), filters.get(other)))
                                .sum())
                        .toArray();
                for (int i = 0; i < sums.length; i++) {
                    scores.merge(units.get(i), sums[i], Double::sum);
                }
            }
        }
        return scores;
    }

    private static double distance(float[] left, float[] right) {
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            double difference = left[i] - right[i];
            sum += difference * difference;
        }
        return Math.sqrt(sum);
    }

    /** What makes each channel of a group in one weight, laid out one place after the other. */
    private Map<Integer, float[]> filters(UnitGroup group, String weight) {
        Tensor tensor = network.weight(weight);
        float[] values = tensor.toFloatArray();
        int axis = outputAxis(weight);
        int[] channels = coupling.channels(weight)[axis];
        int inner = 1;
        for (int i = axis + 1; i < tensor.rank(); i++) {
            inner *= Math.toIntExact(tensor.dim(i));
        }
        Map<Integer, int[]> places = new HashMap<>();
        for (int i = 0; i < channels.length; i++) {
            places.merge(channels[i], new int[] {i}, ChannelScores::join);
        }
        Map<Integer, float[]> filters = new HashMap<>();
        int outer = values.length / inner / channels.length;
        for (int unit : group.units()) {
            int[] own = places.getOrDefault(unit, new int[0]);
            float[] filter = new float[own.length * inner * outer];
            for (int i = 0, to = 0; i < own.length; i++) {
                for (int o = 0; o < outer; o++, to += inner) {
                    System.arraycopy(values, (o * channels.length + own[i]) * inner, filter, to, inner);
                }
            }
            if (own.length > 0) {
                filters.put(unit, filter);
            }
        }
        return filters;
    }

    private int outputAxis(String weight) {
        return LayerWeight.of(network).stream()
                .filter(layer -> layer.name().equals(weight))
                .mapToInt(LayerWeight::outputAxis)
                .findFirst()
                .orElse(1);
    }

    private static int[] join(int[] left, int[] right) {
        int[] both = Arrays.copyOf(left, left.length + right.length);
        System.arraycopy(right, 0, both, left.length, right.length);
        return both;
    }
}
