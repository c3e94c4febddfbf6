package pomona.graph;

import java.util.List;
import java.util.Map;

/** Shape rules of operators that quantize and dequantize. */
final class QuantizationShapes {

    private QuantizationShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("QuantizeLinear", ShapeRule.one(c -> new ValueType(quantized(c), c.shape(0))));
        rules.put("DequantizeLinear", ShapeRule.one(c -> new ValueType(dequantized(c), c.shape(0))));
        rules.put(
                "DynamicQuantizeLinear",
                c -> List.of(
                        new ValueType(ElementType.UINT8, c.shape(0)),
                        new ValueType(ElementType.FLOAT, List.of()),
                        new ValueType(ElementType.UINT8, List.of())));
    }

    private static ElementType dequantized(ShapeContext context) {
        ElementType type = context.typeOf("output_dtype");
        return type == null ? context.type(1) : type;
    }

    private static ElementType quantized(ShapeContext context) {
        long code = context.node().integer("output_dtype", 0);
        if (code != 0) {
            return ElementType.ofCode(Math.toIntExact(code));
        }
        return context.node().hasInput(2) ? context.type(2) : ElementType.UINT8;
    }
}
