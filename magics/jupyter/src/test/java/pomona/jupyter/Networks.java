package pomona.jupyter;

import java.util.List;
import java.util.Random;
import pomona.graph.Network;
import pomona.graph.Tensor;

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

    private static Tensor random(Random random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / 8;
        }
        return Tensor.ofFloats(values, rows, columns);
    }
}
