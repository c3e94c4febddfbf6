package pomona.jupyter;

import java.util.List;
import java.util.Random;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Small networks for tests. */
public final class Networks {

    private Networks() {}

    /** Two layers over images of 784 pixels, with random weights: 10 classes. */
    public static Network classifier(String name, long seed) {
        Random random = new Random(seed);
        return Network.builder(name)
                .input("image", "batch", 784)
                .weight("w1", random(random, 784, 16))
                .weight("w2", random(random, 16, 10))
                .node("MatMul", List.of("image", "w1"), "hidden")
                .node("Relu", List.of("hidden"), "active")
                .node("MatMul", List.of("active", "w2"), "logits")
                .output("logits", "batch", 10)
                .build();
    }

    /** One layer over images of 784 pixels, with random weights: 8 features. */
    public static Network features(String name, long seed) {
        return Network.builder(name)
                .input("image", "batch", 784)
                .weight("w", random(new Random(seed), 784, 8))
                .node("MatMul", List.of("image", "w"), "features")
                .output("features", "batch", 8)
                .build();
    }

    /** Two linear layers with names and biases over images of 784 pixels: 10 classes. */
    public static Network biased(String name, long seed) {
        Random random = new Random(seed);
        return Network.builder(name)
                .input("image", "batch", 784)
                .weight("fc1.weight", random(random, 784, 16))
                .weight("fc1.bias", Tensor.ofFloats(new float[16], 16))
                .weight("fc2.weight", random(random, 16, 10))
                .weight("fc2.bias", Tensor.ofFloats(new float[10], 10))
                .node(Node.of("Gemm", "fc1", List.of("image", "fc1.weight", "fc1.bias"), "hidden"))
                .node(Node.of("Relu", "relu", List.of("hidden"), "active"))
                .node(Node.of("Gemm", "fc2", List.of("active", "fc2.weight", "fc2.bias"), "logits"))
                .output("logits", "batch", 10)
                .build();
    }

    /** Each of six positions of four numbers times a matrix; takes a mask of positions. */
    public static Network encoder(String name, long seed) {
        return Network.builder(name)
                .input("x", "batch", 6, 4)
                .input(Value.of("mask", ElementType.INT64, "batch", 6))
                .weight("w", random(new Random(seed), 4, 4))
                .node(Node.of("MatMul", "fc", List.of("x", "w"), "y"))
                .output("y", "batch", 6, 4)
                .build();
    }

    private static Tensor random(Random random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / 8;
        }
        return Tensor.ofFloats(values, rows, columns);
    }
}
