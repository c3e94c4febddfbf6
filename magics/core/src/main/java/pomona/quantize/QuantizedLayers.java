package pomona.quantize;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Constants;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.NearestNames;

/** Finds the layers of a network of floats in what a quantization made of it: by what they give, or by their names. */
final class QuantizedLayers {

    private final Network before;
    private final Network after;
    private final ConstantParts partsAfter;
    private final LayerTrace trace;
    private final AskedBits asked;
    private final Map<String, WeightedLayer> layers;
    private final Map<String, LayerTrace.Found> found = new LinkedHashMap<>();
    private final Map<String, Long> bytesBefore = new LinkedHashMap<>();
    private final Map<String, Long> bytesAfter = new LinkedHashMap<>();

    QuantizedLayers(Network before, Network after) {
        this.before = Constants.lift(before);
        this.after = Constants.lift(after);
        this.asked = AskedBits.of(before, after);
        this.layers = WeightedLayer.of(this.before);
        this.partsAfter = new ConstantParts(this.after);
        this.trace = new LayerTrace(this.before, this.after, partsAfter);
        ConstantParts partsBefore = new ConstantParts(this.before);
        Set<String> countedBefore = new HashSet<>();
        Set<String> countedAfter = new HashSet<>();
        for (WeightedLayer layer : layers.values()) {
            LayerTrace.Found became = trace.find(layer);
            found.put(layer.name(), became);
            bytesBefore.put(layer.name(), bytes(partsBefore.under(layer.node().inputs()), countedBefore));
            bytesAfter.put(layer.name(), became == null ? 0 : bytes(became.constants(), countedAfter));
        }
    }

    /** The bytes of what no other layer has counted. */
    private static long bytes(Map<String, Tensor> constants, Set<String> counted) {
        return constants.entrySet().stream()
                .filter(constant -> counted.add(constant.getKey()))
                .mapToLong(constant -> constant.getValue().bytes())
                .sum();
    }

    Set<String> names() {
        return layers.keySet();
    }

    /** What became of a layer, without its signal-to-noise ratio. */
    QuantizedLayer layer(String name) {
        WeightedLayer layer = weighted(name);
        LayerTrace.Found became = found.get(name);
        StoredWeight stored = became == null ? null : StoredWeight.of(became, after, partsAfter);
        QuantizedLayer plain = QuantizedLayer.of(
                name,
                layer.node().op(),
                stored == null ? before.weight(layer.weight()).type() : stored.type(),
                stored == null ? WeightCode.FLOATS : stored.code(),
                bytesBefore.get(name),
                bytesAfter.get(name));
        if (became == null) {
            return plain;
        }
        boolean changed = stored != null
                && !before.weight(layer.weight()).equals(after.weights().get(stored.direct()));
        return asked.of(new InputQuantizer(after, trace).describe(plain, became, stored), changed);
    }

    /** The name of a layer's weight in the network of floats. */
    String weightName(String name) {
        return weighted(name).weight();
    }

    /** The operator of a layer in the network of floats. */
    Node operatorBefore(String name) {
        return weighted(name).node();
    }

    /** The operators that a layer became, with those that only prepare its inputs; none when it is gone. */
    List<Node> operatorsAfter(String name) {
        weighted(name);
        LayerTrace.Found became = found.get(name);
        return became == null ? List.of() : became.operators();
    }

    /** The name of a layer's input in the network of floats. */
    String input(String name) {
        return weighted(name).input();
    }

    /** The name of what is quantized for a layer in the quantized network; null when nothing is. */
    String quantizedInput(String name) {
        weighted(name);
        LayerTrace.Found became = found.get(name);
        return became == null || became.quantizer() == null
                ? null
                : became.quantizer().input(0);
    }

    /**
     * The name in the network of floats of what a layer gives, if need be behind the normalization or addition that was
     * folded into it; null when the quantized network has no such value.
     */
    String output(String name) {
        return trace.output(weighted(name));
    }

    /** The name of a value of the network of floats in the quantized network. */
    String counterpart(String value) {
        return trace.counterpart(value);
    }

    private WeightedLayer weighted(String name) {
        WeightedLayer layer = layers.get(name);
        if (layer == null) {
            throw new IllegalArgumentException(
                    "Network " + before.name() + " has no layer " + name + NearestNames.suggest(name, layers.keySet()));
        }
        return layer;
    }
}
