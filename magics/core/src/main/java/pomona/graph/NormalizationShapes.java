package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of normalizations and dropout, whose further outputs are statistics and masks. */
final class NormalizationShapes {

    private static final String SAME = "InstanceNormalization GroupNormalization LpNormalization LRN"
            + " MeanVarianceNormalization RMSNormalization com.microsoft:FastGelu com.microsoft:Gelu"
            + " com.microsoft:BiasGelu com.microsoft:QuickGelu ai.onnx.ml:Binarizer ai.onnx.ml:Normalizer"
            + " ai.onnx.ml:Scaler ai.onnx.ml:Imputer";

    private NormalizationShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        for (String op : SAME.split(" ")) {
            rules.put(op, ShapeRule.one(c -> new ValueType(c.type(0), c.shape(0))));
        }
        rules.put("BatchNormalization", NormalizationShapes::batch);
        rules.put("LayerNormalization", NormalizationShapes::layer);
        rules.put("SimplifiedLayerNormalization", NormalizationShapes::layer);
        rules.put("com.microsoft:SkipLayerNormalization", NormalizationShapes::skip);
        rules.put("com.microsoft:SkipSimplifiedLayerNormalization", NormalizationShapes::skip);
        rules.put("Dropout", c -> {
            ElementType mask = c.scope().opset() < 10 ? c.type(0) : ElementType.BOOL;
            return List.of(new ValueType(c.type(0), c.shape(0)), new ValueType(mask, c.shape(0)));
        });
    }

    private static List<ValueType> batch(ShapeContext context) {
        List<ValueType> types = new ArrayList<>(List.of(new ValueType(context.type(0), context.shape(0))));
        Dimension channels = context.shape(1) == null ? context.dim(0, 1) : context.dim(1, 0);
        for (int i = 1; i < context.node().outputs().size(); i++) {
            types.add(new ValueType(context.type(i <= 2 ? i + 2 : 1), List.of(channels)));
        }
        return types;
    }

    private static List<ValueType> layer(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        List<Dimension> statistics = null;
        if (in != null) {
            statistics = new ArrayList<>(in);
            for (int i = context.axis(-1, in.size()); i < in.size(); i++) {
                statistics.set(i, Dimension.of(1));
            }
        }
        ElementType stash = ElementType.ofCode((int) context.node().integer("stash_type", 1));
        ValueType second = new ValueType(stash, statistics);
        return List.of(new ValueType(context.type(0), in), second, second);
    }

    /** Mean and deviation of the inputs are for training; the sum is the last output. */
    private static List<ValueType> skip(ShapeContext context) {
        ValueType same = new ValueType(context.type(0), context.shape(0));
        return List.of(same, ValueType.UNKNOWN, ValueType.UNKNOWN, same);
    }
}
