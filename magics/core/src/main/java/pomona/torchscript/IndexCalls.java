package pomona.torchscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import pomona.graph.Attribute;
import pomona.graph.Dimension;
import pomona.graph.ElementType;

/** Parts of tensors, tensors put together, padding and resizing. */
final class IndexCalls {

    /** What code says where it means the end. */
    private static final long END = Long.MAX_VALUE;

    private IndexCalls() {}

    static void addTo(Map<String, Calls.Rule> rules) {
        rules.put(
                "cat", site -> concat(site, tensors(site), tensors(site).get(0).rank()));
        rules.put("stack", IndexCalls::stack);
        rules.put("chunk", IndexCalls::chunk);
        rules.put("split", IndexCalls::split);
        rules.put("split_with_sizes", IndexCalls::split);
        rules.put("unbind", IndexCalls::unbind);
        rules.put("select", IndexCalls::select);
        rules.put("slice", IndexCalls::slice);
        rules.put("where", IndexCalls::where);
        rules.put("masked_fill", IndexCalls::maskedFill);
        rules.put("einsum", IndexCalls::einsum);
        rules.put("constant_pad_nd", site -> pad(site, site.real(2, 0)));
        rules.put("pad", IndexCalls::paddedByMode);
        rules.put("upsample_nearest2d", site -> resize(site, "nearest"));
        rules.put("upsample_bilinear2d", site -> resize(site, "linear"));
    }

    private static List<Symbol> tensors(Site site) {
        return ((List<?>) site.arg(0)).stream().map(item -> (Symbol) item).toList();
    }

    private static Symbol concat(Site site, List<Symbol> parts, int rank) {
        ElementType type = parts.get(0).type();
        for (Symbol part : parts) {
            type = Site.promotion(new Symbol("", type, 1), new Symbol("", part.type(), 1));
        }
        List<Symbol> cast = new ArrayList<>();
        for (Symbol part : parts) {
            cast.add(site.cast(part, type));
        }
        return site.node("Concat", cast, Map.of("axis", Attribute.of(site.axis(1, rank))), type, rank);
    }

    private static Symbol stack(Site site) {
        int rank = tensors(site).get(0).rank() + 1;
        long axis = site.axis(1, rank);
        List<Symbol> parts = new ArrayList<>();
        for (Symbol part : tensors(site)) {
            parts.add(site.node("Unsqueeze", part.type(), rank, part, site.longsConstant(axis)));
        }
        return concat(site, parts, rank);
    }

    /** Parts of one size, rounded up, so that the last ones may be smaller or missing. */
    private static List<Symbol> chunk(Site site) {
        Symbol x = site.tensor(0);
        long axis = site.axis(2, x.rank());
        int count = Math.toIntExact(site.integer(1, 1));
        List<Dimension> shape = site.draft().shape(x);
        Dimension along = shape == null ? Dimension.UNKNOWN : shape.get((int) axis);
        if (count < 1 || !along.isFixed() || along.size() % count == 0) {
            return parts(site, x, axis, count, List.of(x));
        }
        long each = (along.size() + count - 1) / count;
        long[] sizes = LongStream.iterate(0, from -> from < along.size(), from -> from + each)
                .map(from -> Math.min(each, along.size() - from))
                .toArray();
        return parts(site, x, axis, sizes.length, List.of(x, site.longsConstant(sizes)));
    }

    private static Unpacking unbind(Site site) {
        Symbol x = site.tensor(0);
        long axis = site.axis(1, x.rank());
        return i -> {
            Symbol index = site.asTensor((long) i, ElementType.INT64);
            return site.node("Gather", List.of(x, index), Map.of("axis", Attribute.of(axis)), x.type(), x.rank() - 1);
        };
    }

    /** Parts of one size; the last one may be smaller. */
    private static Object split(Site site) {
        if (site.arg(1) instanceof List<?>) {
            return splitInSizes(site);
        }
        Symbol x = site.tensor(0);
        long axis = site.axis(2, x.rank());
        long size = site.integer(1, 1);
        return (Unpacking) i -> site.same(
                "Slice",
                x,
                site.longsConstant(i * size),
                site.longsConstant((i + 1) * size),
                site.longsConstant(axis),
                site.longsConstant(1));
    }

    private static List<Symbol> splitInSizes(Site site) {
        Symbol x = site.tensor(0);
        long[] sizes = site.longs(1);
        return parts(site, x, site.axis(2, x.rank()), sizes.length, List.of(x, site.longsConstant(sizes)));
    }

    private static List<Symbol> parts(Site site, Symbol x, long axis, int count, List<Symbol> inputs) {
        if (count < 1 || count > 10_000) {
            throw site.refusal("it cuts a tensor into " + count + " parts.");
        }
        Symbol[] like = new Symbol[count];
        Arrays.fill(like, x);
        return site.draft()
                .node(site.scope().module().path(), "Split", inputs, Map.of("axis", Attribute.of(axis)), like);
    }

