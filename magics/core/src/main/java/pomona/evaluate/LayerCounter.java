package pomona.evaluate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import pomona.evaluate.Profile.Layer;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.ParameterCount;
import pomona.graph.Parameters;
import pomona.graph.ShapeInference;
import pomona.graph.Value;

/** Counts the layers of a network one after the other; what was counted in one does not count in the next. */
final class LayerCounter {

    /** Operators that show the bytes of their input in another shape. */
    private static final Set<String> VIEWS =
            Set.of("Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Dropout", "Constant", "Shape");

    private final Network network;
    private final Map<String, Value> shapes;
    private final Map<String, ParameterCount> parameters;
    private final Map<String, Double> times;
    private final Macs macs;
    private final Set<String> counted = new HashSet<>();
    private final Set<String> timed = new HashSet<>();

    /**
     * @param symbols the sizes that symbols stand for
     * @param times microseconds by an operator's first output; empty when none were measured
     */
    LayerCounter(Network network, ToLongFunction<String> symbols, Map<String, Double> times) {
        this.network = network;
        this.shapes = ShapeInference.of(network);
        this.parameters = Parameters.counts(network);
        this.times = times;
        this.macs = new Macs(shapes, symbols);
    }

    Layer count(LayerList.Entry entry) {
        Set<String> weights = new LinkedHashSet<>();
        long work = 0;
        long activations = 0;
        double time = times.isEmpty() ? Double.NaN : 0;
        for (Node node : entry.nodes()) {
            node.inputs().stream()
                    .filter(input -> network.weights().containsKey(input) && counted.add(input))
                    .forEach(weights::add);
            work = plus(work, macs.of(node));
            activations = plus(activations, activationBytes(node));
            if (timed.add(node.output())) {
                time += times.getOrDefault(node.output(), 0.0);
            }
        }
        List<Dimension> shape =
                entry.output().isEmpty() ? null : shapes.get(entry.output()).shape();
        return layer(entry.name(), entry.operator(), shape, work, activations, time, weights);
    }

    /** What is left: weights that no layer uses, and time that belongs to no layer. */
    List<Layer> rest() {
        List<Layer> rest = new ArrayList<>();
        Set<String> unused = new LinkedHashSet<>(network.weights().keySet());
        unused.removeAll(counted);
        if (!unused.isEmpty()) {
            rest.add(layer("(used by no layer)", "", null, 0, 0, Double.NaN, unused));
        }
        double other = times.entrySet().stream()
                .filter(time -> !timed.contains(time.getKey()))
                .mapToDouble(Map.Entry::getValue)
                .sum();
        if (other > 0) {
            rest.add(layer("(of the runtime)", "", null, 0, 0, other, Set.of()));
        }
        return rest;
    }

    private long activationBytes(Node node) {
        long bytes = 0;
        for (String output : node.outputs()) {
            Value value = shapes.get(output);
            boolean made = !output.isEmpty() && !VIEWS.contains(node.op());
            if (made) {
                long elements = value == null || value.type() == null ? -1 : macs.elements(value.shape(), 0);
                bytes = plus(bytes, elements < 0 ? -1 : value.type().bytes(elements));
            }
        }
        return bytes;
    }

    private static long plus(long left, long right) {
        return left < 0 || right < 0 ? -1 : left + right;
    }

    private Layer layer(
            String name,
            String operator,
            List<Dimension> shape,
            long work,
            long activations,
            double time,
            Set<String> weights) {
        long size = 0;
        long nonZeros = 0;
        long bytes = 0;
        for (String weight : weights) {
            bytes += network.weight(weight).bytes();
            ParameterCount count = parameters.getOrDefault(weight, ParameterCount.NONE);
            size += count.size();
            nonZeros += count.nonZeros();
        }
        return new Layer(name, operator, shape, size, nonZeros, work, bytes, activations, time);
    }
}
