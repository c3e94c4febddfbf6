import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import pomona.djl.IdxDataset;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.train.FineTuning;
import pomona.train.Training;

/** LeNet-5 and a residual network of depthwise convolutions, trained on MNIST. */
final class Digits {

    private static final Path MNIST = Path.of("../../notebooks/data/mnist");

    static final IdxDataset TEST = IdxDataset.test(MNIST);

    private final NetworkBuilder builder;
    private final Random random = new Random(1);

    private Digits(String name) {
        builder = Network.builder(name).input("x", "batch", 1, 28, 28).output("y", "batch", 10);
    }

    static IdxDataset calibration() {
        return IdxDataset.train(MNIST).limit(512);
    }

    static Network trained(Network network, int epochs) {
        return network.apply(new FineTuning(IdxDataset.train(MNIST), Training.epochs(epochs).withJitter(1), false));
    }

    /** As in Caffe: 20 and 50 kernels of 5 by 5, 500 hidden units, 431 080 parameters. */
    static Network lenet5() {
        Digits net = new Digits("lenet-5");
        String pooled = net.pool(net.conv("conv1", "x", 1, 20, 5, 0, 1, 1));
        String again = net.pool(net.conv("conv2", pooled, 20, 50, 5, 0, 1, 1));
        net.builder.node("Flatten", List.of(again), "flat");
        String hidden = net.relu(net.linear("fc1", "flat", 800, 500, "fc1.out"));
        net.linear("fc2", hidden, 500, 10, "y");
        return net.builder.build();
    }

    /** A stem, six inverted bottlenecks with depthwise convolutions, four of them residual, and global pooling. */
    static Network residual() {
        Digits net = new Digits("residual-depthwise");
        String value = net.relu(net.normalized("stem", "x", 1, 32, 3, 1, 2, 1));
        int[] widths = {32, 32, 64, 64, 64, 64};
        int[] strides = {1, 1, 2, 1, 1, 1};
        int width = 32;
        for (int i = 0; i < widths.length; i++) {
            value = net.bottleneck("block" + i, value, width, widths[i], strides[i]);
            width = widths[i];
        }
        net.builder.node("GlobalAveragePool", List.of(value), "mean").node("Flatten", List.of("mean"), "flat");
        net.linear("fc", "flat", width, 10, "y");
        return net.builder.build();
    }

    private String bottleneck(String name, String value, int in, int out, int stride) {
        int middle = 3 * in;
        String wide = relu(normalized(name + ".expand", value, in, middle, 1, 0, 1, 1));
        String deep = relu(normalized(name + ".depthwise", wide, middle, middle, 3, 1, stride, middle));
        String narrow = normalized(name + ".project", deep, middle, out, 1, 0, 1, 1);
        if (in != out || stride != 1) {
            return narrow;
        }
        builder.node("Add", List.of(narrow, value), name + ".sum");
        return name + ".sum";
    }

    private String normalized(String name, String value, int in, int out, int size, int pad, int stride, int groups) {
        String product = conv(name, value, in, out, size, pad, stride, groups);
        List<String> inputs = new ArrayList<>(List.of(product));
        String[] parts = {"scale", "shift", "mean", "variance"};
        for (int p = 0; p < parts.length; p++) {
            float[] values = new float[out];
            java.util.Arrays.fill(values, p % 3 == 0 ? 1 : 0);
            builder.weight(name + ".bn." + parts[p], Tensor.ofFloats(values, out));
            inputs.add(name + ".bn." + parts[p]);
        }
        builder.node(Node.of("BatchNormalization", name + ".bn", inputs, name + ".bn.out"));
        return name + ".bn.out";
    }

    private String conv(String name, String value, int in, int out, int size, int pad, int stride, int groups) {
        int fanIn = in / groups * size * size;
        weight(name + ".weight", fanIn, out, in / groups, size, size);
        builder.weight(name + ".bias", Tensor.ofFloats(new float[out], out));
        builder.node(Node.of("Conv", name, List.of(value, name + ".weight", name + ".bias"), name + ".out")
                .with("kernel_shape", Attribute.ofInts(size, size))
                .with("pads", Attribute.ofInts(pad, pad, pad, pad))
                .with("strides", Attribute.ofInts(stride, stride))
                .with("group", Attribute.of(groups)));
        return name + ".out";
    }

    private String linear(String name, String value, int in, int out, String output) {
        weight(name + ".weight", in, out, in);
        builder.weight(name + ".bias", Tensor.ofFloats(new float[out], out));
        builder.node(Node.of("Gemm", name, List.of(value, name + ".weight", name + ".bias"), output)
                .with("transB", Attribute.of(1)));
        return output;
    }

    private String relu(String value) {
        builder.node("Relu", List.of(value), value + ".relu");
        return value + ".relu";
    }

    private String pool(String value) {
        builder.node(Node.of("MaxPool", value + ".pool", List.of(value), value + ".pool")
                .with("kernel_shape", Attribute.ofInts(2, 2))
                .with("strides", Attribute.ofInts(2, 2)));
        return value + ".pool";
    }

    private void weight(String name, int fanIn, int... shape) {
        long[] dims = java.util.Arrays.stream(shape).asLongStream().toArray();
        float[] values = new float[(int) java.util.Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / fanIn));
        }
        builder.weight(name, Tensor.ofFloats(values, dims));
    }
}
