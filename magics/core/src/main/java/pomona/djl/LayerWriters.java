package pomona.djl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import pomona.djl.TracedCall.Ref;
import pomona.graph.Attribute;
import pomona.graph.ElementType;

/** The layers among what blocks do: linear, convolutions, pooling, normalization, dropout, embedding. */
final class LayerWriters {

    private LayerWriters() {}

    static void addTo(Map<String, Consumer<Writing>> writers) {
        writers.put("ex.linear", LayerWriters::linear);
        writers.put("ex.convolution", LayerWriters::convolution);
        writers.put("ex.deconvolution", LayerWriters::deconvolution);
        writers.put("ex.prelu", LayerWriters::prelu);
        writers.put("ex.lpPool", LayerWriters::lpPool);
        writers.put("ex.globalLpPool", w -> {
            Map<String, Attribute> power = Map.of("p", Attribute.of((long) w.number(1)));
            w.result("Flatten", w.step("GlobalLpPool", List.of(w.self()), power));
        });
        writers.put("ex.maxPool", w -> w.result("MaxPool", List.of(w.self()), window(w)));
        writers.put("ex.avgPool", LayerWriters::averagePool);
        writers.put("ex.globalAvgPool", w -> w.result("Flatten", w.step("GlobalAveragePool", w.self())));
        writers.put("ex.globalMaxPool", w -> w.result("Flatten", w.step("GlobalMaxPool", w.self())));
        writers.put("ex.batchNorm", LayerWriters::batchNorm);
        writers.put("ex.layerNorm", LayerWriters::layerNorm);
        writers.put("ex.dropout", w -> w.result("Dropout", w.value(1), w.value(2)));
        writers.put("ex.embedding", LayerWriters::embedding);
    }

    /** A matrix of records is what Gemm takes; on anything of more dimensions it is MatMul and Add. */
    private static void linear(Writing w) {
        Ref weight = (Ref) w.arg(2);
        boolean bias = w.arg(3) != null;
        if (w.rank() == 2) {
            List<String> inputs = new ArrayList<>(List.of(w.value(1), w.value(2)));
            if (bias) {
                inputs.add(w.value(3));
            }
            w.result("Gemm", inputs, Map.of("transB", Attribute.of(1)));
            return;
        }
        String matrix = w.writer().transposed(weight);
        if (matrix == null) {
            matrix = w.step("Transpose", w.value(2));
        }
        String product = w.step("MatMul", w.value(1), matrix);
        if (bias) {
            w.result("Add", product, w.value(3));
        } else {
            w.made(product);
        }
    }

    private static void convolution(Writing w) {
        List<String> inputs = new ArrayList<>(List.of(w.value(1), w.value(2)));
        if (w.arg(3) != null) {
            inputs.add(w.value(3));
        }
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("strides", Attribute.ofInts(w.longs(4)));
        attributes.put("pads", Attribute.ofInts(bothSides(w.longs(5))));
        attributes.put("dilations", Attribute.ofInts(w.longs(6)));
        attributes.put("group", Attribute.of(((Number) w.arg(7)).longValue()));
        w.result("Conv", inputs, attributes);
    }

    /** DJL counts outputs first, as for a convolution; the operator counts inputs first. */
    private static void deconvolution(Writing w) {
        if (((Number) w.arg(8)).longValue() != 1) {
            throw w.refusal("it is a transposed convolution in groups, whose weights DJL does not describe");
        }
        long[] perm = LongStream.range(0, w.rank()).toArray();
        perm[0] = 1;
        perm[1] = 0;
        String weight = w.step("Transpose", List.of(w.value(2)), Map.of("perm", Attribute.ofInts(perm)));
        List<String> inputs = new ArrayList<>(List.of(w.value(1), weight));
        if (w.arg(3) != null) {
            inputs.add(w.value(3));
        }
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("strides", Attribute.ofInts(w.longs(4)));
        attributes.put("pads", Attribute.ofInts(bothSides(w.longs(5))));
        attributes.put("output_padding", Attribute.ofInts(w.longs(6)));
        attributes.put("dilations", Attribute.ofInts(w.longs(7)));
        w.result("ConvTranspose", inputs, attributes);
    }

    /** One slope, or one for each channel, which is the second dimension. */
    private static void prelu(Writing w) {
        String slope = w.value(2);
        int spatial = w.rank() - 2;
        if (spatial > 0) {
            long[] shape = LongStream.generate(() -> 1).limit(spatial + 1).toArray();
            shape[0] = -1;
            slope = w.step("Reshape", slope, w.longsConstant(shape));
        }
        w.result("PRelu", w.value(1), slope);
    }

    private static void lpPool(Writing w) {
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("p", Attribute.of((long) w.number(1)));
        attributes.put("kernel_shape", Attribute.ofInts(w.longs(2)));
        attributes.put("strides", Attribute.ofInts(w.longs(3)));
        attributes.put("pads", Attribute.ofInts(bothSides(w.longs(4))));
        w.result("LpPool", List.of(w.self()), attributes);
    }

    /** Kernel, stride, padding and rounding, which are the first arguments of every pooling. */
    private static Map<String, Attribute> window(Writing w) {
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("kernel_shape", Attribute.ofInts(w.longs(1)));
        attributes.put("strides", Attribute.ofInts(w.longs(2)));
        attributes.put("pads", Attribute.ofInts(bothSides(w.longs(3))));
        attributes.put("ceil_mode", Attribute.of(w.flag(4) ? 1L : 0L));
        return attributes;
    }

    private static void averagePool(Writing w) {
        Map<String, Attribute> attributes = window(w);
        boolean padded = Arrays.stream(w.longs(3)).anyMatch(pad -> pad > 0);
        boolean counts = w.flag(5) || padded && ConvolutionOps.countsPadsAlways();
        attributes.put("count_include_pad", Attribute.of(counts ? 1L : 0L));
        w.result("AveragePool", List.of(w.self()), attributes);
    }

    private static void batchNorm(Writing w) {
        long axis = ((Number) w.arg(6)).longValue();
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("momentum", Attribute.of(w.number(7)));
        attributes.put("epsilon", Attribute.of(w.number(8)));
        String input = w.value(1);
        long[] perm = LongStream.range(0, w.rank()).toArray();
        boolean elsewhere = axis > 1 || axis == 0;
        if (elsewhere) {
            perm[1] = axis;
            perm[(int) axis] = 1;
            input = w.step("Transpose", List.of(input), Map.of("perm", Attribute.ofInts(perm)));
        }
        String normalized = w.step(
                "BatchNormalization", List.of(input, w.value(4), w.value(5), w.value(2), w.value(3)), attributes);
        if (elsewhere) {
            normalized = w.step("Transpose", List.of(normalized), Map.of("perm", Attribute.ofInts(perm)));
        }
        w.made(normalized);
    }

    private static void layerNorm(Writing w) {
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("axis", Attribute.of((long) -w.longs(2).length));
        attributes.put("epsilon", Attribute.of(w.number(5)));
        w.result("LayerNormalization", List.of(w.value(1), w.value(3), w.value(4)), attributes);
    }

    private static void embedding(Writing w) {
        String indices =
                w.step("Cast", List.of(w.value(1)), Map.of("to", Attribute.of((long) ElementType.INT64.code())));
        w.result("Gather", w.value(2), indices);
    }

    private static long[] bothSides(long[] pads) {
        long[] both = Arrays.copyOf(pads, 2 * pads.length);
        System.arraycopy(pads, 0, both, pads.length, pads.length);
        return both;
    }
}
