package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1dTranspose;
import ai.djl.nn.convolutional.Conv2dTranspose;
import ai.djl.training.ParameterStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** DJL's PyTorch engine does not have transposed convolutions, so what is expected is worked out here. */
class TransposedConvolutionsTest {

    private final BlockComparison comparison = new BlockComparison();

    @AfterEach
    void close() {
        comparison.close();
    }

    @Test
    void ofOneDimension() {
        Block block = Conv1dTranspose.builder()
                .setKernelShape(new Shape(3))
                .setFilters(4)
                .optStride(new Shape(2))
                .optPadding(new Shape(1))
                .optOutPadding(new Shape(1))
                .build();
        comparison.randomize(block, new Shape(1, 5, 6));
        Network network = Djl.network("deconvolution", block, new Shape(1, 5, 6));
        assertThat(network.signature().toString()).isEqualTo("(input float[batch,5,6]) -> (output float[batch,4,12])");
        assertGives(
                network, block, new Window(new int[] {1, 2}, new int[] {0, 1}, new int[] {1, 1}), new Shape(2, 5, 6));
    }

    @Test
    void ofTwoDimensions() {
        Block block = Conv2dTranspose.builder()
                .setKernelShape(new Shape(3, 2))
                .setFilters(4)
                .optStride(new Shape(2, 3))
                .optPadding(new Shape(1, 0))
                .optOutPadding(new Shape(1, 2))
                .optDilation(new Shape(1, 2))
                .build();
        comparison.randomize(block, new Shape(1, 3, 5, 4));
        Network network = Djl.network("wide", block, new Shape(1, 3, 5, 4));
        assertThat(network.signature().toString())
                .isEqualTo("(input float[batch,3,5,4]) -> (output float[batch,4,10,14])");
        assertGives(
                network,
                block,
                new Window(new int[] {2, 3}, new int[] {1, 0}, new int[] {1, 2}),
                new Shape(2, 3, 5, 4));
    }

    @Test
    void withoutBiasAmongOtherBlocks() {
        Block block = new SequentialBlock()
                .add(Conv2dTranspose.builder()
                        .setKernelShape(new Shape(2, 2))
                        .setFilters(2)
                        .optBias(false)
                        .build());
        comparison.randomize(block, new Shape(1, 3, 4, 4));
        Network network = Djl.network("bare", block, new Shape(1, 3, 4, 4));
        assertThat(network.weights().keySet()).containsExactly("conv2dTranspose1.weight");
        assertGives(
                network,
                block,
                new Window(new int[] {1, 1}, new int[] {0, 0}, new int[] {1, 1}),
                new Shape(3, 3, 4, 4));
    }

    /** Stride, padding and dilation of height and width. */
    private record Window(int[] stride, int[] pad, int[] dilation) {}

    /** Asserts it of both engines, and that the shape is what DJL says of the block. */
    private static void assertGives(Network network, Block block, Window window, Shape shape) {
        Tensor input = OperatorsTest.random(1, shape.getShape());
        long[] size = block.getOutputShapes(new Shape[] {shape})[0].getShape();
        Tensor weight = network.weights().values().stream()
                .filter(w -> w.rank() > 2)
                .findFirst()
                .orElseThrow();
        Tensor bias = network.weights().values().stream()
                .filter(w -> w.rank() == 1)
                .findFirst()
                .orElse(null);
        float[] expected = transposed(input, weight, bias, window, size);
        try (RuntimeSession session = RuntimeSession.open(network)) {
            Tensor got = session.run(input);
            assertThat(got.shape()).isEqualTo(size);
            assertThat(got.toFloatArray()).containsExactly(expected, within(1e-5f));
        }
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDList inputs = new NDList(Tensors.toArray(input, manager));
            float[] trained = NetworkBlock.of(network)
                    .forward(new ParameterStore(manager, false), inputs, false)
                    .singletonOrThrow()
                    .toFloatArray();
            assertThat(trained).containsExactly(expected, within(1e-5f));
        }
    }

    /** Each input element, times the kernel, is added where the kernel lies: Dumoulin and Visin 2016, section 4. */
    private static float[] transposed(Tensor input, Tensor weight, Tensor bias, Window window, long[] size) {
        int[] in = plane(input.shape());
        int[] out = plane(size);
        int[] kernel = plane(weight.shape());
        int channels = (int) input.dim(1);
        int filters = (int) size[1];
        float[] x = input.toFloatArray();
        float[] w = weight.toFloatArray();
        float[] y = new float[(int) (size[0] * filters * out[0] * out[1])];
        for (int i = 0; bias != null && i < y.length; i++) {
            y[i] = bias.toFloatArray()[i / (out[0] * out[1]) % filters];
        }
        for (int i = 0; i < x.length; i++) {
            int record = i / (channels * in[0] * in[1]);
            int channel = i / (in[0] * in[1]) % channels;
            for (int k = 0; k < filters * kernel[0] * kernel[1]; k++) {
                int filter = k / (kernel[0] * kernel[1]);
                int row = place(window, 0, i / in[1] % in[0], k / kernel[1] % kernel[0]);
                int column = place(window, 1, i % in[1], k % kernel[1]);
                if (row >= 0 && row < out[0] && column >= 0 && column < out[1]) {
                    int at = ((record * filters + filter) * out[0] + row) * out[1] + column;
                    int of = (filter * channels + channel) * kernel[0] * kernel[1] + k % (kernel[0] * kernel[1]);
                    y[at] += x[i] * w[of];
                }
            }
        }
        return y;
    }

    private static int place(Window window, int axis, int input, int kernel) {
        return input * window.stride()[axis] - window.pad()[axis] + kernel * window.dilation()[axis];
    }

    /** Height and width; one dimension is a width. */
    private static int[] plane(long[] shape) {
        return new int[] {shape.length > 3 ? (int) shape[2] : 1, (int) shape[shape.length - 1]};
    }
}
