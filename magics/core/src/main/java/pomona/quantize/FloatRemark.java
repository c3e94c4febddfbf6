package pomona.quantize;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.graph.Network;

/** What there is to say of weights that a quantization leaves as floats: who takes them, or what to do with them next. */
final class FloatRemark {

    /** The methods that take what an operator multiplies with or looks up. */
    static final Map<String, List<String>> METHODS = Map.of(
            "Conv", List.of("static", "weight-only with 8 bits", "weight-sharing"),
            "ConvTranspose", List.of("weight-only with 8 bits"),
            "Gemm", List.of("dynamic", "static", "weight-only"),
            "MatMul", List.of("dynamic", "static", "weight-only"),
            "Gather", List.of("weight-only"),
            "LSTM", List.of("dynamic", "float16"),
            "GRU", List.of("float16"),
            "RNN", List.of("float16"));

    /** Operators with less of what stays float than this are not named. */
    private static final double WORTH_TELLING = 0.05;

    private FloatRemark() {}

    /**
     * A sentence, where weights were rounded and are stored as floats, or where more than half of the bytes stay float in layers
     * that no choice and no measurement left so.
     *
     * @param after what the profile is of
     */
    static Optional<String> of(QuantizationProfile profile, Network after) {
        Optional<QuantizedLayer> rounded = profile.layers().stream()
                .filter(layer -> isFloat(layer) && layer.code().bits() > 0)
                .findFirst();
        return rounded.isPresent()
                ? rounded.map(layer ->
                        "The weights lie on the levels of " + layer.code().bits()
                                + " bits and are still stored as floats; static or weight-only quantization of this network stores"
                                + " them as integers.")
                : remainder(profile, after);
    }

    private static Optional<String> remainder(QuantizationProfile profile, Network after) {
        Map<String, Long> bytes = new LinkedHashMap<>();
        for (QuantizedLayer layer : profile.layers()) {
            if (isFloat(layer) && !SparedLayers.isMeasured(profile.spared().getOrDefault(layer.layer(), ""))) {
                bytes.merge(layer.operator(), layer.bytesBefore(), Long::sum);
            }
        }
        long all = bytes.values().stream().mapToLong(Long::longValue).sum();
        boolean any = profile.layers().stream().anyMatch(layer -> !isFloat(layer));
        if (!any || 2 * all <= profile.bytesBefore() || isChosen(after)) {
            return Optional.empty();
        }
        String operators = bytes.entrySet().stream()
                .filter(entry -> entry.getValue() > WORTH_TELLING * all)
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .map(entry -> entry.getKey() + takers(entry.getKey()))
                .collect(Collectors.joining(", and of "));
        return Optional.of(String.format(
                Locale.ROOT,
                "%.0f %% of the weights' bytes stay float, those of %s.",
                100.0 * all / profile.bytesBefore(),
                operators));
    }

    private static boolean isFloat(QuantizedLayer layer) {
        return !layer.isQuantized() && layer.activation() == null;
    }

    /** Whether the last step was told which layers to take. */
    private static boolean isChosen(Network after) {
        if (after.provenance().isEmpty()) {
            return false;
        }
        Map<String, String> options =
                after.provenance().get(after.provenance().size() - 1).options();
        return !options.getOrDefault("layers", "*").equals("*")
                || !Set.of("0", "none").contains(options.getOrDefault("keepFloat", "none"));
    }

    private static String takers(String operator) {
        List<String> methods = METHODS.getOrDefault(operator, List.of());
        int last = methods.size() - 1;
        return switch (methods.size()) {
            case 0 -> "";
            case 1 -> " (taken by " + methods.get(0) + ")";
            default -> " (taken by " + String.join(", ", methods.subList(0, last)) + " and " + methods.get(last) + ")";
        };
    }
}
