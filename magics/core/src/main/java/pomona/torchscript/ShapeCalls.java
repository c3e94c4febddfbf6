package pomona.torchscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import pomona.graph.Attribute;
import pomona.graph.ElementType;

/** Sizes, and the same elements in another shape, order or type. */
final class ShapeCalls {

    private ShapeCalls() {}

    static void addTo(Map<String, Calls.Rule> rules) {
        rules.put("size", ShapeCalls::size);
        for (String name : List.of(
                "NumToTensor",
                "int",
                "Int",
                "float",
                "Float",
                "bool",
                "ScalarImplicit",
                "item",
                "detach",
                "alias",
                "positive",
                "requires_grad",
                "lift_fresh")) {
            rules.put(name, site -> site.arg(0));
        }
        rules.put("clone", site -> site.draft().copy(site.tensor(0)));
        rules.put("contiguous", site -> site.draft().copy(site.tensor(0)));
        rules.put("device", site -> Pickle.NONE);
        rules.put("to", ShapeCalls::to);
        rules.put("type_as", site -> site.cast(site.tensor(0), site.tensor(1).type()));
        rules.put("view", site -> reshape(site, (List<?>) site.arg(1)));
        rules.put("reshape", site -> reshape(site, (List<?>) site.arg(1)));
        rules.put("view_as", ShapeCalls::reshapeAs);
        rules.put("reshape_as", ShapeCalls::reshapeAs);
        rules.put("flatten", ShapeCalls::flatten);
        rules.put("unflatten", ShapeCalls::unflatten);
        for (String name : List.of("permute", "transpose", "t", "numpy_T", "movedim")) {
            rules.put(name, site -> transpose(site, order(site, site.tensor(0).rank())));
        }
        rules.put("unsqueeze", ShapeCalls::unsqueeze);
        rules.put("squeeze", ShapeCalls::squeeze);
        rules.put("expand", ShapeCalls::expand);
        rules.put(
                "expand_as",
                site -> site.node(
                        "Expand",
                        site.tensor(0).type(),
                        site.tensor(1).rank(),
                        site.tensor(0),
                        shape(site, site.tensor(1))));
        rules.put(
                "repeat",
                site -> site.node("Tile", site.tensor(0).type(), repeated(site), site.tensor(0), site.sizes((List<?>)
                        site.arg(1))));
    }

    static Symbol shape(Site site, Symbol tensor) {
        return site.node("Shape", ElementType.INT64, 1, tensor);
    }

    /** One size of a tensor, as a number without dimensions. */
    static Symbol size(Site site, Symbol tensor, long axis) {
        Symbol index = site.asTensor(axis < 0 ? axis + tensor.rank() : axis, ElementType.INT64);
        return site.node("Gather", ElementType.INT64, 0, shape(site, tensor), index);
    }

    private static Object size(Site site) {
        Symbol tensor = site.tensor(0);
        if (site.has(1)) {
            return size(site, tensor, site.integer(1, 0));
        }
        List<Object> all = new ArrayList<>();
        for (int axis = 0; axis < tensor.rank(); axis++) {
            all.add(size(site, tensor, axis));
        }
        return all;
    }

    /** The type is the first whole number among the arguments, or that of another tensor; devices do not matter. */
    private static Symbol to(Site site) {
        List<Object> all =
                new ArrayList<>(site.arguments().subList(1, site.arguments().size()));
        all.add(site.named().getOrDefault("dtype", Pickle.NONE));
        for (Object argument : all) {
            if (argument instanceof Symbol other) {
                return site.cast(site.tensor(0), other.type());
            }
            if (argument instanceof Long code) {
                ElementType type = Draft.elementType(code);
                if (type == null) {
                    throw site.refusal("it calls to with the type number " + code + ", for which ONNX has no type.");
                }
                return site.cast(site.tensor(0), type);
            }
        }
        return site.tensor(0);
    }

    private static Symbol reshapeAs(Site site) {
        Symbol like = site.tensor(1);
        return site.node("Reshape", site.tensor(0).type(), like.rank(), site.tensor(0), shape(site, like));
    }

