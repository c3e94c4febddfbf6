package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.Attribute;
import pomona.graph.Constants;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * What quantization did to a network, layer by layer: types, ranges, bytes, and the error of what each layer gives.
 *
 * <pre>{@code
 * for (QuantizedLayer layer : QuantizationProfile.of(lenet, small, images, 100).layers()) {
 *     System.out.println(layer.layer() + " " + layer.weight() + " " + layer.sqnr() + " dB");
 * }
 * }</pre>
 *
 * @param before the name of the network of floats
 * @param after the name of the quantized network
 * @param layers its layers with a weight, in the order of the network: products, convolutions, tables of embeddings and
 *     recurrent layers; then those in branches and bodies, whose signal-to-noise ratios are not measured; of two with the
 *     same name, the one inside has where it is in front of it
 * @param spared why layers were left in float or got 16 bits, by their names, where measurement found them ({@code
 *     sensitive}, {@code slower as integers}, or {@code no mix is better} where a search for a mix gave the floats), or where
 *     they had to stay
 * @param bytesBefore the bytes of all weights of the network of floats, those inside of branches and loops included
 * @param bytesAfter the bytes of all weights of the quantized network
 * @param search what the measurements were that found layers to spare
 * @param remark a sentence on weights that are still floats: on the operators that the technique does not take, and which one
 *     does, where they hold more than half of the bytes and no option or measurement spared them; or on what to do with weights
 *     that were rounded to few levels; empty otherwise
 */
public record QuantizationProfile(
        String before,
        String after,
        List<QuantizedLayer> layers,
        Map<String, String> spared,
        long bytesBefore,
        long bytesAfter,
        LayerSearch search,
        String remark) {

    public QuantizationProfile {
        layers = List.copyOf(layers);
        spared = Map.copyOf(spared);
    }

    /** Reads types, ranges and bytes, and runs nothing: signal-to-noise ratios are NaN. */
    public static QuantizationProfile of(Network before, Network after) {
        return of(before, after, new QuantizedLayers(before, after), Map.of());
    }

    /**
     * Reads types, ranges and bytes, and runs both networks on data to compare what their layers give. Where the scheme
     * rescaled channels and the weights of the next layer take that back, it is taken back here too before comparing.
     *
     * @param before the network of floats
     * @param after what quantization made of it, by any scheme
     * @param data records to run
     * @param records how many of them, 1 or more
     * @throws IllegalArgumentException if the data does not fit the networks
     */
    public static QuantizationProfile of(Network before, Network after, RandomAccessDataset data, int records) {
        return of(before, after, new MeasuredRecords(data, records));
    }

    /**
     * Reads types, ranges and bytes, and runs both networks on data to compare what their layers give where records are not
     * padded.
     *
     * @throws IllegalArgumentException if the data does not fit the networks, or they do not take the mask
     */
    public static QuantizationProfile of(Network before, Network after, MeasuredRecords records) {
        QuantizedLayers found = new QuantizedLayers(before, after);
        Map<String, String> outputs = new LinkedHashMap<>();
        for (String name : found.names()) {
            String output = found.output(name);
            if (output != null) {
                outputs.put(output, found.counterpart(output));
            }
        }
        Map<String, Double> ratios = new LayerComparison(before, after).ratios(outputs, records);
        return of(before, after, found, ratios);
    }

    private static QuantizationProfile of(
            Network before, Network after, QuantizedLayers found, Map<String, Double> ratios) {
        List<QuantizedLayer> layers = new ArrayList<>();
        for (String name : found.names()) {
            layers.add(found.layer(name).withSqnr(ratios.getOrDefault(found.output(name), Double.NaN)));
        }
        Map<String, String> spared = spared(found, after);
        addInner(before, after, layers, spared);
        QuantizationProfile profile = new QuantizationProfile(
                before.name(),
                after.name(),
                layers,
                spared,
                bytes(before.graph()),
                bytes(after.graph()),
                LayerSearch.of(after),
                "");
        return profile.with(FloatRemark.of(profile, after).orElse(""));
    }

    private QuantizationProfile with(String newRemark) {
        return new QuantizationProfile(before, after, layers, spared, bytesBefore, bytesAfter, search, newRemark);
    }

    /** Adds the layers inside branches and bodies. */
    private static void addInner(
            Network before, Network after, List<QuantizedLayer> layers, Map<String, String> spared) {
        Map<String, InnerGraph> now = new HashMap<>();
        InnerGraph.of(after).forEach(graph -> now.put(graph.path(), graph));
        Map<String, String> told = SparedLayers.reasons(after);
        Set<String> names = new HashSet<>();
        layers.forEach(layer -> names.add(layer.layer()));
        Set<String> weights = new HashSet<>();
        for (InnerGraph graph : InnerGraph.of(before)) {
            InnerGraph changed = now.get(graph.path());
            if (graph.isWhole() || changed == null) {
                continue;
            }
            QuantizedLayers found = new QuantizedLayers(Constants.lift(graph.network()), changed.network());
            for (String name : found.names()) {
                String weight = found.weightName(name);
                // A weight from outside comes once, as one that several layers of a graph take.
                if (!weights.add(graph.owners().getOrDefault(weight, graph.path()) + " " + weight)) {
                    continue;
                }
                String free = names.add(name) ? name : graph.path() + name;
                layers.add(found.layer(name).named(free));
                if (told.containsKey(free)) {
                    spared.put(free, told.get(free));
                }
            }
        }
    }

    /** All weights of a graph, those of its sub-graphs and Constant operators included. */
    private static long bytes(Graph graph) {
        long bytes = graph.weights().values().stream().mapToLong(Tensor::bytes).sum();
        for (Node node : graph.nodes()) {
            Tensor constant = Constants.valueOf(node);
            bytes += constant == null ? 0 : constant.bytes();
            for (Attribute attribute : node.attributes().values()) {
                bytes += attribute instanceof Attribute.Subgraph inner ? bytes(inner.value()) : 0;
            }
        }
        return bytes;
    }

    /** Steps of provenance name layers or their weights. */
    private static Map<String, String> spared(QuantizedLayers found, Network after) {
        Map<String, String> told = SparedLayers.reasons(after);
        Map<String, String> spared = new HashMap<>();
        for (String name : found.names()) {
            String reason = told.getOrDefault(name, told.get(found.weightName(name)));
            if (reason != null) {
                spared.put(name, reason);
            }
        }
        return spared;
    }
}
