package pomona.torchscript;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Dimension;
import pomona.graph.Tensor;

/** Windows that slide, and windows whose number is given. */
final class PoolingCalls {

    /** More windows, each with its mean of the input, are no pooling. */
    private static final long MOST_WINDOWS = 4096;

    private PoolingCalls() {}

    static void addTo(Map<String, Calls.Rule> rules) {
        for (int dims = 1; dims <= 3; dims++) {
            int axes = dims;
            rules.put("max_pool" + dims + "d", site -> maxPool(site, axes));
            rules.put("avg_pool" + dims + "d", site -> averagePool(site, axes));
            rules.put("adaptive_avg_pool" + dims + "d", site -> adaptive(site, axes, "AveragePool"));
            // Their second result, the places of the largest, is None: what asks for it is refused.
            rules.put("adaptive_max_pool" + dims + "d", site -> List.of(adaptive(site, axes, "MaxPool"), Pickle.NONE));
            rules.put("max_pool" + dims + "d_with_indices", site -> List.of(maxPool(site, axes), Pickle.NONE));
        }
    }

    private static Map<String, Attribute> window(Site site, int dims) {
        long[] kernel = LayerCalls.each(site, 1, dims, 1);
        boolean strided = site.has(2) && !Collections.emptyList().equals(site.arg(2));
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("kernel_shape", Attribute.ofInts(kernel));
        attributes.put("strides", Attribute.ofInts(strided ? LayerCalls.each(site, 2, dims, 1) : kernel));
        attributes.put("pads", Attribute.ofInts(LayerCalls.both(LayerCalls.each(site, 3, dims, 0))));
        return attributes;
    }

    private static Symbol maxPool(Site site, int dims) {
        Map<String, Attribute> attributes = window(site, dims);
        attributes.put("dilations", Attribute.ofInts(LayerCalls.each(site, 4, dims, 1)));
        attributes.put("ceil_mode", Attribute.of(site.flag(5, "ceil_mode") ? 1 : 0));
        return site.same("MaxPool", attributes, site.tensor(0));
    }

    private static Symbol averagePool(Site site, int dims) {
        Map<String, Attribute> attributes = window(site, dims);
        attributes.put("ceil_mode", Attribute.of(site.flag(4, "ceil_mode") ? 1 : 0));
        boolean counts = !(site.arg(5, "count_include_pad") instanceof Boolean given) || given;
        attributes.put("count_include_pad", Attribute.of(counts ? 1 : 0));
        if (site.arg(6, "divisor_override") != Pickle.NONE) {
            throw site.refusal("it calls " + site.function() + " with a divisor of its own, which no operator has.");
        }
        return site.same("AveragePool", attributes, site.tensor(0));
    }

    /** One window is the whole; windows that divide the input slide; others overlap, and are averaged by products. */
    private static Symbol adaptive(Site site, int dims, String op) {
        Symbol x = site.tensor(0);
        long[] sizes = LayerCalls.each(site, 1, dims, 1);
        if (Arrays.stream(sizes).allMatch(size -> size == 1)) {
            return site.same("Global" + op, x);
        }
        long[] known = known(site, x, dims, sizes);
        boolean even = true;
        long[] window = new long[dims];
        for (int i = 0; i < dims; i++) {
            even &= known[i] % sizes[i] == 0;
            window[i] = known[i] / sizes[i];
        }
        if (Arrays.equals(known, sizes)) {
            return x;
        }
        if (even) {
            Attribute steps = Attribute.ofInts(window);
            return site.same(op, Map.of("kernel_shape", steps, "strides", steps), x);
        }
        if (op.equals("MaxPool") || dims == 3 || Arrays.stream(sizes).max().orElse(1) > MOST_WINDOWS) {
            throw site.refusal("it calls " + site.function() + " for the size " + Arrays.toString(sizes) + " of "
                    + Arrays.toString(known) + ", which it does not divide, and for which there is no operator.");
        }
        Symbol along = site.same("MatMul", x, averages(site, known[dims - 1], sizes[dims - 1], true));
        return dims == 1
                ? along
                : site.node("MatMul", x.type(), x.rank(), averages(site, known[0], sizes[0], false), along);
    }

    private static long[] known(Site site, Symbol x, int dims, long[] sizes) {
        List<Dimension> shape = site.draft().shape(x);
        long[] known = new long[dims];
        for (int i = 0; i < dims; i++) {
            Dimension size = shape == null ? Dimension.UNKNOWN : shape.get(shape.size() - dims + i);
            if (!size.isFixed()) {
                throw site.refusal(
                        "it calls " + site.function() + " for the size " + Arrays.toString(sizes)
                                + ", which needs an input of known size; describe it with numbers for all dimensions but the batch.");
            }
            known[i] = size.size();
        }
        return known;
    }

    /** A matrix whose products are the means of windows from floor(i n / m) to ceil((i + 1) n / m). */
    private static Symbol averages(Site site, long n, long m, boolean turned) {
        float[] matrix = new float[Math.toIntExact(n * m)];
        for (int i = 0; i < m; i++) {
            int from = (int) (i * n / m);
            int to = (int) (((i + 1) * n + m - 1) / m);
            for (int j = from; j < to; j++) {
                matrix[(int) (turned ? j * m + i : i * n + j)] = 1f / (to - from);
            }
        }
        return site.draft().constant("windows", turned ? Tensor.ofFloats(matrix, n, m) : Tensor.ofFloats(matrix, m, n));
    }
}
