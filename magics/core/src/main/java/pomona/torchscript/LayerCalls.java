package pomona.torchscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/** Products, convolutions, normalization, dropout and attention. */
final class LayerCalls {

    private LayerCalls() {}

    static void addTo(Map<String, Calls.Rule> rules) {
        rules.put("linear", site -> linear(site, site.tensor(0), site.tensor(1), site.optional(2)));
        rules.put("addmm", LayerCalls::addmm);
        rules.put("matmul", LayerCalls::matmul);
        rules.put("bmm", LayerCalls::matmul);
        rules.put("mm", LayerCalls::matmul);
        rules.put("_convolution", site -> convolution(site, 3, true));
        rules.put("convolution", site -> convolution(site, 3, true));
        for (String name : List.of("conv1d", "conv2d", "conv3d")) {
            rules.put(name, site -> convolution(site, 3, false));
        }
        rules.put("batch_norm", LayerCalls::batchNorm);
        rules.put("layer_norm", LayerCalls::layerNorm);
        rules.put("group_norm", LayerCalls::groupNorm);
        rules.put("instance_norm", LayerCalls::instanceNorm);
        rules.put("dropout", LayerCalls::dropout);
        rules.put("feature_dropout", LayerCalls::dropout);
        rules.put("embedding", LayerCalls::embedding);
        rules.put("scaled_dot_product_attention", LayerCalls::attention);
    }

    /** A matrix of records is what Gemm takes; on anything of more dimensions it is MatMul and Add. */
    private static Symbol linear(Site site, Symbol x, Symbol weight, Symbol bias) {
        if (x.rank() == 2) {
            List<Symbol> inputs = new ArrayList<>(List.of(x, weight));
            if (bias != null) {
                inputs.add(bias);
            }
            return site.node("Gemm", inputs, Map.of("transB", Attribute.of(1)), x.type(), 2);
        }
        Symbol turned =
                site.node("Transpose", List.of(weight), Map.of("perm", Attribute.ofInts(1, 0)), weight.type(), 2);
        Symbol product = site.same("MatMul", x, turned);
        return bias == null ? product : site.same("Add", product, bias);
    }

    private static Symbol addmm(Site site) {
        List<Symbol> inputs = List.of(site.tensor(1), site.tensor(2), site.tensor(0));
        Map<String, Attribute> scales = new HashMap<>();
        for (String name : List.of("alpha", "beta")) {
            if (site.named().get(name) instanceof Number number) {
                scales.put(name, Attribute.of(number.floatValue()));
            }
        }
        return site.node("Gemm", inputs, scales, site.tensor(1).type(), 2);
    }

    private static Symbol matmul(Site site) {
        Symbol left = site.tensor(0);
        Symbol right = site.tensor(1);
        int rank = left.rank() == 1 || right.rank() == 1
                ? left.rank() + right.rank() - 2
                : Math.max(left.rank(), right.rank());
        return site.node("MatMul", left.type(), rank, left, right);
    }

    /** Weight, bias, stride, padding, dilation; then transposed and output padding in the general form; then groups. */
    private static Symbol convolution(Site site, int first, boolean general) {
        Symbol x = site.tensor(0);
        Symbol weight = site.tensor(1);
        int dims = weight.rank() - 2;
        if (x.rank() != weight.rank()) {
            throw site.refusal("it calls " + site.function() + " on " + x.rank()
                    + " dimensions, but a batch of what its weight takes has " + weight.rank() + ".");
        }
        boolean transposed = general && site.flag(6, "transposed");
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("strides", Attribute.ofInts(each(site, first, dims, 1)));
        if (site.arg(first + 1) instanceof String padding) {
            attributes.put("auto_pad", Attribute.of(padding.equals("same") ? "SAME_UPPER" : "VALID"));
        } else {
            attributes.put("pads", Attribute.ofInts(both(each(site, first + 1, dims, 0))));
        }
        attributes.put("dilations", Attribute.ofInts(each(site, first + 2, dims, 1)));
        attributes.put("group", Attribute.of(site.integer(general ? 8 : first + 3, 1)));
        if (transposed) {
            attributes.put("output_padding", Attribute.ofInts(each(site, 7, dims, 0)));
        }
        List<Symbol> inputs = new ArrayList<>(List.of(x, weight));
        if (site.has(2)) {
            inputs.add(site.tensor(2));
        }
        return site.node(transposed ? "ConvTranspose" : "Conv", inputs, attributes, x.type(), x.rank());
    }

