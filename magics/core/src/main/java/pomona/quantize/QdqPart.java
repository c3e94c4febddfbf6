package pomona.quantize;

import java.util.Map;

/**
 * The layers of one width, with the ranges of what becomes integers for them.
 *
 * @param plan which layers and values
 * @param ranges the ranges of the values that others have theirs from
 */
record QdqPart(QdqPlan plan, Map<String, ActivationRange> ranges) {

    /** The range of a value that becomes integers. */
    ActivationRange range(String value) {
        return ranges.get(plan.sources().get(value));
    }
}
