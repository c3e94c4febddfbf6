package pomona.quantize;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.Equality;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Networks whose matrices have the forms that quantization in blocks has to deal with, and the plain way to round them. */
final class BlockNetworks {

    private BlockNetworks() {}

    /**
     * A block of an encoder: a normalization that leads to a linear layer, and one that also leads to a sum.
     *
     * @param least the least factor of the normalizations, {@code most} the largest
     */
    static Network normalized(int size, float least, float most) {
        return Network.builder("block")
                .input("x", "batch", size)
                .weight("g", Networks.uniform(1, least, most, size))
                .weight("b", Networks.uniform(2, -1, 1, size))
                .weight("w1", Networks.random(3, size, size, size))
                .weight("w2", Networks.random(4, size, size, size))
                .node("LayerNormalization", List.of("x", "g", "b"), "n1")
                .node("MatMul", List.of("n1", "w1"), "m1")
                .node("LayerNormalization", List.of("m1", "g", "b"), "n2")
                .node("MatMul", List.of("n2", "w2"), "m2")
                .node("Add", List.of("n2", "m2"), "y")
                .output("y", "batch", size)
                .build();
    }

    /** A table of 11 rows of 40, Gemm in each form, and MatMul of a matrix behind a Transpose; rows of 40 end inside a block. */
    static Network mixed() {
        NetworkBuilder builder = Network.builder("mixed")
                .input(Value.of("ids", ElementType.INT64, "batch"))
                .weight("table", Networks.random(1, 1, 11, 40))
                .node("Gather", List.of("table", "ids"), "rows")
                .weight("w1", Networks.random(2, 40, 30, 40))
                .weight("b1", Networks.random(3, 1, 30))
                .node(Node.of("Gemm", "first", List.of("rows", "w1", "b1"), "h1")
                        .with("transB", Attribute.of(1))
                        .with("alpha", Attribute.of(0.5f))
                        .with("beta", Attribute.of(2f)))
                .weight("w2", Networks.random(4, 30, 37, 30))
                .node(Node.of("Transpose", "turn", List.of("w2"), "w2.t").with("perm", Attribute.ofInts(1, 0)))
                .node("MatMul", List.of("h1", "w2.t"), "h2")
                .node(Node.of("Transpose", "other", List.of("h2"), "h2.t").with("perm", Attribute.ofInts(1, 0)))
                .weight("w3", Networks.random(5, 37, 37, 19))
                .node(Node.of("Gemm", "third", List.of("h2.t", "w3"), "h3")
                        .with("transA", Attribute.of(1))
                        .with("alpha", Attribute.of(1.5f)))
                .weight("w4", Networks.random(6, 19, 19, 8))
                .node("MatMul", List.of("h3", "w4"), "y");
        return builder.output("y", "batch", 8).opset("", 13).build();
    }

    static Map<String, Tensor> feeds(Network network) {
        if (network.name().equals("mixed")) {
            return Map.of("ids", Tensor.ofLongs(new long[] {3, 0, 10, 7, 7}, 5));
        }
        return new HashMap<>(Equality.feeds(network));
    }

    /** The same network with each weight rounded in blocks by itself, as floats. */
    static Network rounded(Network network, BlockFormat format) {
        Map<String, Tensor> changed = new LinkedHashMap<>();
        for (LayerWeight weight : new BlockTargets(network).choose("*", format.embeddings())) {
            float[] values = weight.tensor().toFloatArray();
            int rows = (int) weight.tensor().dim(weight.outputAxis());
            int columns = values.length / rows;
            for (int r = 0; r < rows; r++) {
                for (int from = 0; from < columns; from += format.block()) {
                    int length = Math.min(format.block(), columns - from);
                    int[] places = new int[length];
                    for (int i = 0; i < length; i++) {
                        places[i] = weight.outputAxis() == 0 ? r * columns + from + i : (from + i) * rows + r;
                    }
                    round(values, places, format);
                }
            }
            changed.put(weight.name(), Tensor.ofFloats(values, weight.tensor().shape()));
        }
        return network.withWeights(changed);
    }

    private static void round(float[] values, int[] places, BlockFormat format) {
        double least = 0;
        double most = 0;
        for (int place : places) {
            least = Math.min(least, values[place]);
            most = Math.max(most, values[place]);
        }
        int half = 1 << format.bits() - 1;
        double furthest = -least > most ? least : most;
        double scale = !format.symmetric()
                ? (most - least) / (2 * half - 1)
                : format.bits() == 8 ? Math.abs(furthest) / 127 : furthest / -half;
        double zero = format.symmetric() ? half : Math.rint(-least / scale);
        for (int place : places) {
            double code = Math.rint(values[place] / scale) + zero;
            values[place] = (float) ((Math.max(0, Math.min(2 * half - 1, code)) - zero) * scale);
        }
    }

    /** Weights on the nearest steps of some bits, with one scale for each layer or output. */
    static Network nearest(Network network, int bits, boolean perChannel) {
        int largest = (1 << bits - 1) - 1;
        Map<String, Tensor> rounded = new LinkedHashMap<>();
        for (LayerWeight layer : LayerWeight.of(network)) {
            float[] values = layer.tensor().toFloatArray();
            long[] shape = layer.tensor().shape();
            int axis = perChannel ? layer.outputAxis() : -1;
            float[] scales = QuantizedWeight.scales(values, shape, axis, largest);
            int inner = QuantizedWeight.inner(shape, axis);
            for (int i = 0; i < values.length; i++) {
                float scale = scales[i / inner % scales.length];
                values[i] = (float) Math.rint(values[i] / scale) * scale;
            }
            rounded.put(layer.name(), Tensor.ofFloats(values, shape));
        }
        return network.withWeights(rounded);
    }
}
