package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Networks put together at random give the same on both engines, in one batch or in several. */
public class RandomNetworksTest {

    private static final int BATCH = 3;

    /** A network of images (batch, 4, 9, 9) and five outputs, the same for the same seed. */
    public static Network random(long seed, int layers) {
        return new Maker(seed).make(layers);
    }

    @Property(tries = 60)
    void bothEnginesAgree(@ForAll long seed, @ForAll @IntRange(min = 1, max = 10) int layers) {
        Network network = new Maker(seed).make(layers);
        Tensor input = Networks.uniform(seed + 1, -1, 1, BATCH, 4, 9, 9);
        float[] expected;
        try (RuntimeSession session = RuntimeSession.open(network, 1)) {
            expected = session.run(input).toFloatArray();
        }
        assertThat(run(network, input)).containsExactly(expected, within(tolerance(expected)));
        float[] pixels = input.toFloatArray();
        float[] last = run(network, Tensor.ofFloats(Arrays.copyOfRange(pixels, 2 * 324, 3 * 324), 1, 4, 9, 9));
        int size = expected.length / BATCH;
        float[] expectedLast = Arrays.copyOfRange(expected, 2 * size, 3 * size);
        assertThat(last).containsExactly(expectedLast, within(tolerance(expected)));
    }

    private static float tolerance(float[] values) {
        float largest = 1;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return 2e-5f * largest;
    }

    private static float[] run(Network network, Tensor input) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NetworkBlock block = NetworkBlock.of(network);
            NDList inputs = new NDList(Tensors.toArray(input, manager));
            return block.forward(new ParameterStore(manager, false), inputs, false)
                    .singletonOrThrow()
                    .toFloatArray();
        }
    }

    /** Adds layers to images (batch, 4, 9, 9), and at the end a linear one. */
    private static final class Maker {

        private final Random random;
        private final NetworkBuilder builder = Network.builder("random").input("x", "batch", 4, 9, 9);
        private final List<String> passed = new ArrayList<>();
        private final List<int[]> shapes = new ArrayList<>();
        private String value = "x";
        private int channels = 4;
        private int height = 9;
        private int width = 9;
        private int count;

        Maker(long seed) {
            this.random = new Random(seed);
        }

        Network make(int layers) {
            for (int i = 0; i < layers; i++) {
                passed.add(value);
                shapes.add(new int[] {channels, height, width});
                switch (random.nextInt(6)) {
                    case 0, 1 -> convolve();
                    case 2 -> pool();
                    case 3 -> normalize();
                    case 4 -> join();
                    default -> activate();
                }
            }
            int size = channels * height * width;
            add(Node.of("Flatten", "flat", List.of(value), name()));
            add(Node.of("Gemm", "fc", List.of(value, weight(size, 5, size), weight(size, 5)), name())
                    .with("transB", Attribute.of(1)));
            return builder.output(value, "batch", 5).build();
        }

        private void convolve() {
            int groups = channels % 2 == 0 && random.nextBoolean() ? 2 : 1;
            int filters = groups * (1 + random.nextInt(4));
            int kernel = 1 + random.nextInt(Math.min(3, Math.min(height, width)));
            int stride = 1 + random.nextInt(2);
            int[] pads = {random.nextInt(kernel), random.nextInt(kernel), random.nextInt(kernel), random.nextInt(kernel)
            };
            int fan = channels / groups * kernel * kernel;
            String weights = weight(fan, filters, channels / groups, kernel, kernel);
            add(Node.of("Conv", "conv" + count, List.of(value, weights, weight(fan, filters)), name())
                    .with("group", Attribute.of((long) groups))
                    .with("strides", Attribute.ofInts(stride, stride))
                    .with("pads", Attribute.ofInts(pads[0], pads[1], pads[2], pads[3])));
            channels = filters;
            height = (height + pads[0] + pads[2] - kernel) / stride + 1;
            width = (width + pads[1] + pads[3] - kernel) / stride + 1;
        }

        private void pool() {
            int kernel = 1 + random.nextInt(Math.min(3, Math.min(height, width)));
            int stride = 1 + random.nextInt(2);
            int before = random.nextInt(kernel);
            int after = random.nextInt(kernel);
            boolean max = random.nextBoolean();
            Node node = Node.of(max ? "MaxPool" : "AveragePool", "pool" + count, List.of(value), name())
                    .with("kernel_shape", Attribute.ofInts(kernel, kernel))
                    .with("strides", Attribute.ofInts(stride, stride))
                    .with("pads", Attribute.ofInts(before, before, after, after));
            add(max ? node : node.with("count_include_pad", Attribute.of((long) random.nextInt(2))));
            height = (height + before + after - kernel) / stride + 1;
            width = (width + before + after - kernel) / stride + 1;
        }

        private void normalize() {
            String variance = builder.freshName("variance");
            builder.weight(variance, Networks.uniform(random.nextLong(), 0.5f, 2, channels));
            List<String> inputs =
                    List.of(value, weight(1, channels), weight(4, channels), weight(4, channels), variance);
            add(Node.of("BatchNormalization", "norm" + count, inputs, name()));
        }

        /** With an earlier value of the same size: added when the channels are the same too, else put beside. */
        private void join() {
            int earlier = random.nextInt(passed.size());
            int[] shape = shapes.get(earlier);
            if (shape[1] != height || shape[2] != width) {
                activate();
            } else if (shape[0] == channels && random.nextBoolean()) {
                add(Node.of("Add", "add" + count, List.of(value, passed.get(earlier)), name()));
            } else {
                add(Node.of("Concat", "concat" + count, List.of(value, passed.get(earlier)), name())
                        .with("axis", Attribute.of(1)));
                channels += shape[0];
            }
        }

        private void activate() {
            String[] ops = {"Relu", "Sigmoid", "Tanh", "LeakyRelu", "HardSwish", "Elu", "Softplus", "Identity", "Abs"};
            add(Node.of(ops[random.nextInt(ops.length)], "act" + count, List.of(value), name()));
        }

        private void add(Node node) {
            builder.node(node);
            value = node.output();
        }

        private String name() {
            return "v" + ++count;
        }

        private String weight(int fanIn, long... shape) {
            String name = builder.freshName("w");
            builder.weight(name, Networks.random(random.nextLong(), fanIn, shape));
            return name;
        }
    }
}
