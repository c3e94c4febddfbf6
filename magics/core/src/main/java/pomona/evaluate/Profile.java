package pomona.evaluate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import pomona.djl.OperatorTimes;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * Where a network's parameters, bytes, work and time lie, layer by layer.
 *
 * <p>Layers are those that people see: a product with its bias is one linear layer, an attention with its projections is
 * one, and so are a layer normalization or an activation that an exporter wrote as several operators. All but the time is
 * counted from the graph, for sizes of its symbols (batch, sequence) that are 1 unless they are given.
 *
 * @param network the network's name
 * @param layers the layers in the order of the operators
 * @param sizes what the sizes that the inputs leave open were counted as, by their symbols
 * @param assumed the symbols among them that no size was given for
 */
public record Profile(String network, List<Layer> layers, Map<String, Long> sizes, Set<String> assumed) {

    /**
     * One layer: an operator with what belongs to it, such as a product with its bias, scales and casts.
     *
     * @param name the name of its main operator, or what the names of its operators have in common
     * @param operator its main operator, or what it is as a whole: Attention, LayerNormalization, Gelu, Swish
     * @param outputShape the shape it gives, such as {@code [batch, 300]}
     * @param parameters the number of its parameters; parameters that several layers share count in the first
     * @param nonZeros the number of its parameters that are not zero
     * @param macs its multiply-accumulates, or -1 when a shape is unknown
     * @param bytes the bytes of its weights, scales and constants
     * @param activationBytes the bytes of all values that its operators make, or -1 when a shape is unknown
     * @param microseconds the time of a run, or NaN when none was measured
     */
    public record Layer(
            String name,
            String operator,
            List<Dimension> outputShape,
            long parameters,
            long nonZeros,
            long macs,
            long bytes,
            long activationBytes,
            double microseconds) {

        public Layer {
            outputShape = outputShape == null ? null : List.copyOf(outputShape);
        }

        /** The shape as text; {@code ?} when nothing is known of it. */
        public String shapeText() {
            return outputShape == null
                    ? "?"
                    : outputShape.stream().map(Dimension::toString).collect(Collectors.joining(", ", "[", "]"));
        }

        /** The share of parameters that are zero, 0 to 1; 0 when there are no parameters. */
        public double sparsity() {
            return parameters == 0 ? 0 : 1 - (double) nonZeros / parameters;
        }
    }

    public Profile {
        layers = List.copyOf(layers);
        sizes = Collections.unmodifiableMap(new LinkedHashMap<>(sizes));
        assumed = Set.copyOf(assumed);
    }

    /** Profiles a network with every symbol counting as 1. */
    public static Profile of(Network network) {
        return of(network, Map.of());
    }

    /**
     * Profiles a network.
     *
     * @param sizes the sizes of symbols, such as batch and sequence; others count as 1
     * @throws IllegalArgumentException if the inputs have no such symbol, or a size is less than 1
     */
    public static Profile of(Network network, Map<String, ? extends Number> sizes) {
        Map<String, Long> whole = new HashMap<>();
        sizes.forEach((symbol, size) -> whole.put(symbol, whole(symbol, size)));
        check(network, whole);
        return count(network, whole, Map.of());
    }

    /**
     * Profiles a network, and measures on ONNX Runtime how long each layer takes.
     *
     * @param feeds a tensor for each input, by name; they give the symbols their sizes
     * @param runs how many runs to take the middle half of, 1 or more
     * @throws IllegalArgumentException if ONNX Runtime refuses the network or the feeds
     */
    public static Profile measure(Network network, Map<String, Tensor> feeds, int runs) {
        int threads = Runtime.getRuntime().availableProcessors();
        return count(network, sizes(network, feeds), OperatorTimes.measure(network, feeds, runs, threads));
    }

    /** The sizes of symbols that tensors have, one for each input by name. */
    static Map<String, Long> sizes(Network network, Map<String, Tensor> feeds) {
        Map<String, Long> sizes = new HashMap<>();
        for (Value input : network.signature().inputs()) {
            Tensor fed = feeds.get(input.name());
            for (int i = 0; fed != null && input.shape() != null && i < fed.rank(); i++) {
                String symbol = i < input.shape().size() ? input.shape().get(i).symbol() : "";
                if (!symbol.isEmpty()) {
                    sizes.put(symbol, fed.dim(i));
                }
            }
        }
        return sizes;
    }

