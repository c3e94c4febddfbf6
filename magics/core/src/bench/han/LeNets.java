import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** The two networks of Han et al. 2015 with random weights; both take images of (batch, 1, 28, 28). */
final class LeNets {

    private LeNets() {}

    /** {@code lenet-300-100} or {@code lenet-5}. */
    static Network of(String name, long seed) {
        return switch (name) {
            case "lenet-300-100" -> perceptron(seed);
            case "lenet-5" -> convolutional(seed);
            default -> throw new IllegalArgumentException("The network is lenet-300-100 or lenet-5; it was " + name + ".");
        };
    }

    /** 784, 300, 100 and 10 units, 266 610 parameters. */
    private static Network perceptron(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        NetworkBuilder builder = Network.builder("lenet-300-100").input("image", "batch", 1, 28, 28)
                .node("Flatten", List.of("image"), "flat");
        dense(builder, random, "flat", "fc1", 784, 300);
        dense(builder.node("Relu", List.of("fc1.out"), "relu1"), random, "relu1", "fc2", 300, 100);
        dense(builder.node("Relu", List.of("fc2.out"), "relu2"), random, "relu2", "fc3", 100, 10);
        return builder.output("fc3.out", "batch", 10).build();
    }

    /** Caffe's LeNet-5: 20 and 50 kernels of 5 x 5, 500 hidden units, 431 080 parameters. */
    private static Network convolutional(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        NetworkBuilder builder = Network.builder("lenet-5").input("image", "batch", 1, 28, 28);
        convolution(builder, random, "image", "conv1", 1, 20);
        convolution(builder.node(pool("conv1.out", "pool1")), random, "pool1", "conv2", 20, 50);
        builder.node(pool("conv2.out", "pool2")).node("Flatten", List.of("pool2"), "flat");
        dense(builder, random, "flat", "fc1", 800, 500);
        dense(builder.node("Relu", List.of("fc1.out"), "relu"), random, "relu", "fc2", 500, 10);
        return builder.output("fc2.out", "batch", 10).build();
    }

    private static void convolution(NetworkBuilder builder, SplittableRandom random, String from, String layer, int in,
            int out) {
        builder.weight(layer + ".weight", normal(random, in * 25, out, in, 5, 5))
                .weight(layer + ".bias", Tensor.ofFloats(new float[out], out))
                .node(Node.of("Conv", layer, List.of(from, layer + ".weight", layer + ".bias"), layer + ".out"));
    }

    private static void dense(NetworkBuilder builder, SplittableRandom random, String from, String layer, int in, int out) {
        builder.weight(layer + ".weight", normal(random, in, out, in))
                .weight(layer + ".bias", Tensor.ofFloats(new float[out], out))
                .node(Node.of("Gemm", layer, List.of(from, layer + ".weight", layer + ".bias"), layer + ".out")
                        .with("transB", Attribute.of(1)));
    }

    private static Node pool(String input, String output) {
        return Node.of("MaxPool", output, List.of(input), output)
                .with("kernel_shape", Attribute.ofInts(2, 2))
                .with("strides", Attribute.ofInts(2, 2));
    }

    /** He et al. 2015. */
    private static Tensor normal(SplittableRandom random, int fanIn, long... shape) {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / fanIn));
        }
        return Tensor.ofFloats(values, shape);
    }
}
