package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of operators that resample images or move elements between channels and places. */
final class ImageShapes {

    private ImageShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("Resize", ShapeRule.one(c -> new ValueType(c.type(0), resize(c))));
        rules.put("Upsample", ShapeRule.one(c -> new ValueType(c.type(0), upsample(c))));
        rules.put("DepthToSpace", ShapeRule.one(c -> new ValueType(c.type(0), depthToSpace(c))));
        rules.put("SpaceToDepth", ShapeRule.one(c -> new ValueType(c.type(0), spaceToDepth(c))));
        rules.put("GridSample", ShapeRule.one(c -> new ValueType(c.type(0), gridSample(c))));
        rules.put("AffineGrid", ShapeRule.one(c -> new ValueType(c.type(0), affineGrid(c))));
        rules.put("RoiAlign", ShapeRule.one(c -> new ValueType(c.type(0), roiAlign(c))));
        rules.put("MaxRoiPool", ShapeRule.one(c -> new ValueType(c.type(0), maxRoiPool(c))));
        rules.put("CenterCropPad", ShapeRule.one(c -> new ValueType(c.type(0), centerCropPad(c))));
        rules.put("Col2Im", ShapeRule.one(c -> new ValueType(c.type(0), col2Im(c))));
        rules.put(
                "ImageDecoder",
                ShapeRule.one(c ->
                        new ValueType(ElementType.UINT8, List.of(Dimension.UNKNOWN, Dimension.UNKNOWN, channels(c)))));
    }

    private static Dimension channels(ShapeContext context) {
        return Dimension.of(context.node().text("pixel_format", "RGB").equals("Grayscale") ? 1 : 3);
    }

    private static List<Dimension> resize(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (in == null) {
            return null;
        }
        boolean old = context.scope().opset() < 11;
        int place = old ? 1 : 2;
        int[] axes = context.node().attributes().containsKey("axes")
                ? context.axes(-1, in.size())
                : java.util.stream.IntStream.range(0, in.size()).toArray();
        List<Dimension> shape = new ArrayList<>(in);
        if (!old && context.node().hasInput(3)) {
            return sized(context, shape, axes);
        }
        Tensor scales = context.constant(place);
        if (scales == null || scales.size() != axes.length) {
            return scales != null && scales.size() == 0 ? null : Dimensions.unknown(in.size());
        }
        scale(shape, axes, scales.toFloatArray());
        return shape;
    }

    private static List<Dimension> sized(ShapeContext context, List<Dimension> shape, int[] axes) {
        List<Dimension> sizes = context.values(3);
        String policy = context.node().text("keep_aspect_ratio_policy", "stretch");
        if (sizes == null || sizes.size() != axes.length) {
            return Dimensions.unknown(shape.size());
        }
        double ratio = policy.equals("not_larger") ? Double.MAX_VALUE : 0;
        for (int i = 0; i < axes.length && !policy.equals("stretch"); i++) {
            if (!sizes.get(i).isFixed() || !shape.get(axes[i]).isFixed()) {
                for (int axis : axes) {
                    shape.set(axis, Dimension.UNKNOWN);
                }
                return shape;
            }
            double scale =
                    (float) sizes.get(i).size() / (float) shape.get(axes[i]).size();
            ratio = policy.equals("not_larger") ? Math.min(ratio, scale) : Math.max(ratio, scale);
        }
        for (int i = 0; i < axes.length; i++) {
            Dimension in = shape.get(axes[i]);
            shape.set(
                    axes[i],
                    policy.equals("stretch") ? sizes.get(i) : Dimension.of((long) Math.floor(ratio * in.size() + 0.5)));
        }
        return shape;
    }

    private static void scale(List<Dimension> shape, int[] axes, float[] scales) {
        for (int i = 0; i < axes.length; i++) {
            Dimension in = shape.get(axes[i]);
            float scale = scales[i];
            if (in.isFixed()) {
                shape.set(axes[i], Dimension.of((long) Math.floor((float) in.size() * scale)));
            } else if (scale == (long) scale) {
                shape.set(axes[i], scale == 1 ? in : Dimensions.times(in, (long) scale));
            } else {
                long part = Math.round(1 / scale);
                boolean exact = scale > 0 && scale < 1 && 1f / part == scale && (part & part - 1) == 0;
                shape.set(axes[i], exact ? Dimensions.map(in, s -> s.floorDividedBy(part)) : Dimension.UNKNOWN);
            }
        }
    }

    private static List<Dimension> upsample(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        if (in == null) {
            return null;
        }
        float[] scales = null;
        if (context.node().attributes().get("scales") instanceof Attribute.Reals reals) {
            scales = new float[reals.values().size()];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = reals.values().get(i);
            }
        } else if (context.constant(1) != null) {
            scales = context.constant(1).toFloatArray();
        }
        if (scales == null || scales.length != in.size()) {
            return Dimensions.unknown(in.size());
        }
        List<Dimension> shape = new ArrayList<>(in);
        scale(shape, java.util.stream.IntStream.range(0, in.size()).toArray(), scales);
        return shape;
    }

    private static List<Dimension> depthToSpace(ShapeContext context) {
        long block = context.node().integer("blocksize", 1);
        return List.of(
                context.dim(0, 0),
                Dimensions.map(context.dim(0, 1), size -> size.dividedBy(SizeExpression.of(block * block))),
                Dimensions.times(context.dim(0, 2), block),
                Dimensions.times(context.dim(0, 3), block));
    }

    private static List<Dimension> spaceToDepth(ShapeContext context) {
        long block = context.node().integer("blocksize", 1);
        return List.of(
                context.dim(0, 0),
                Dimensions.times(context.dim(0, 1), block * block),
                Dimensions.map(context.dim(0, 2), size -> size.dividedBy(SizeExpression.of(block))),
                Dimensions.map(context.dim(0, 3), size -> size.dividedBy(SizeExpression.of(block))));
    }

    private static List<Dimension> gridSample(ShapeContext context) {
        List<Dimension> grid = context.shape(1);
        if (grid == null) {
            return context.shape(0) == null ? null : shapeOf(context);
        }
        List<Dimension> shape = new ArrayList<>(List.of(context.dim(0, 0), context.dim(0, 1)));
        shape.addAll(grid.subList(1, grid.size() - 1));
        return shape;
    }

    private static List<Dimension> shapeOf(ShapeContext context) {
        List<Dimension> shape =
                new ArrayList<>(Dimensions.unknown(context.shape(0).size()));
        shape.set(0, context.dim(0, 0));
        shape.set(1, context.dim(0, 1));
        return shape;
    }

    private static List<Dimension> affineGrid(ShapeContext context) {
        List<Dimension> size = context.values(1);
        if (size == null) {
            return null;
        }
        List<Dimension> shape = new ArrayList<>(List.of(size.get(0)));
        shape.addAll(size.subList(2, size.size()));
        shape.add(Dimension.of(size.size() - 2));
        return shape;
    }

    private static List<Dimension> roiAlign(ShapeContext context) {
        Dimension regions = context.shape(1) == null ? context.dim(2, 0) : context.dim(1, 0);
        return List.of(
                regions,
                context.dim(0, 1),
                Dimension.of(context.node().integer("output_height", 1)),
                Dimension.of(context.node().integer("output_width", 1)));
    }

    private static List<Dimension> maxRoiPool(ShapeContext context) {
        List<Dimension> shape = new ArrayList<>(List.of(context.dim(1, 0), context.dim(0, 1)));
        shape.addAll(ShapeInference.dimensions(context.node().integers("pooled_shape")));
        return shape;
    }

    private static List<Dimension> centerCropPad(ShapeContext context) {
        List<Dimension> in = context.shape(0);
        List<Dimension> sizes = context.values(1);
        if (in == null) {
            return null;
        }
        boolean given = context.node().attributes().containsKey("axes");
        int[] axes = given
                ? context.axes(-1, in.size())
                : java.util.stream.IntStream.range(0, in.size()).toArray();
        List<Dimension> shape = new ArrayList<>(in);
        for (int i = 0; i < axes.length; i++) {
            shape.set(axes[i], sizes == null ? Dimension.UNKNOWN : sizes.get(i));
        }
        return shape;
    }

    private static List<Dimension> col2Im(ShapeContext context) {
        List<Dimension> image = context.values(1);
        List<Dimension> block = context.values(2);
        if (image == null) {
            return null;
        }
        Dimension size = block == null ? Dimension.UNKNOWN : Dimensions.product(block);
        List<Dimension> shape = new ArrayList<>();
        shape.add(context.dim(0, 0));
        shape.add(Dimensions.quotient(List.of(context.dim(0, 1)), List.of(size)));
        shape.addAll(image);
        return shape;
    }
}
