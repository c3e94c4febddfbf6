package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of operators on texts, and on sequences as far as what comes out is a tensor. */
final class TextShapes {

    private TextShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put(
                "StringConcat",
                ShapeRule.one(c -> new ValueType(ElementType.STRING, Dimensions.broadcast(c.shape(0), c.shape(1)))));
        rules.put("StringNormalizer", ShapeRule.one(c -> new ValueType(ElementType.STRING, normalized(c))));
        rules.put("RegexFullMatch", ShapeRule.one(c -> new ValueType(ElementType.BOOL, c.shape(0))));
        rules.put(
                "StringSplit",
                c -> List.of(
                        new ValueType(ElementType.STRING, withUnknown(c.shape(0))),
                        new ValueType(ElementType.INT64, c.shape(0))));
        rules.put("TfIdfVectorizer", ShapeRule.one(c -> new ValueType(ElementType.FLOAT, vectors(c))));
        rules.put("SequenceLength", ShapeRule.one(c -> new ValueType(ElementType.INT64, List.of())));
        rules.put("OptionalHasElement", ShapeRule.one(c -> new ValueType(ElementType.BOOL, List.of())));
        rules.put("OptionalGetElement", ShapeRule.one(c -> new ValueType(c.type(0), c.shape(0))));
        rules.put("ai.onnx.ml:LabelEncoder", ShapeRule.one(c -> new ValueType(label(c.node()), c.shape(0))));
        rules.put("ai.onnx.ml:TreeEnsemble", ShapeRule.one(TextShapes::trees));
    }

    /** Words may be taken out of a list, but not rows out of a batch. */
    private static List<Dimension> normalized(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (in == null) {
            return null;
        }
        List<Dimension> shape = new ArrayList<>(in);
        shape.set(in.size() - 1, Dimension.UNKNOWN);
        return shape;
    }

    private static List<Dimension> withUnknown(List<Dimension> in) {
        if (in == null) {
            return null;
        }
        List<Dimension> shape = new ArrayList<>(in);
        shape.add(Dimension.UNKNOWN);
        return shape;
    }

    private static List<Dimension> vectors(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (in == null) {
            return null;
        }
        long longest = -1;
        for (long index : context.node().integers("ngram_indexes")) {
            longest = Math.max(longest, index);
        }
        Dimension size = Dimension.of(longest + 1);
        return in.size() == 2 ? List.of(in.get(0), size) : List.of(size);
    }

    private static ElementType label(Node node) {
        for (String attribute : node.attributes().keySet()) {
            switch (attribute) {
                case "values_strings" -> {
                    return ElementType.STRING;
                }
                case "values_int64s" -> {
                    return ElementType.INT64;
                }
                case "values_floats" -> {
                    return ElementType.FLOAT;
                }
                case "values_tensor" -> {
                    return node.attributes().get(attribute) instanceof Attribute.Constant c
                            ? c.value().type()
                            : null;
                }
                default -> {
                    // the keys, or what stands for a missing one
                }
            }
        }
        return null;
    }

    private static ValueType trees(ShapeContext context) {
        Dimension targets = Dimension.of(context.node().integer("n_targets", 1));
        return new ValueType(context.type(0), List.of(context.dim(0, 0), targets));
    }
}
