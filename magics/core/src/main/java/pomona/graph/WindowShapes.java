package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of operators that slide a window: convolutions and pools. */
final class WindowShapes {

    private WindowShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("Conv", ShapeRule.one(c -> new ValueType(c.type(0), convolution(c, 0, 1))));
        rules.put("ConvInteger", ShapeRule.one(c -> new ValueType(ElementType.INT32, convolution(c, 0, 1))));
        rules.put("QLinearConv", ShapeRule.one(c -> new ValueType(c.type(7), convolution(c, 0, 3))));
        rules.put("ConvTranspose", ShapeRule.one(c -> new ValueType(c.type(0), transposed(c))));
        for (String op : List.of("MaxPool", "AveragePool", "LpPool")) {
            rules.put(op, context -> {
                List<Dimension> shape = pool(context);
                return List.of(new ValueType(context.type(0), shape), new ValueType(ElementType.INT64, shape));
            });
        }
        for (String op : List.of("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")) {
            rules.put(op, ShapeRule.one(c -> new ValueType(c.type(0), global(c.shape(0)))));
        }
    }

    private static List<Dimension> convolution(ShapeContext context, int input, int weight) {
        List<Dimension> in = context.shape(input);
        List<Dimension> kernel = context.shape(weight);
        if (in == null || kernel == null || kernel.size() != in.size()) {
            return in == null ? null : Dimensions.unknown(in.size());
        }
        return slide(context.node(), in, kernel.get(0), kernel.subList(2, kernel.size()));
    }

    private static List<Dimension> pool(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        List<Dimension> kernel = ShapeInference.dimensions(context.node().integers("kernel_shape"));
        return in == null || in.size() != kernel.size() + 2 ? null : slide(context.node(), in, in.get(1), kernel);
    }

    private static List<Dimension> global(List<Dimension> in) {
        if (in == null) {
            return null;
        }
        List<Dimension> shape = new ArrayList<>(in.subList(0, 2));
        in.subList(2, in.size()).forEach(ignored -> shape.add(Dimension.of(1)));
        return shape;
    }

    private static List<Dimension> slide(Node node, List<Dimension> in, Dimension channels, List<Dimension> kernel) {
        List<Dimension> shape = new ArrayList<>(List.of(in.get(0), channels));
        for (int axis = 0; axis < kernel.size(); axis++) {
            shape.add(slide(node, in.get(axis + 2), kernel.get(axis), axis, kernel.size()));
        }
        return shape;
    }

    private static Dimension slide(Node node, Dimension in, Dimension kernel, int axis, int axes) {
        long stride = at(node, "strides", axis, 1);
        String autoPad = node.text("auto_pad", "NOTSET");
        if (autoPad.startsWith("SAME")) {
            return in.isFixed()
                    ? Dimension.of((in.size() + stride - 1) / stride)
                    : stride == 1 ? in : Dimension.UNKNOWN;
        }
        if (!kernel.isFixed()) {
            return Dimension.UNKNOWN;
        }
        long before = autoPad.equals("VALID") ? 0 : at(node, "pads", axis, 0);
        long after = autoPad.equals("VALID") ? 0 : at(node, "pads", axis + axes, 0);
        long window = (kernel.size() - 1) * at(node, "dilations", axis, 1) + 1;
        if (!in.isFixed()) {
            return stride == 1 && before + after == window - 1 ? in : Dimension.UNKNOWN;
        }
        long free = in.size() + before + after - window;
        if (free < 0) {
            return Dimension.UNKNOWN;
        }
        boolean ceil = node.integer("ceil_mode", 0) != 0;
        long count = (ceil ? free + stride - 1 : free) / stride + 1;
        // A last window that starts in the padding behind the input is dropped.
        boolean outside = ceil && (count - 1) * stride >= in.size() + before;
        return Dimension.of(outside ? count - 1 : count);
    }

    private static List<Dimension> transposed(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        List<Dimension> kernel = context.shape(1);
        if (in == null || kernel == null || kernel.size() != in.size()) {
            return in == null ? null : Dimensions.unknown(in.size());
        }
        Node node = context.node();
        Dimension perGroup = kernel.get(1);
        List<Dimension> shape = new ArrayList<>();
        shape.add(in.get(0));
        shape.add(perGroup.isFixed() ? Dimension.of(perGroup.size() * node.integer("group", 1)) : Dimension.UNKNOWN);
        for (int axis = 0; axis < kernel.size() - 2; axis++) {
            shape.add(transposed(node, in.get(axis + 2), kernel.get(axis + 2), axis, kernel.size() - 2));
        }
        return shape;
    }

    private static Dimension transposed(Node node, Dimension in, Dimension kernel, int axis, int axes) {
        long given = at(node, "output_shape", axis, -1);
        if (given >= 0) {
            return Dimension.of(given);
        }
        if (!in.isFixed() || !kernel.isFixed()) {
            return Dimension.UNKNOWN;
        }
        long stride = at(node, "strides", axis, 1);
        if (node.text("auto_pad", "NOTSET").startsWith("SAME")) {
            return Dimension.of(in.size() * stride);
        }
        long window = (kernel.size() - 1) * at(node, "dilations", axis, 1) + 1;
        long pads = at(node, "pads", axis, 0) + at(node, "pads", axis + axes, 0);
        return Dimension.of(stride * (in.size() - 1) + at(node, "output_padding", axis, 0) + window - pads);
    }

    private static long at(Node node, String attribute, int place, long defaultValue) {
        long[] values = node.integers(attribute);
        return place < values.length ? values[place] : defaultValue;
    }
}
