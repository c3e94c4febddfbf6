package pomona.quantize;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Ranges out of what was seen of activations; each is worked out when it is first asked for. */
final class MeasuredRanges {

    private final Map<String, ObservedRange> observed;
    private final double percentile;
    private final Map<ActivationType, Map<String, ActivationRange>> known = new EnumMap<>(ActivationType.class);

    MeasuredRanges(Map<String, ObservedRange> observed, double percentile) {
        this.observed = observed;
        this.percentile = percentile;
    }

    /** Whether any of the values was there on any record. */
    boolean isSeen() {
        return observed.values().stream().anyMatch(ObservedRange::isSeen);
    }

    /** Whether a value was the same number everywhere on all records. */
    boolean isConstant(String value) {
        ObservedRange range = observed.get(value);
        return range != null && range.isConstant();
    }

    /** The ranges of some of the values, to be represented in integers of that type. */
    Map<String, ActivationRange> of(Set<String> values, ActivationType type) {
        Map<String, ActivationRange> ranges = known.computeIfAbsent(type, t -> new ConcurrentHashMap<>());
        List.copyOf(values).parallelStream()
                .forEach(value ->
                        ranges.computeIfAbsent(value, name -> observed.get(name).range(type, percentile)));
        Map<String, ActivationRange> asked = new LinkedHashMap<>();
        values.forEach(value -> asked.put(value, ranges.get(value)));
        return asked;
    }
}
