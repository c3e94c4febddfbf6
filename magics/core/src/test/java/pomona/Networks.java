package pomona;

import java.util.List;
import java.util.Random;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Tiny networks for tests; each is the same every time. */
public final class Networks {

    private Networks() {}

    /** Normally distributed floats with the spread of He initialization for that fan-in. */
    public static Tensor random(long seed, int fanIn, long... shape) {
        Random random = new Random(seed);
        float[] values =
                new float[java.util.Arrays.stream(shape).mapToInt(d -> (int) d).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / fanIn));
        }
        return Tensor.ofFloats(values, shape);
    }

    /** Floats between a lower and an upper bound. */
    public static Tensor uniform(long seed, float low, float high, long... shape) {
        Random random = new Random(seed);
        float[] values =
                new float[java.util.Arrays.stream(shape).mapToInt(d -> (int) d).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = low + random.nextFloat() * (high - low);
        }
        return Tensor.ofFloats(values, shape);
    }

    /** A multilayer perceptron of Gemm operators (transB=1, as DJL and PyTorch write them) with Relu between. */
    public static Network mlp(int... sizes) {
        NetworkBuilder builder = Network.builder("mlp").input("x", "batch", sizes[0]);
        String value = "x";
        for (int i = 1; i < sizes.length; i++) {
            String name = "fc" + i;
            builder.weight(name + ".weight", random(i, sizes[i - 1], sizes[i], sizes[i - 1]))
                    .weight(name + ".bias", uniform(100 + i, -0.1f, 0.1f, sizes[i]));
            builder.node(Node.of("Gemm", name, List.of(value, name + ".weight", name + ".bias"), name + ".out")
                    .with("transB", Attribute.of(1)));
            value = name + ".out";
            if (i < sizes.length - 1) {
                builder.node(Node.of("Relu", "relu" + i, List.of(value), "relu" + i + ".out"));
                value = "relu" + i + ".out";
            }
        }
        return builder.output(value, "batch", sizes[sizes.length - 1]).build();
    }

    /** LeNet-300-100 with random weights: 784 inputs, 10 outputs, 266 610 parameters. */
    public static Network lenet300() {
        return mlp(784, 300, 100, 10).named("lenet-300-100");
    }

    /** Two linear layers as MatMul and Add, the form in which Keras and transformers come; the second has no bias. */
    public static Network matMulAdd() {
        return Network.builder("matmul-add")
                .input("x", "batch", 5, 8)
                .weight("a.weight", random(1, 8, 8, 6))
                .weight("a.bias", uniform(2, -0.1f, 0.1f, 6))
                .weight("b.weight", random(3, 6, 6, 4))
                .node(Node.of("MatMul", "a", List.of("x", "a.weight"), "a.product"))
                .node(Node.of("Add", "a.add", List.of("a.product", "a.bias"), "a.out"))
                .node(Node.of("Relu", "relu", List.of("a.out"), "relu.out"))
                .node(Node.of("MatMul", "b", List.of("relu.out", "b.weight"), "y"))
                .output("y", "batch", 5, 4)
                .build();
    }

    /** A small convolutional network with batch normalization: Conv, BN, Relu, MaxPool, Conv, Relu, Flatten, Gemm. */
    public static Network cnn() {
        NetworkBuilder builder = Network.builder("cnn").input("x", "batch", 1, 12, 12);
        builder.weight("conv1.weight", random(1, 9, 4, 1, 3, 3)).weight("conv1.bias", uniform(2, -0.1f, 0.1f, 4));
        batchNorm(builder, "bn1", 4);
        builder.weight("conv2.weight", random(3, 36, 8, 4, 3, 3)).weight("conv2.bias", uniform(4, -0.1f, 0.1f, 8));
        builder.weight("fc.weight", random(5, 128, 10, 128)).weight("fc.bias", uniform(6, -0.1f, 0.1f, 10));
        return builder.node(conv("conv1", "x", "conv1.weight", "conv1.bias"))
                .node(Node.of(
                        "BatchNormalization",
                        "bn1",
                        List.of("conv1.out", "bn1.scale", "bn1.shift", "bn1.mean", "bn1.variance"),
                        "bn1.out"))
                .node("Relu", List.of("bn1.out"), "relu1.out")
                .node(Node.of("MaxPool", "pool1", List.of("relu1.out"), "pool1.out")
                        .with("kernel_shape", Attribute.ofInts(2, 2))
                        .with("strides", Attribute.ofInts(2, 2)))
                .node(conv("conv2", "pool1.out", "conv2.weight", "conv2.bias"))
                .node("Relu", List.of("conv2.out"), "relu2.out")
                .node(Node.of("AveragePool", "pool2", List.of("relu2.out"), "pool2.out")
                        .with("kernel_shape", Attribute.ofInts(3, 3))
                        .with("strides", Attribute.ofInts(1, 1)))
                .node("Flatten", List.of("pool2.out"), "flat")
                .node(Node.of("Gemm", "fc", List.of("flat", "fc.weight", "fc.bias"), "y")
                        .with("transB", Attribute.of(1)))
                .output("y", "batch", 10)
                .build();
    }

    /** The parameters of one batch normalization. */
    public static void batchNorm(NetworkBuilder builder, String name, int channels) {
        builder.weight(name + ".scale", uniform(11, 0.5f, 1.5f, channels))
                .weight(name + ".shift", uniform(12, -0.5f, 0.5f, channels))
                .weight(name + ".mean", uniform(13, -0.2f, 0.2f, channels))
                .weight(name + ".variance", uniform(14, 0.5f, 2f, channels));
    }

    /** A 3 by 3 convolution that keeps height and width. */
    public static Node conv(String name, String input, String... weights) {
        List<String> inputs = new java.util.ArrayList<>(List.of(input));
        inputs.addAll(List.of(weights));
        return Node.of("Conv", name, inputs, name + ".out")
                .with("kernel_shape", Attribute.ofInts(3, 3))
                .with("pads", Attribute.ofInts(1, 1, 1, 1));
    }
}
