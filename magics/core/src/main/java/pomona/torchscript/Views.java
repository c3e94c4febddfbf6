package pomona.torchscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import pomona.graph.Attribute;
import pomona.graph.ElementType;

/**
 * The functions of PyTorch that give another look at the memory of their first argument, and how what is written through
 * that look comes to be in the whole. Source: "Tensor Views" in PyTorch's documentation.
 */
final class Views {

    /** The whole with the new values of a part. */
    private interface Back {
        Symbol write(Site site, Symbol whole, Symbol part);
    }

    private static final Back RESHAPED = Views::reshaped;

    private static final Map<String, Back> VIEWS = views();

    /** Those that copy what does not lie in memory as the result has to. */
    private static final Set<String> MAYBE = Set.of("reshape", "reshape_as", "flatten", "contiguous");

    private Views() {}

    static boolean isView(String name) {
        return VIEWS.containsKey(name);
    }

    private static Map<String, Back> views() {
        Map<String, Back> views = new HashMap<>();
        for (String name : List.of(
                "view",
                "view_as",
                "unflatten",
                "unsqueeze",
                "squeeze",
                "reshape",
                "reshape_as",
                "flatten",
                "contiguous")) {
            views.put(name, RESHAPED);
        }
        for (String name : List.of("permute", "transpose", "t", "numpy_T", "movedim")) {
            views.put(name, Views::turned);
        }
        views.put("slice", Views::sliced);
        views.put("select", Views::selected);
        for (String name : List.of("expand", "expand_as", "chunk", "split", "split_with_sizes", "unbind")) {
            views.put(name, null);
        }
        return views;
    }

    /** Tells the draft of the views that a call gave, and gives the result. */
    static Object noted(Site site, String name, Object result) {
        if (!isView(name) || !(site.arg(0) instanceof Symbol base)) {
            return result;
        }
        if (result instanceof Unpacking parts) {
            return (Unpacking) i -> {
                Symbol part = parts.part(i);
                note(site, name, base, part);
                return part;
            };
        }
        if (result instanceof List<?> parts) {
            parts.forEach(part -> note(site, name, base, (Symbol) part));
        } else if (result instanceof Symbol view) {
            note(site, name, base, view);
        }
        return result;
    }

    private static void note(Site site, String name, Symbol base, Symbol view) {
        Back back = VIEWS.get(name);
        BinaryOperator<Symbol> write = (whole, part) -> {
            throw unknown(site);
        };
        UnaryOperator<Symbol> again = whole -> {
            throw unknown(site);
        };
        boolean plain = site.draft().aliases().isPlain(base);
        if (back != null && (plain || !MAYBE.contains(name))) {
            write = (whole, part) -> back.write(site, whole, part);
            again = whole -> (Symbol) Calls.named(name).write(site.on(whole));
        }
        site.draft().aliases().view(view, base, VIEWS.get(name) == RESHAPED, again, write);
    }

    private static Refusal unknown(Site site) {
        return site.refusal("it calls " + site.function()
                + " on a tensor that shares its memory with one that is changed in place, which is not understood.");
    }

    private static Symbol reshaped(Site site, Symbol whole, Symbol part) {
        return site.node("Reshape", part.type(), whole.rank(), part, ShapeCalls.shape(site, whole));
    }

    private static Symbol turned(Site site, Symbol whole, Symbol part) {
        long[] order = ShapeCalls.order(site, whole.rank());
        long[] inverse = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            inverse[(int) order[i]] = i;
        }
        return site.same("Transpose", Map.of("perm", Attribute.ofInts(inverse)), part);
    }

    private static Symbol sliced(Site site, Symbol whole, Symbol part) {
        long axis = site.axis(1, whole.rank());
        Symbol places = site.node(
                "Range",
                ElementType.INT64,
                1,
                site.asTensor(0L, ElementType.INT64),
                ShapeCalls.size(site, whole, axis),
                site.asTensor(1L, ElementType.INT64));
        Symbol taken = IndexCalls.slice(site, places, 0);
        return scattered(site, whole, part, taken, axis);
    }

    private static Symbol selected(Site site, Symbol whole, Symbol part) {
        long axis = site.axis(1, whole.rank());
        Symbol wide = site.node("Unsqueeze", part.type(), whole.rank(), part, site.longsConstant(axis));
        return scattered(site, whole, wide, site.size(site.arg(2)), axis);
    }

    private static Symbol scattered(Site site, Symbol whole, Symbol part, Symbol places, long axis) {
        long[] shape = new long[whole.rank()];
        Arrays.fill(shape, 1);
        shape[(int) axis] = -1;
        Symbol line = site.node("Reshape", ElementType.INT64, whole.rank(), places, site.longsConstant(shape));
        Symbol all = site.node("Expand", ElementType.INT64, whole.rank(), line, ShapeCalls.shape(site, part));
        return site.node(
                "ScatterElements",
                new ArrayList<>(List.of(whole, all, part)),
                Map.of("axis", Attribute.of(axis)),
                whole.type(),
                whole.rank());
    }
}
