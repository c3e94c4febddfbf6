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
        rules.put("DeformConv", ShapeRule.one(c -> new ValueType(c.type(0), convolution(c, 0, 1))));
        rules.put("MaxUnpool", ShapeRule.one(c -> new ValueType(c.type(0), unpool(c))));
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
        if (in == null) {
            return null;
        }
        List<Dimension> kernel = context.shape(weight);
        if (kernel != null && kernel.size() != in.size()) {
            return Dimensions.unknown(in.size());
        }
        List<Dimension> window =
                kernel == null ? Dimensions.unknown(in.size() - 2) : new ArrayList<>(kernel.subList(2, kernel.size()));
        long[] given = context.node().integers("kernel_shape");
        return slide(
                context.node(),
                in,
                context.dim(weight, 0),
                given.length == window.size() ? ShapeInference.dimensions(given) : window);
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
        SizeExpression size = SizeExpression.of(in);
        if (autoPad.startsWith("SAME")) {
            return stride == 1 ? in : Dimensions.map(in, s -> s.ceilDividedBy(stride));
        }
        if (!kernel.isFixed() || size == null) {
            return Dimension.UNKNOWN;
        }
        long before = autoPad.equals("VALID") ? 0 : at(node, "pads", axis, 0);
        long after = autoPad.equals("VALID") ? 0 : at(node, "pads", axis + axes, 0);
        long window = (kernel.size() - 1) * at(node, "dilations", axis, 1) + 1;
        SizeExpression free = size.plus(before + after - window);
        boolean ceil = node.integer("ceil_mode", 0) != 0;
        if (!in.isFixed()) {
            // With rounding up the last window may begin in the padding, which depends on the size.
            boolean same = stride == 1 && before + after == window - 1;
            return same
                    ? in
                    : ceil
                            ? Dimension.UNKNOWN
                            : Dimensions.of(free.floorDividedBy(stride).plus(1));
        }
        if (free.constant() < 0) {
            return Dimension.UNKNOWN;
        }
        long count = (ceil ? free.constant() + stride - 1 : free.constant()) / stride + 1;
        // A last window that starts in the padding behind the input is dropped.
        boolean outside = ceil && (count - 1) * stride >= in.size() + before;
        return Dimension.of(outside ? count - 1 : count);
    }

    /** The inverse of a pooling: a window for each element. */
    private static List<Dimension> unpool(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (context.node().hasInput(2)) {
            List<Dimension> given = context.values(2);
            return given == null && in != null ? Dimensions.unknown(in.size()) : given;
        }
        if (in == null) {
            return null;
        }
        Node node = context.node();
        long[] kernel = node.integers("kernel_shape");
        List<Dimension> shape = new ArrayList<>(in.subList(0, 2));
        for (int axis = 0; axis < kernel.length; axis++) {
            long stride = at(node, "strides", axis, 1);
            long pads = at(node, "pads", axis, 0) + at(node, "pads", axis + kernel.length, 0);
            long window = kernel[axis];
            shape.add(Dimensions.map(
                    in.get(axis + 2), s -> s.plus(-1).times(stride).plus(window - pads)));
        }
        return shape;
    }

    private static List<Dimension> transposed(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        List<Dimension> kernel = context.shape(1);
        if (in == null || kernel == null || kernel.size() != in.size()) {
            return in == null ? null : Dimensions.unknown(in.size());
        }
        Node node = context.node();
        List<Dimension> shape = new ArrayList<>();
        shape.add(in.get(0));
        shape.add(Dimensions.times(kernel.get(1), node.integer("group", 1)));
        long[] given = node.integers("kernel_shape");
        for (int axis = 0; axis < kernel.size() - 2; axis++) {
            Dimension window = given.length == 0 ? kernel.get(axis + 2) : Dimension.of(given[axis]);
            shape.add(transposed(node, in.get(axis + 2), window, axis, kernel.size() - 2));
        }
        return shape;
    }

    private static Dimension transposed(Node node, Dimension in, Dimension kernel, int axis, int axes) {
        long[] sizes = node.integers("output_shape");
        if (sizes.length > 0) {
            return Dimension.of(sizes[axis + (sizes.length > axes ? sizes.length - axes : 0)]);
        }
        long stride = at(node, "strides", axis, 1);
        if (node.text("auto_pad", "NOTSET").startsWith("SAME")) {
            return Dimensions.times(in, stride);
        }
        if (!kernel.isFixed()) {
            return Dimension.UNKNOWN;
        }
        long window = (kernel.size() - 1) * at(node, "dilations", axis, 1) + 1;
        long pads = at(node, "pads", axis, 0) + at(node, "pads", axis + axes, 0);
        long more = at(node, "output_padding", axis, 0) + window - pads;
        return Dimensions.map(in, s -> s.plus(-1).times(stride).plus(more));
    }

    private static long at(Node node, String attribute, int place, long defaultValue) {
        long[] values = node.integers(attribute);
        return place < values.length ? values[place] : defaultValue;
    }
}
