package pomona.graph;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a network takes and gives.
 *
 * @param inputs the values a caller feeds, weights excluded
 * @param outputs the values a caller gets
 */
public record Signature(List<Value> inputs, List<Value> outputs) {

    public Signature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** For example {@code (image float[batch,784]) -> (logits float[batch,10])}. */
    @Override
    public String toString() {
        return list(inputs) + " -> " + list(outputs);
    }

    private static String list(List<Value> values) {
        return values.stream().map(Value::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
