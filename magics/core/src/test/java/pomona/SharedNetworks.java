package pomona;

import java.util.List;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Networks with weights that several layers take. */
public final class SharedNetworks {

    private SharedNetworks() {}

    /** Layers one behind the other that share all their weights, as those of ALBERT do. */
    public static Network albert(int layers, long seed) {
        int size = 32;
        NetworkBuilder builder = Network.builder("albert")
                .input("x", "batch", 4, size)
                .weight("w1", Networks.random(10 + seed, size, size, 4 * size))
                .weight("b1", Networks.uniform(2, -0.2f, 0.2f, 4 * size))
                .weight("w2", Networks.random(20 + seed, 4 * size, 4 * size, size))
                .weight("g", Networks.uniform(30 + seed, 0.2f, 3, size))
                .weight("b", Networks.uniform(5, -1, 1, size));
        String value = "x";
        for (int i = 0; i < layers; i++) {
            builder.node(Node.of("MatMul", "up" + i, List.of(value, "w1"), "m" + i))
                    .node("Add", List.of("m" + i, "b1"), "s" + i)
                    .node("Relu", List.of("s" + i), "r" + i)
                    .node(Node.of("MatMul", "down" + i, List.of("r" + i, "w2"), "n" + i))
                    .node("Add", List.of("n" + i, value), "q" + i)
                    .node("LayerNormalization", List.of("q" + i, "g", "b"), "v" + i);
            value = "v" + i;
        }
        return builder.output(value, "batch", 4, size).opset("", 17).build();
    }

    /** Two products with the same weight, whose inputs are zero where those of the other are not. */
    public static Network disjoint(long seed) {
        float[] first = new float[32];
        float[] second = new float[32];
        for (int i = 0; i < 32; i++) {
            first[i] = i < 16 ? 1 : 0;
            second[i] = 1 - first[i];
        }
        return Network.builder("disjoint")
                .input("x", "batch", 32)
                .weight("w", Networks.random(seed, 32, 32, 32))
                .weight("m1", Tensor.ofFloats(first, 32))
                .weight("m2", Tensor.ofFloats(second, 32))
                .node("Mul", List.of("x", "m1"), "a")
                .node("Mul", List.of("x", "m2"), "b")
                .node("MatMul", List.of("a", "w"), "p")
                .node("MatMul", List.of("b", "w"), "q")
                .node(Node.of("Concat", "both", List.of("p", "q"), "y").with("axis", Attribute.of(1)))
                .output("y", "batch", 64)
                .build();
    }

    /** An autoencoder, whose second product takes the weight of the first one transposed. */
    public static Network autoencoder(long seed) {
        return Network.builder("autoencoder")
                .input("x", "batch", 48)
                .weight("w", Networks.random(seed, 48, 48, 32))
                .node(Node.of("Gemm", "in", List.of("x", "w"), "h"))
                .node("Relu", List.of("h"), "r")
                .node(Node.of("Gemm", "out", List.of("r", "w"), "y").with("transB", Attribute.of(1)))
                .output("y", "batch", 48)
                .build();
    }

    /** A table of embeddings that the last product takes too. */
    public static Network tiedTable(long seed) {
        return Network.builder("tied")
                .input(Value.of("ids", ElementType.INT64, "batch"))
                .weight("table", Networks.random(seed, 32, 64, 32))
                .weight("w", Networks.random(seed + 9, 32, 32, 32))
                .node("Gather", List.of("table", "ids"), "rows")
                .node("MatMul", List.of("rows", "w"), "h")
                .node("Relu", List.of("h"), "r")
                .node(Node.of("Gemm", "out", List.of("r", "table"), "y").with("transB", Attribute.of(1)))
                .output("y", "batch", 64)
                .build();
    }
}