    static long[] each(Site site, int index, int dims, long defaultValue) {
        long[] given = site.has(index) ? site.longs(index) : new long[] {defaultValue};
        if (given.length == 0) {
            given = new long[] {defaultValue};
        }
        if (given.length != 1) {
            return given;
        }
        long[] all = new long[dims];
        Arrays.fill(all, given[0]);
        return all;
    }

    static long[] both(long[] pads) {
        long[] both = Arrays.copyOf(pads, 2 * pads.length);
        System.arraycopy(pads, 0, both, pads.length, pads.length);
        return both;
    }

    private static Symbol batchNorm(Site site) {
        Symbol x = site.tensor(0);
        if (!site.has(3) || !site.has(4)) {
            throw site.refusal("it calls batch_norm without running statistics, for which there is no operator.");
        }
        Symbol mean = site.tensor(3);
        Map<String, Attribute> attributes = Map.of(
                // PyTorch's momentum is the share of the new batch, that of ONNX is the share of what was before.
                "momentum", Attribute.of((float) (1 - site.real(6, 0.1))),
                "epsilon", Attribute.of((float) site.real(7, 1e-5)));
        Symbol scale = site.has(1) ? site.tensor(1) : site.draft().constant("scale", filled(site, mean, 1));
        Symbol shift = site.has(2) ? site.tensor(2) : site.draft().constant("shift", filled(site, mean, 0));
        return site.same("BatchNormalization", attributes, x, scale, shift, mean, site.tensor(4));
    }

    private static Tensor filled(Site site, Symbol like, float value) {
        long size = site.draft().sizeOf(like);
        float[] values = new float[Math.toIntExact(size)];
        Arrays.fill(values, value);
        return Tensor.ofFloats(values, size);
    }

    private static Symbol layerNorm(Site site) {
        Symbol x = site.tensor(0);
        long[] shape = site.longs(1);
        Symbol scale = site.optional(2);
        if (scale == null) {
            int size = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
            float[] ones = new float[size];
            Arrays.fill(ones, 1);
            scale = site.draft().constant("scale", Tensor.ofFloats(ones, shape));
        }
        Map<String, Attribute> attributes = Map.of(
                "axis", Attribute.of((long) -shape.length),
                "epsilon", Attribute.of((float) site.real(4, 1e-5)));
        Symbol bias = site.optional(3);
        return bias == null
                ? site.same("LayerNormalization", attributes, x, scale)
                : site.same("LayerNormalization", attributes, x, scale, bias);
    }

    /** Each group is one channel of an instance norm; then each channel has its scale and shift. */
    private static Symbol groupNorm(Site site) {
        Symbol x = site.tensor(0);
        long groups = site.integer(1, 1);
        if (groups < 1 || groups > 1_000_000) {
            throw site.refusal("it calls group_norm with " + groups + " groups.");
        }
        Symbol grouped = site.node("Reshape", x.type(), 3, x, site.longsConstant(0, groups, -1));
        Symbol ones = ofOne(site, "ones", groups, 1);
        Symbol zeros = ofOne(site, "zeros", groups, 0);
        Map<String, Attribute> epsilon = Map.of("epsilon", Attribute.of((float) site.real(4, 1e-5)));
        Symbol normed = site.same("InstanceNormalization", epsilon, grouped, ones, zeros);
        Symbol y = site.node("Reshape", x.type(), x.rank(), normed, ShapeCalls.shape(site, x));
        Symbol scale = site.optional(2);
        Symbol shift = site.optional(3);
        Symbol scaled = scale == null ? y : site.same("Mul", y, channels(site, scale, x.rank()));
        return shift == null ? scaled : site.same("Add", scaled, channels(site, shift, x.rank()));
    }