    private static long whole(String symbol, Number size) {
        if (size.doubleValue() != size.longValue()) {
            throw new IllegalArgumentException("Size " + symbol + " is " + size + ", but it must be a whole number.");
        }
        return size.longValue();
    }

    /** The symbols of the inputs, in their order. */
    private static Set<String> symbols(Network network) {
        Set<String> symbols = new LinkedHashSet<>();
        for (Value input : network.signature().inputs()) {
            if (input.shape() != null) {
                input.shape().stream()
                        .map(Dimension::symbol)
                        .filter(s -> !s.isEmpty())
                        .forEach(symbols::add);
            }
        }
        return symbols;
    }

    private static void check(Network network, Map<String, Long> sizes) {
        Set<String> symbols = new TreeSet<>(symbols(network));
        sizes.forEach((symbol, size) -> {
            if (!symbols.contains(symbol)) {
                throw new IllegalArgumentException("Network " + network.name() + " has no size " + symbol + "; it has "
                        + (symbols.isEmpty() ? "none" : String.join(", ", symbols)) + ".");
            }
            if (size < 1) {
                throw new IllegalArgumentException("Size " + symbol + " is " + size + ", but it must be 1 or more.");
            }
        });
    }

    private static Profile count(Network network, Map<String, Long> sizes, Map<String, Double> times) {
        LayerCounter counter = new LayerCounter(network, symbol -> sizes.getOrDefault(symbol, 1L), times);
        List<Layer> layers = new ArrayList<>();
        for (LayerList.Entry entry : LayerList.of(network)) {
            layers.add(counter.count(entry));
        }
        layers.addAll(counter.rest());
        Map<String, Long> counted = new LinkedHashMap<>();
        Set<String> assumed = symbols(network);
        assumed.forEach(symbol -> counted.put(symbol, sizes.getOrDefault(symbol, 1L)));
        assumed.removeAll(sizes.keySet());
        return new Profile(network.name(), layers, counted, assumed);
    }

    /**
     * What the layers were counted at, such as {@code at sequence 50, batch 1 by default}: the sizes that were given, then
     * those that were not; empty when the inputs leave no size open.
     */
    public String sizesText() {
        String given = sizes(symbol -> !assumed.contains(symbol));
        String rest = sizes(assumed::contains);
        String both = given + (given.isEmpty() || rest.isEmpty() ? "" : ", ") + rest;
        return both.isEmpty() ? "" : "at " + both + (rest.isEmpty() ? "" : " by default");
    }

    private String sizes(Predicate<String> which) {
        return sizes.entrySet().stream()
                .filter(size -> which.test(size.getKey()))
                .map(size -> size.getKey() + " " + size.getValue())
                .collect(Collectors.joining(", "));
    }

    /** The parameters of all layers. */
    public long parameters() {
        return layers.stream().mapToLong(Layer::parameters).sum();
    }

    /** The parameters of all layers that are not zero. */
    public long nonZeros() {
        return layers.stream().mapToLong(Layer::nonZeros).sum();
    }

    /** The multiply-accumulates of all layers, or -1 when those of one are unknown. */
    public long macs() {
        return sum(Layer::macs);
    }

    /** The bytes of all weights. */
    public long bytes() {
        return layers.stream().mapToLong(Layer::bytes).sum();
    }

    /** The bytes of all values that operators make, or -1 when those of one are unknown. */
    public long activationBytes() {
        return sum(Layer::activationBytes);
    }

    /** The time of a run in all layers, or NaN when none was measured. */
    public double microseconds() {
        return isMeasured()
                ? layers.stream()
                        .mapToDouble(Layer::microseconds)
                        .filter(t -> !Double.isNaN(t))
                        .sum()
                : Double.NaN;
    }

    /** Whether times were measured. */
    public boolean isMeasured() {
        return layers.stream().anyMatch(layer -> !Double.isNaN(layer.microseconds()));
    }

    private long sum(ToLongFunction<Layer> value) {
        return layers.stream().anyMatch(layer -> value.applyAsLong(layer) < 0)
                ? -1
                : layers.stream().mapToLong(value).sum();
    }
}
