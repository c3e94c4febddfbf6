package pomona.quantize;

import java.util.List;
import pomona.graph.Attribute;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * One range, symmetric about zero, for each row or image of a value: integer sums are exact, so that a result is the same
 * to the last bit alone and in any batch.
 *
 * @param opset the operator set to write in
 */
record SampleRange(long opset) implements RangeWriter {

    /** The first operator set whose reductions, but for sums, take axes as an input. */
    private static final long AXES_AS_INPUT = 18;

    private static final float LARGEST = 127;

    @Override
    public QuantizedInput quantize(String value, long[] axes, GraphDraft draft) {
        return draft.once(List.of("input", value, axes.length), QuantizedInput.class, () -> {
            String size = draft.add("Abs", value + ".size", value);
            String largest = largest(value, size, axes, draft);
            // A row of zeros has this scale instead of 0.
            String least = constant("scale.least", QuantizedWeight.SMALLEST_SCALE, draft);
            String steps = constant("scale.steps", LARGEST, draft);
            String range = draft.add("Max", value + ".range", largest, least);
            String scale = draft.add("Div", value + ".scale", range, steps);
            String scaled = draft.add("Div", value + ".steps", value, scale);
            String one = constant("scale.one", 1, draft);
            String middle = DynamicWeights.middle(draft);
            String bytes = draft.add("QuantizeLinear", value + ".uint8", scaled, one, middle);
            return new QuantizedInput(bytes, scale, middle);
        });
    }

    private String largest(String value, String size, long[] axes, GraphDraft draft) {
        String largest = draft.value(value + ".largest");
        Node node = Node.of("ReduceMax", draft.node(largest), List.of(size), largest)
                .with("keepdims", Attribute.of(1));
        if (opset < AXES_AS_INPUT) {
            node = node.with("axes", Attribute.ofInts(axes));
        } else {
            node = node.withInputs(List.of(size, draft.weight(value + ".axes", Tensor.ofLongs(axes, axes.length))));
        }
        draft.add(node);
        return largest;
    }

    @Override
    public void rescale(
            String sum, QuantizedInput input, String weightScale, String output, String base, GraphDraft draft) {
        String cast = BatchRange.toFloat(sum, base, draft);
        String columns = draft.add("Mul", base + ".columns", cast, weightScale);
        draft.add(Node.of("Mul", draft.node(base + ".rescale"), List.of(columns, input.scale()), output));
    }

    private static String constant(String name, float value, GraphDraft draft) {
        return draft.once(List.of("constant", name), String.class, () -> draft.weight(name, Tensor.scalar(value)));
    }
}
