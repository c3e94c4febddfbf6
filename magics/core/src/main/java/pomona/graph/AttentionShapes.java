package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of attention and what belongs to it. */
final class AttentionShapes {

    private AttentionShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("Attention", AttentionShapes::attention);
        rules.put("RotaryEmbedding", ShapeRule.one(c -> new ValueType(c.type(0), c.shape(0))));
        rules.put("TensorScatter", ShapeRule.one(c -> new ValueType(c.type(0), c.shape(0))));
        rules.put("ai.onnx.preview:FlexAttention", ShapeRule.one(AttentionShapes::flex));
        rules.put("LinearAttention", AttentionShapes::linear);
        rules.put(
                "CausalConvWithState",
                c -> List.of(new ValueType(c.type(0), c.shape(0)), new ValueType(c.type(0), convolutionState(c))));
        rules.put("com.microsoft:Attention", ShapeRule.one(c -> new ValueType(c.type(0), fused(c))));
        rules.put("com.microsoft:MultiHeadAttention", ShapeRule.one(c -> new ValueType(c.type(0), c.shape(0))));
        rules.put("com.microsoft:EmbedLayerNormalization", ShapeRule.one(c -> new ValueType(c.type(2), embed(c))));
    }

    private static List<ValueType> attention(ShapeContext context) {
        List<Dimension> query = context.shape(0);
        List<Dimension> value = context.shape(2);
        if (query == null || value == null) {
            return List.of(new ValueType(context.type(0), null));
        }
        Node node = context.node();
        long queryHeads = node.integer("q_num_heads", 0);
        long keyHeads = node.integer("kv_num_heads", 0);
        List<Dimension> output;
        Dimension batch = query.get(0);
        Dimension heads;
        Dimension keyHeadsDim;
        Dimension keySize;
        Dimension valueSize;
        Dimension length;
        Dimension queryLength;
        if (query.size() == 4) {
            heads = query.get(1);
            queryLength = query.get(2);
            keyHeadsDim = context.dim(1, 1);
            length = context.dim(1, 2);
            keySize = context.dim(1, 3);
            valueSize = value.get(3);
            output = List.of(batch, heads, queryLength, valueSize);
        } else {
            heads = Dimension.of(queryHeads);
            queryLength = query.get(1);
            keyHeadsDim = Dimension.of(keyHeads);
            length = context.dim(1, 1);
            keySize = share(context.dim(1, 2), keyHeads);
            valueSize = share(value.get(2), keyHeads);
            Dimension wide = queryHeads == keyHeads ? value.get(2) : Dimensions.times(valueSize, queryHeads);
            output = List.of(batch, queryLength, wide);
        }
        Dimension total = node.hasInput(4) ? Dimensions.sum(List.of(context.dim(4, 2), length)) : length;
        return List.of(
                new ValueType(context.type(0), output),
                new ValueType(context.type(1), List.of(batch, keyHeadsDim, total, keySize)),
                new ValueType(context.type(2), List.of(batch, keyHeadsDim, total, valueSize)),
                new ValueType(context.type(0), List.of(batch, heads, queryLength, total)));
    }

    private static Dimension share(Dimension whole, long parts) {
        return parts < 1 ? Dimension.UNKNOWN : Dimensions.map(whole, size -> size.dividedBy(SizeExpression.of(parts)));
    }

    /** The sub-graphs that change scores take what the operator does not say. */
    private static ValueType flex(ShapeContext context) {
        for (Attribute attribute : context.node().attributes().values()) {
            if (attribute instanceof Attribute.Subgraph subgraph) {
                context.scope().infer(subgraph.value(), List.of());
            }
        }
        List<Dimension> query = context.shape(0);
        if (query == null || query.size() != 4) {
            return new ValueType(context.type(0), null);
        }
        List<Dimension> shape = new ArrayList<>(query);
        shape.set(3, context.dim(2, 3));
        return new ValueType(context.type(0), shape);
    }

    private static List<ValueType> linear(ShapeContext context) {
        long heads = context.node().integer("kv_num_heads", 0);
        Dimension keySize = share(context.dim(1, 2), heads);
        Dimension valueSize = share(context.dim(2, 2), heads);
        Dimension wide = Dimensions.times(valueSize, context.node().integer("q_num_heads", 0));
        List<Dimension> output = List.of(context.dim(0, 0), context.dim(0, 1), wide);
        List<Dimension> state = List.of(context.dim(0, 0), Dimension.of(heads), keySize, valueSize);
        List<Dimension> past = context.shape(3);
        return List.of(
                new ValueType(context.type(0), output),
                new ValueType(context.type(0), past == null || past.size() != 4 ? state : past));
    }

    /** What the next step needs of the past: one place less than the kernel has. */
    private static List<Dimension> convolutionState(ShapeContext context) {
        return List.of(context.dim(0, 0), context.dim(0, 1), Dimensions.plus(context.dim(1, 2), -1));
    }

    /** One weight holds query, key and value side by side. */
    private static List<Dimension> fused(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (in == null || in.size() != 3) {
            return null;
        }
        return List.of(in.get(0), in.get(1), share(context.dim(1, 1), 3));
    }

    private static List<Dimension> embed(ShapeContext context) {
        return List.of(context.dim(0, 0), context.dim(0, 1), context.dim(2, 1));
    }
}
