import java.util.Arrays;
import java.util.List;
import java.util.Random;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** The two networks of Han et al. with random weights: LeNet-300-100, and LeNet-5 as Caffe has it. */
final class LeNets {

    private LeNets() {}

    /** 784, 300, 100 and 10 units: 266 610 parameters. */
    static Network perceptron(long seed) {
        Random random = new Random(seed);
        NetworkBuilder builder = Network.builder("lenet-300-100").input("x", "batch", 784);
        linear(builder, random, "fc1", "x", 784, 300);
        builder.node("Relu", List.of("fc1.out"), "relu1");
        linear(builder, random, "fc2", "relu1", 300, 100);
        builder.node("Relu", List.of("fc2.out"), "relu2");
        linear(builder, random, "fc3", "relu2", 100, 10);
        return builder.output("fc3.out", "batch", 10).build();
    }

    /** 20 and 50 kernels of 5 x 5, 500 hidden units: 431 080 parameters. */
    static Network convolutional(long seed) {
        Random random = new Random(seed);
        NetworkBuilder builder = Network.builder("lenet-5").input("x", "batch", 1, 28, 28);
        convolution(builder, random, "conv1", "x", 1, 20);
        pool(builder, "pool1", "conv1.out");
        convolution(builder, random, "conv2", "pool1", 20, 50);
        pool(builder, "pool2", "conv2.out");
        builder.node("Flatten", List.of("pool2"), "flat");
        linear(builder, random, "fc1", "flat", 800, 500);
        builder.node("Relu", List.of("fc1.out"), "relu");
        linear(builder, random, "fc2", "relu", 500, 10);
        return builder.output("fc2.out", "batch", 10).build();
    }

    private static void linear(NetworkBuilder builder, Random random, String name, String from, int in, int out) {
        builder.weight(name + ".weight", gaussian(random, in, out, in))
                .weight(name + ".bias", Tensor.ofFloats(new float[out], out))
                .node(Node.of("Gemm", name, List.of(from, name + ".weight", name + ".bias"), name + ".out")
                        .with("transB", Attribute.of(1)));
    }

    private static void convolution(NetworkBuilder builder, Random random, String name, String from, int in, int out) {
        builder.weight(name + ".weight", gaussian(random, in * 25, out, in, 5, 5))
                .weight(name + ".bias", Tensor.ofFloats(new float[out], out))
                .node(Node.of("Conv", name, List.of(from, name + ".weight", name + ".bias"), name + ".out"));
    }

    private static void pool(NetworkBuilder builder, String name, String from) {
        builder.node(Node.of("MaxPool", name, List.of(from), name)
                .with("kernel_shape", Attribute.ofInts(2, 2))
                .with("strides", Attribute.ofInts(2, 2)));
    }

    /** Normally distributed with the spread of He et al. 2015. */
    private static Tensor gaussian(Random random, int fanIn, long... shape) {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / fanIn));
        }
        return Tensor.ofFloats(values, shape);
    }
}