    private static Symbol reshape(Site site, List<?> sizes) {
        Symbol x = site.tensor(0);
        return site.node("Reshape", x.type(), sizes.size(), x, site.sizes(sizes));
    }

    private static Symbol flatten(Site site) {
        Symbol x = site.tensor(0);
        long from = site.axis(1, x.rank());
        long to = site.has(2) ? site.axis(2, x.rank()) : x.rank() - 1;
        if (from == 1 && to == x.rank() - 1) {
            return site.node("Flatten", List.of(x), Map.of("axis", Attribute.of(1)), x.type(), 2);
        }
        List<Object> sizes = new ArrayList<>();
        for (int axis = 0; axis < x.rank(); axis++) {
            if (axis < from || axis > to) {
                sizes.add(size(site, x, axis));
            } else if (axis == from) {
                sizes.add(-1L);
            }
        }
        return reshape(site, sizes);
    }

    private static Symbol unflatten(Site site) {
        Symbol x = site.tensor(0);
        long axis = site.axis(1, x.rank());
        List<Object> sizes = new ArrayList<>();
        for (int i = 0; i < x.rank(); i++) {
            if (i == axis) {
                sizes.addAll((List<?>) site.arg(2));
            } else {
                sizes.add(size(site, x, i));
            }
        }
        return reshape(site, sizes);
    }

    private static long[] axes(Site site, int index) {
        int rank = site.tensor(0).rank();
        return Arrays.stream(site.longs(index)).map(a -> a < 0 ? a + rank : a).toArray();
    }

    private static Symbol transpose(Site site, long... perm) {
        return site.same("Transpose", Map.of("perm", Attribute.ofInts(perm)), site.tensor(0));
    }

    /** The dimensions in the order in which a call puts them. */
    static long[] order(Site site, int rank) {
        String function = site.function();
        if (function.endsWith("permute")) {
            return axes(site, 1);
        }
        List<Long> order = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
        if (function.endsWith("movedim")) {
            long[] from = axes(site, 1);
            long[] to = axes(site, 2);
            LongStream.of(from).boxed().forEach(order::remove);
            int[] sorted = IntStream.range(0, to.length)
                    .boxed()
                    .sorted(Comparator.comparing(i -> to[i]))
                    .mapToInt(i -> i)
                    .toArray();
            for (int i : sorted) {
                order.add((int) to[i], from[i]);
            }
        } else if (function.endsWith("transpose")) {
            Collections.swap(order, (int) site.axis(1, rank), (int) site.axis(2, rank));
        } else {
            Collections.reverse(order);
        }
        return order.stream().mapToLong(Long::longValue).toArray();
    }

    private static Symbol unsqueeze(Site site) {
        Symbol x = site.tensor(0);
        long axis = site.axis(1, x.rank() + 1);
        return site.node("Unsqueeze", x.type(), x.rank() + 1, x, site.longsConstant(axis));
    }

    private static Symbol squeeze(Site site) {
        if (!site.has(1)) {
            throw site.refusal("it calls squeeze without a dimension, so that the result's depends on sizes.");
        }
        Symbol x = site.tensor(0);
        long[] axes = axes(site, 1);
        return site.node("Squeeze", x.type(), x.rank() - axes.length, x, site.longsConstant(axes));
    }

    /** Sizes of -1 are kept, as those of 1 are by Expand. */
    private static Symbol expand(Site site) {
        Symbol x = site.tensor(0);
        List<Object> sizes = new ArrayList<>();
        for (Object size : (List<?>) site.arg(1)) {
            sizes.add(size instanceof Long s && s == -1 ? (Object) 1L : size);
        }
        return site.node("Expand", x.type(), sizes.size(), x, site.sizes(sizes));
    }

    private static int repeated(Site site) {
        int rank = ((List<?>) site.arg(1)).size();
        if (rank != site.tensor(0).rank()) {
            throw site.refusal("it repeats a tensor along " + rank + " dimensions, but it has "
                    + site.tensor(0).rank() + ".");
        }
        return rank;
    }
}
