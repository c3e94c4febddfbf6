package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of operators that pick elements by index, or say where they are. */
final class IndexShapes {

    private IndexShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("Gather", ShapeRule.one(c -> new ValueType(c.type(0), gather(c))));
        rules.put("GatherElements", ShapeRule.one(c -> new ValueType(c.type(0), c.shape(1))));
        // Both sizes of a table of 4-bit integers are its own; the scales say the type.
        rules.put("com.microsoft:GatherBlockQuantized", ShapeRule.one(c -> new ValueType(c.type(2), gather(c))));
        rules.put("GatherND", ShapeRule.one(c -> new ValueType(c.type(0), gatherNd(c))));
        rules.put("NonZero", ShapeRule.one(c -> new ValueType(ElementType.INT64, nonZero(c))));
        rules.put("Compress", ShapeRule.one(c -> new ValueType(c.type(0), compress(c))));
        rules.put("OneHot", ShapeRule.one(c -> new ValueType(c.type(2), oneHot(c))));
        rules.put("Unique", IndexShapes::unique);
        rules.put(
                "NonMaxSuppression",
                ShapeRule.one(c -> new ValueType(ElementType.INT64, List.of(Dimension.UNKNOWN, Dimension.of(3)))));
        rules.put("TopK", IndexShapes::topK);
        rules.put(
                "ai.onnx.ml:ArrayFeatureExtractor",
                ShapeRule.one(c -> new ValueType(c.type(0), arrayFeatureExtractor(c))));
    }

    private static List<Dimension> gather(ShapeContext context) {
        List<Dimension> data = context.shape(0);
        List<Dimension> indices = context.shape(1);
        if (data == null || indices == null) {
            return null;
        }
        int axis = context.axis(0, data.size());
        List<Dimension> shape = new ArrayList<>(data.subList(0, axis));
        shape.addAll(indices);
        shape.addAll(data.subList(axis + 1, data.size()));
        return shape;
    }

    private static List<Dimension> gatherNd(ShapeContext context) {
        List<Dimension> data = context.shape(0);
        List<Dimension> indices = context.shape(1);
        Dimension depth = context.dim(1, -1);
        if (data == null || indices == null || !depth.isFixed()) {
            return null;
        }
        int batch = Math.toIntExact(context.node().integer("batch_dims", 0));
        List<Dimension> shape = new ArrayList<>(indices.subList(0, indices.size() - 1));
        shape.addAll(data.subList(batch + Math.toIntExact(depth.size()), data.size()));
        return shape;
    }

    private static List<Dimension> nonZero(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        return List.of(in == null ? Dimension.UNKNOWN : Dimension.of(in.size()), Dimension.UNKNOWN);
    }

    private static List<Dimension> compress(ShapeContext context) {
        if (!context.node().attributes().containsKey("axis")) {
            return Dimensions.unknown(1);
        }
        List<Dimension> in = context.shape(0);
        if (in == null) {
            return null;
        }
        List<Dimension> shape = new ArrayList<>(in);
        shape.set(context.axis(0, in.size()), Dimension.UNKNOWN);
        return shape;
    }

    private static List<Dimension> oneHot(ShapeContext context) {
        List<Dimension> indices = context.shape(0);
        if (indices == null) {
            return null;
        }
        List<Dimension> shape = new ArrayList<>(indices);
        shape.add(context.axis(-1, indices.size() + 1), Dimensions.of(context.size(1)));
        return shape;
    }

    private static List<ValueType> unique(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        List<Dimension> found = Dimensions.unknown(1);
        List<Dimension> values = found;
        if (context.node().attributes().containsKey("axis")) {
            values = in == null ? null : new ArrayList<>(in);
            if (values != null) {
                values.set(context.axis(0, in.size()), Dimension.UNKNOWN);
            }
        }
        ValueType places = new ValueType(ElementType.INT64, found);
        return List.of(new ValueType(context.type(0), values), places, places, places);
    }

    private static List<ValueType> topK(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        List<Dimension> shape = null;
        if (in != null) {
            long attribute = context.node().integer("k", -1);
            shape = new ArrayList<>(in);
            shape.set(
                    context.axis(-1, in.size()),
                    attribute >= 0 ? Dimension.of(attribute) : Dimensions.of(context.size(1)));
        }
        return List.of(new ValueType(context.type(0), shape), new ValueType(ElementType.INT64, shape));
    }

    private static List<Dimension> arrayFeatureExtractor(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        List<Dimension> indices = context.shape(1);
        if (in == null || indices == null) {
            return null;
        }
        Dimension picked = Dimensions.product(indices);
        if (in.size() == 1) {
            return List.of(Dimension.of(1), picked);
        }
        List<Dimension> shape = new ArrayList<>(in);
        shape.set(in.size() - 1, picked);
        return shape;
    }
}
