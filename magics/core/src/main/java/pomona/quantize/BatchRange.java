package pomona.quantize;

import java.util.List;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Node;

/** One range for all of a value. The operators are those that ONNX Runtime makes one of. */
record BatchRange() implements RangeWriter {

    @Override
    public QuantizedInput quantize(String value, long[] axes, GraphDraft draft) {
        return draft.once(List.of("input", value), QuantizedInput.class, () -> {
            QuantizedInput input = new QuantizedInput(
                    draft.value(value + ".uint8"), draft.value(value + ".scale"), draft.value(value + ".zero"));
            draft.add(Node.of(
                    "DynamicQuantizeLinear",
                    draft.node(input.bytes()),
                    List.of(value),
                    input.bytes(),
                    input.scale(),
                    input.zero()));
            return input;
        });
    }

    @Override
    public void rescale(
            String sum, QuantizedInput input, String weightScale, String output, String base, GraphDraft draft) {
        String cast = toFloat(sum, base, draft);
        String scale = draft.add("Mul", base + ".scale", input.scale(), weightScale);
        draft.add(Node.of("Mul", draft.node(base + ".rescale"), List.of(cast, scale), output));
    }

    /** Adds the operator that makes floats of integers. */
    static String toFloat(String integers, String base, GraphDraft draft) {
        String cast = draft.value(base + ".cast");
        draft.add(Node.of("Cast", draft.node(cast), List.of(integers), cast)
                .with("to", Attribute.of((long) ElementType.FLOAT.code())));
        return cast;
    }
}