    private static Symbol ofOne(Site site, String name, long size, float value) {
        float[] values = new float[Math.toIntExact(size)];
        Arrays.fill(values, value);
        return site.draft().constant(name, Tensor.ofFloats(values, size));
    }

    /** A value for each channel, which is the second dimension. */
    static Symbol channels(Site site, Symbol values, int rank) {
        if (rank <= 2) {
            return values;
        }
        long[] axes = new long[rank - 2];
        Arrays.setAll(axes, i -> i + 1);
        return site.node("Unsqueeze", values.type(), rank - 1, values, site.longsConstant(axes));
    }

    private static Symbol instanceNorm(Site site) {
        Symbol x = site.tensor(0);
        if (!site.flag(5, "use_input_stats") || !site.has(1) || !site.has(2)) {
            throw site.refusal("it calls instance_norm with running statistics or without scale and shift,"
                    + " for which there is no operator.");
        }
        Map<String, Attribute> epsilon = Map.of("epsilon", Attribute.of((float) site.real(7, 1e-5)));
        return site.same("InstanceNormalization", epsilon, x, site.tensor(1), site.tensor(2));
    }

    private static Symbol dropout(Site site) {
        Symbol x = site.tensor(0);
        return site.same("Dropout", x, site.asTensor(site.real(1, 0.5), ElementType.FLOAT));
    }

    private static Symbol embedding(Site site) {
        Symbol table = site.tensor(0);
        Symbol ids = site.tensor(1);
        return site.node("Gather", table.type(), ids.rank() + table.rank() - 1, table, ids);
    }

    /** Softmax of the products of queries and keys over the root of their size, times values. */
    private static Symbol attention(Site site) {
        Symbol query = site.tensor(0);
        Symbol key = site.tensor(1);
        if (site.flag(7, "enable_gqa")) {
            throw site.refusal("it calls scaled_dot_product_attention with enable_gqa, which is not understood.");
        }
        long[] perm = new long[key.rank()];
        Arrays.setAll(perm, i -> i);
        perm[perm.length - 1] = perm.length - 2;
        perm[perm.length - 2] = perm.length - 1;
        Symbol turned = site.same("Transpose", Map.of("perm", Attribute.ofInts(perm)), key);
        Symbol scores = site.same("MatMul", query, turned);
        Object scale = site.arg(6, "scale");
        if (scale instanceof Number number) {
            scores = ElementwiseCalls.binary(site, "Mul", scores, number.doubleValue());
        } else {
            Symbol size = site.cast(ShapeCalls.size(site, query, -1), query.type());
            scores = site.same("Div", scores, site.same("Sqrt", size));
        }
        Symbol mask = site.arg(3, "attn_mask") instanceof Symbol given ? given : null;
        if (site.flag(5, "is_causal")) {
            mask = causal(site, query, key);
        }
        if (mask != null && mask.type() == ElementType.BOOL) {
            Symbol never = site.asTensor(Double.NEGATIVE_INFINITY, scores.type());
            scores = site.node("Where", scores.type(), scores.rank(), mask, scores, never);
        } else if (mask != null) {
            scores = site.same("Add", scores, mask);
        }
        return site.same("MatMul", site.same("Softmax", Map.of("axis", Attribute.of(-1)), scores), site.tensor(2));
    }

    /** Truths up to each query's own place. */
    private static Symbol causal(Site site, Symbol query, Symbol key) {
        Symbol shape = site.sizes(List.of(ShapeCalls.size(site, query, -2), ShapeCalls.size(site, key, -2)));
        Symbol ones = site.node("Expand", ElementType.FLOAT, 2, site.asTensor(1.0, ElementType.FLOAT), shape);
        return site.cast(site.same("Trilu", Map.of("upper", Attribute.of(0)), ones), ElementType.BOOL);
    }
}
