package pomona.torchscript;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.ElementType;

/** Tensors of one value, of counted values, of triangles, and values written over others. */
final class FillCalls {

    private FillCalls() {}

    static void addTo(Map<String, Calls.Rule> rules) {
        rules.put("zeros", site -> filled(site, (List<?>) site.arg(0), type(site, 1, ElementType.FLOAT), 0.0));
        rules.put("ones", site -> filled(site, (List<?>) site.arg(0), type(site, 1, ElementType.FLOAT), 1.0));
        rules.put(
                "full", site -> filled(site, (List<?>) site.arg(0), type(site, 2, natural(site.arg(1))), site.arg(1)));
        rules.put("new_zeros", site -> fresh(site, 2, 0.0));
        rules.put("new_ones", site -> fresh(site, 2, 1.0));
        rules.put("new_full", site -> fresh(site, 3, site.arg(2)));
        rules.put("zeros_like", site -> like(site, type(site, 1, site.tensor(0).type()), 0.0));
        rules.put("ones_like", site -> like(site, type(site, 1, site.tensor(0).type()), 1.0));
        rules.put("full_like", site -> like(site, type(site, 2, site.tensor(0).type()), site.arg(1)));
        rules.put("zero", site -> like(site, site.tensor(0).type(), 0.0));
        rules.put("fill", site -> like(site, site.tensor(0).type(), site.arg(1)));
        rules.put("copy", site -> like(site, site.tensor(0).type(), site.arg(1)));
        rules.put("arange", FillCalls::arange);
        rules.put("tril", site -> triangle(site, false));
        rules.put("triu", site -> triangle(site, true));
    }

    /** The type that a call names, at a place or as {@code dtype}, or else the given one. */
    private static ElementType type(Site site, int index, ElementType otherwise) {
        if (!(site.named().getOrDefault("dtype", site.arg(index)) instanceof Long code)) {
            return otherwise;
        }
        ElementType type = Draft.elementType(code);
        if (type == null) {
            throw site.refusal(
                    "it calls " + site.function() + " with the type number " + code + ", for which ONNX has no type.");
        }
        return type;
    }

    private static ElementType natural(Object value) {
        if (value instanceof Symbol symbol) {
            return symbol.type();
        }
        return value instanceof Boolean
                ? ElementType.BOOL
                : value instanceof Long ? ElementType.INT64 : ElementType.FLOAT;
    }

    private static Symbol fresh(Site site, int typeIndex, Object value) {
        return filled(
                site,
                (List<?>) site.arg(1),
                type(site, typeIndex, site.tensor(0).type()),
                value);
    }

    private static Symbol filled(Site site, List<?> sizes, ElementType type, Object value) {
        Symbol one = site.cast(site.asTensor(value, type), type);
        return sizes.isEmpty()
                ? site.draft().copy(one)
                : site.node("Expand", type, sizes.size(), one, site.sizes(sizes));
    }

    /** As large as the first argument. */
    private static Symbol like(Site site, ElementType type, Object value) {
        Symbol x = site.tensor(0);
        Symbol one = site.cast(site.asTensor(value, type), type);
        return site.node("Expand", type, x.rank(), one, ShapeCalls.shape(site, x));
    }

    /** End; start and end; or start, end and step. Older code has the type and three more behind them. */
    private static Symbol arange(Site site) {
        int given = site.arguments().size();
        int numbers = given > 3 ? given - 4 : given;
        if (given == 4 || numbers < 1) {
            throw site.refusal("it calls " + site.function() + " with " + given + " arguments.");
        }
        List<Object> bounds = new ArrayList<>(site.arguments().subList(0, Math.min(3, numbers)));
        if (numbers == 1) {
            bounds.add(0, 0L);
        }
        if (numbers < 3) {
            bounds.add(1L);
        }
        boolean real = bounds.stream().map(FillCalls::natural).anyMatch(ElementType::isFloating);
        ElementType counted = real ? ElementType.FLOAT : ElementType.INT64;
        List<Symbol> inputs = bounds.stream()
                .map(bound -> site.cast(site.asTensor(bound, counted), counted))
                .toList();
        Symbol range = site.node("Range", inputs, Map.of(), counted, 1);
        return site.cast(range, type(site, numbers, counted));
    }

    private static Symbol triangle(Site site, boolean upper) {
        Symbol x = site.tensor(0);
        Symbol diagonal = site.asTensor(site.integer(1, 0), ElementType.INT64);
        return site.same("Trilu", Map.of("upper", Attribute.of(upper ? 1 : 0)), x, diagonal);
    }
}
