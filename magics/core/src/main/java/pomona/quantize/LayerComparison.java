package pomona.quantize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.djl.RuntimeSession;
import pomona.evaluate.Activations;
import pomona.evaluate.MeasuredRecords;
import pomona.evaluate.PaddingMask;
import pomona.graph.Network;
import pomona.graph.ShapeInference;
import pomona.graph.Step;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Compares values inside a quantized network with those of the network of floats, on data. */
final class LayerComparison {

    /** Techniques that divide channels by factors which the next layer's weights take back. */
    private static final Set<String> RESCALING = Set.of("CrossLayerEqualization", "SmoothQuant", "AwqQuantization");

    private final Network before;
    private final Network after;
    private final boolean rescaled;

    LayerComparison(Network before, Network after) {
        this.before = before;
        this.after = after;
        this.rescaled = isRescaled(before, after);
    }

    /** Whether a step that the quantized network has more may have rescaled channels. */
    static boolean isRescaled(Network before, Network after) {
        return after.provenance().stream()
                .filter(step -> !before.provenance().contains(step))
                .anyMatch(LayerComparison::rescales);
    }

    private static boolean rescales(Step step) {
        String smooth = step.options().getOrDefault("smooth", "0.0");
        return RESCALING.contains(step.name())
                || step.options().getOrDefault("equalize", "false").equals("true")
                || !Set.of("0.0", "0").contains(smooth);
    }

    /**
     * The ratio of signal to noise in decibels of each value of the network of floats; NaN where the values can not be
     * compared.
     *
     * @param values the names of values in the network of floats, with those in the quantized network
     */
    Map<String, Double> ratios(Map<String, String> values, MeasuredRecords records) {
        Map<String, Value> shapes = ShapeInference.of(after);
        List<Value> outputs = new ArrayList<>();
        Map<String, String> compared = new HashMap<>(values);
        compared.values().removeIf(value -> shapes.get(value) == null);
        compared.values().stream().distinct().forEach(value -> outputs.add(shapes.get(value)));
        if (outputs.isEmpty()) {
            return Map.of();
        }
        Map<String, ChannelErrors> errors = new HashMap<>();
        try (RuntimeSession quantized =
                RuntimeSession.open(after.toBuilder().outputs(outputs).build())) {
            Activations.forEachReal(
                    "compare layers of " + before.name(), before, compared.keySet(), records, (batch, right) -> {
                        Map<String, Tensor> near = quantized.run(batch.feeds());
                        PaddingMask padding = PaddingMask.of(records.mask(), batch);
                        right.forEach((value, wanted) -> {
                            Tensor all = near.get(compared.get(value));
                            List<Tensor> got = records.mask().isEmpty() ? List.of(all) : padding.records(all);
                            ChannelErrors sums = errors.computeIfAbsent(value, v -> new ChannelErrors());
                            for (int i = 0; i < wanted.size(); i++) {
                                sums.add(wanted.get(i), got.get(i));
                            }
                        });
                    });
        }
        Map<String, Double> ratios = new HashMap<>();
        errors.forEach((value, error) -> ratios.put(value, error.decibels(rescaled)));
        return ratios;
    }
}