    private static Symbol select(Site site) {
        Symbol x = site.tensor(0);
        Symbol index = site.asTensor(site.arg(2), ElementType.INT64);
        long axis = site.axis(1, x.rank());
        return site.node("Gather", List.of(x, index), Map.of("axis", Attribute.of(axis)), x.type(), x.rank() - 1);
    }

    private static Symbol slice(Site site) {
        Symbol x = site.tensor(0);
        return slice(site, x, site.axis(1, x.rank()));
    }

    /** The slice that a call asks for, of another tensor along another dimension. */
    static Symbol slice(Site site, Symbol x, long axis) {
        Object start = site.has(2) ? site.arg(2) : (Object) 0L;
        Object end = site.has(3) ? site.arg(3) : (Object) END;
        Object step = site.has(4) ? site.arg(4) : (Object) 1L;
        if (start.equals(0L) && end.equals(END) && step.equals(1L)) {
            return x;
        }
        return site.same("Slice", x, site.size(start), site.size(end), site.longsConstant(axis), site.size(step));
    }

    private static Symbol where(Site site) {
        List<Symbol> both = site.promoted(site.arg(1), site.arg(2));
        return choose(site, site.tensor(0), both.get(0), both.get(1));
    }

    private static Symbol maskedFill(Site site) {
        Symbol x = site.tensor(0);
        return choose(site, site.tensor(1), site.cast(site.asTensor(site.arg(2), x.type()), x.type()), x);
    }

    private static Symbol choose(Site site, Symbol mask, Symbol yes, Symbol no) {
        int rank = Math.max(mask.rank(), Math.max(yes.rank(), no.rank()));
        return site.node("Where", yes.type(), rank, site.cast(mask, ElementType.BOOL), yes, no);
    }

    private static Symbol einsum(Site site) {
        String equation = ((String) site.arg(0)).replace(" ", "");
        List<Symbol> inputs =
                ((List<?>) site.arg(1)).stream().map(item -> (Symbol) item).toList();
        if (!equation.contains("->") || equation.contains(".")) {
            throw site.refusal(
                    "it calls einsum with " + equation + "; an equation names every dimension of its result.");
        }
        int rank = equation.length() - equation.indexOf("->") - 2;
        return site.node(
                "Einsum",
                inputs,
                Map.of("equation", Attribute.of(equation)),
                inputs.get(0).type(),
                rank);
    }

    private static Symbol paddedByMode(Site site) {
        Object mode = site.arg(2, "mode");
        if (mode instanceof String text && !text.equals("constant")) {
            throw site.refusal("it pads with the mode " + text + "; only constant is understood.");
        }
        return pad(site, site.arg(3, "value") instanceof Number value ? value.doubleValue() : 0);
    }

    /** PyTorch counts pads from the last dimension; ONNX has all beginnings, then all ends. */
    private static Symbol pad(Site site, double value) {
        Symbol x = site.tensor(0);
        List<?> given = (List<?>) site.arg(1);
        List<Object> pads = new ArrayList<>(Collections.nCopies(2 * x.rank(), 0L));
        for (int i = 0; i < given.size() / 2; i++) {
            int axis = x.rank() - 1 - i;
            pads.set(axis, given.get(2 * i));
            pads.set(x.rank() + axis, given.get(2 * i + 1));
        }
        return site.same("Pad", x, site.sizes(pads), site.asTensor(value, x.type()));
    }

    /** Sizes are given, or factors; bilinear has its flag for aligned corners before the factors. */
    private static Symbol resize(Site site, String mode) {
        Symbol x = site.tensor(0);
        boolean linear = mode.equals("linear");
        Object factors = site.arg(linear ? 3 : 2);
        String places = !linear ? "asymmetric" : site.flag(2, "align_corners") ? "align_corners" : "half_pixel";
        Map<String, Attribute> attributes = Map.of(
                "mode", Attribute.of(mode),
                "nearest_mode", Attribute.of("floor"),
                "coordinate_transformation_mode", Attribute.of(places));
        if (factors instanceof List<?> list && list.size() == 2) {
            float[] scales = {1, 1, ((Number) list.get(0)).floatValue(), ((Number) list.get(1)).floatValue()};
            Symbol scale = site.draft().constant("scales", pomona.graph.Tensor.ofFloats(scales, 4));
            return site.same("Resize", attributes, x, null, scale);
        }
        List<Object> sizes = new ArrayList<>(List.of(ShapeCalls.size(site, x, 0), ShapeCalls.size(site, x, 1)));
        sizes.addAll((List<?>) site.arg(1));
        return site.same("Resize", attributes, x, null, null, site.sizes(sizes));
    }
}
