package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.djl.RuntimeSession;
import pomona.evaluate.Activations;
import pomona.graph.Network;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;

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
 * @param layers its layers with a weight, in the order of the network
 * @param spared why layers were left in float or got 16 bits, by their names, where measurement found them: {@code
 *     sensitive}, {@code slower as integers}, or {@code no mix is better} where a search for a mix gave the floats
 * @param search what the measurements were
 */
public record QuantizationProfile(
        String before, String after, List<QuantizedLayer> layers, Map<String, String> spared, LayerSearch search) {

    public QuantizationProfile {
        layers = List.copyOf(layers);
        spared = Map.copyOf(spared);
    }

    /** Reads types, ranges and bytes, and runs nothing: signal-to-noise ratios are NaN. */
    public static QuantizationProfile of(Network before, Network after) {
        QuantizedLayers found = new QuantizedLayers(before, after);
        return new QuantizationProfile(
                before.name(),
                after.name(),
                found.names().stream().map(found::layer).toList(),
                spared(found, after),
                LayerSearch.of(after));
    }

    /**
     * Reads types, ranges and bytes, and runs both networks on data to compare what their layers give.
     *
     * @param before the network of floats
     * @param after what quantization made of it, by any scheme
     * @param data records to run
     * @param records how many of them, 1 or more
     * @throws IllegalArgumentException if the data does not fit the networks
     */
    public static QuantizationProfile of(Network before, Network after, RandomAccessDataset data, int records) {
        QuantizedLayers found = new QuantizedLayers(before, after);
        Map<String, String> outputs = new HashMap<>();
        for (String name : found.names()) {
            String output = found.output(name);
            if (output != null) {
                outputs.put(name, output);
            }
        }
        Map<String, Double> ratios = ratios(before, after, new LinkedHashSet<>(outputs.values()), data, records);
        List<QuantizedLayer> layers = new ArrayList<>();
        for (String name : found.names()) {
            layers.add(found.layer(name).withSqnr(ratios.getOrDefault(outputs.get(name), Double.NaN)));
        }
        return new QuantizationProfile(
                before.name(), after.name(), layers, spared(found, after), LayerSearch.of(after));
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

    private static Map<String, Double> ratios(
            Network before, Network after, Set<String> values, RandomAccessDataset data, int records) {
        Map<String, Value> shapes = ShapeInference.of(after);
        List<Value> outputs = values.stream().map(shapes::get).toList();
        Map<String, Double> signal = new HashMap<>();
        Map<String, Double> noise = new HashMap<>();
        if (outputs.isEmpty()) {
            return Map.of();
        }
        try (RuntimeSession quantized =
                RuntimeSession.open(after.toBuilder().outputs(outputs).build())) {
            Activations.forEachBatch(
                    "compare layers of " + before.name(), before, values, data, records, (batch, right) -> {
                        Map<String, Tensor> near = quantized.run(batch.feeds());
                        right.forEach((value, tensor) -> {
                            float[] wanted = tensor.toFloatArray();
                            float[] got = near.get(value).toFloatArray();
                            signal.merge(value, SignalToNoise.power(wanted), Double::sum);
                            noise.merge(value, SignalToNoise.difference(wanted, got), Double::sum);
                        });
                    });
        }
        Map<String, Double> ratios = new HashMap<>();
        signal.forEach((value, power) -> ratios.put(value, SignalToNoise.decibels(power, noise.get(value))));
        return ratios;
    }
}
