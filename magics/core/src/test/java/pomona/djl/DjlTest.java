package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

class DjlTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");

    @AfterEach
    void close() {
        manager.close();
    }

    static Stream<Arguments> blocks() {
        Shape image = new Shape(1, 2, 8, 8);
        Shape row = new Shape(1, 6);
        return Stream.of(
                Arguments.of("lenet-300-100", lenet300(), new Shape(1, 1, 28, 28)),
                Arguments.of("convolutions", convolutions(), image),
                Arguments.of(
                        "one dimension",
                        new SequentialBlock()
                                .add(Conv1d.builder()
                                        .setKernelShape(new Shape(3))
                                        .setFilters(4)
                                        .build())
                                .add(Pool.avgPool1dBlock(new Shape(2), new Shape(2), new Shape(1), false, false))
                                .add(Pool.globalMaxPool1dBlock()),
                        new Shape(1, 3, 12)),
                Arguments.of("linear of sequences", linear(5), new Shape(1, 4, 6)),
                Arguments.of(
                        "linear without bias",
                        Linear.builder().setUnits(3).optBias(false).build(),
                        row),
                Arguments.of("layer norm", LayerNorm.builder().build(), new Shape(1, 4, 6)),
                Arguments.of("batch norm of rows", BatchNorm.builder().build(), row),
                Arguments.of(
                        "batch norm of the last axis",
                        BatchNorm.builder().optAxis(2).build(),
                        new Shape(1, 4, 6)),
                Arguments.of(
                        "concatenated",
                        new ParallelBlock(
                                list -> new NDList(NDArrays.concat(
                                        new NDList(
                                                list.get(0).head(), list.get(1).head()),
                                        1)),
                                List.of(
                                        linear(3),
                                        new SequentialBlock().add(linear(4)).add(Activation::relu))),
                        row),
                Arguments.of(
                        "residual",
                        new ParallelBlock(
                                list -> new NDList(
                                        list.get(0).head().add(list.get(1).head())),
                                List.of(linear(6), Blocks.identityBlock())),
                        row),
                Arguments.of(
                        "averaged",
                        new ParallelBlock(
                                list -> new NDList(NDArrays.stack(new NDList(
                                                list.stream().map(NDList::head).toList()))
                                        .mean(new int[] {0})),
                                List.of(linear(2), linear(2), linear(2))),
                        row),
                Arguments.of(
                        "a lambda of one's own",
                        LambdaBlock.singleton(
                                x -> x.mul(2f).add(1).pow(2).sub(x.exp()).softmax(-1)),
                        row),
                Arguments.of(
                        "in place",
                        LambdaBlock.singleton(x -> x.mul(3).addi(1).muli(x).divi(2)),
                        row),
                Arguments.of("reversed", LambdaBlock.singleton(x -> NDArrays.sub(1, NDArrays.div(2, x.add(5)))), row),
                Arguments.of(
                        "moved",
                        LambdaBlock.singleton(x -> x.transpose(0, 2, 1)
                                .expandDims(1)
                                .squeeze(1)
                                .reshape(x.size(0), 3, -1)
                                .swapAxes(1, 2)
                                .flatten(1, -1)),
                        new Shape(1, 4, 6)),
                Arguments.of(
                        "reduced",
                        LambdaBlock.singleton(x -> x.sum(new int[] {1}, true)
                                .add(x.max(new int[] {1}, true))
                                .add(x.mean(new int[] {2}, true))),
                        new Shape(1, 4, 6)),
                Arguments.of("a class of one's own", new Gated(5), row));
    }

    static Stream<Arguments> activations() {
        return Map.<String, Block>of(
                        "relu", Activation.reluBlock(),
                        "relu6", Activation.relu6Block(),
                        "sigmoid", Activation.sigmoidBlock(),
                        "tanh", Activation.tanhBlock(),
                        "softPlus", Activation.softPlusBlock(),
                        "softSign", Activation.softSignBlock(),
                        "leakyRelu", Activation.leakyReluBlock(0.2f),
                        "elu", Activation.eluBlock(0.7f),
                        "selu", Activation.seluBlock(),
                        "gelu", Activation.geluBlock())
                .entrySet()
                .stream()
                .map(e -> Arguments.of(e.getKey(), e.getValue(), new Shape(1, 7)));
    }

    static Stream<Arguments> more() {
        return Stream.of(
                Arguments.of("swish", Activation.swishBlock(1.5f), new Shape(1, 7)),
                Arguments.of("mish", Activation.mishBlock(), new Shape(1, 7)),
                Arguments.of("method reference", new LambdaBlock(Activation::relu), new Shape(1, 7)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"blocks", "activations", "more"})
    void aNetworkGivesWhatItsBlockGives(String name, Block block, Shape shape) {
        randomize(block, shape, manager);
        Network network = Djl.network(name, block, shape);
        for (int batch : new int[] {1, 5}) {
            long[] dims = shape.getShape().clone();
            dims[0] = batch;
            Tensor input = OperatorsTest.random(batch, dims);
            NDArray expected = block.forward(
                            new ParameterStore(manager, false), new NDList(Tensors.toArray(input, manager)), false)
                    .head();
            try (RuntimeSession session = RuntimeSession.open(network)) {
                Tensor actual = session.run(input);
                assertThat(actual.shape()).isEqualTo(expected.getShape().getShape());
                assertThat(actual.toFloatArray()).containsExactly(expected.toFloatArray(), within(1e-5f));
            }
        }
    }

    @Test
    void namesWeightsAndNodesAsPeopleDo() {
        Block block = lenet300();
        randomize(block, new Shape(1, 1, 28, 28), manager);
        Network network = Djl.network("lenet", block, new Shape(64, 1, 28, 28));
        assertThat(network.weights().keySet())
                .containsExactlyInAnyOrder(
                        "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "fc3.weight", "fc3.bias");
        assertThat(network.nodes().stream().map(Node::name))
                .containsExactly("flatten1", "fc1", "relu1", "fc2", "relu2", "fc3");
        assertThat(network.nodes().stream().map(Node::op))
                .containsExactly("Flatten", "Gemm", "Relu", "Gemm", "Relu", "Gemm");
        assertThat(network.signature().toString())
                .isEqualTo("(input float[batch,1,28,28]) -> (output float[batch,10])");
        assertThat(network.parameters()).isEqualTo(266_610);
        Block own = new Gated(5);
        randomize(own, new Shape(1, 6), manager);
        assertThat(Djl.network("gated", own, new Shape(1, 6)).weights().keySet())
                .containsExactlyInAnyOrder("inner.weight", "inner.bias", "gate.weight", "gate.bias", "scale");
    }

    @Test
    void keepsDropoutForTraining() {
        Block block = new SequentialBlock()
                .add(linear(4))
                .add(Dropout.builder().optRate(0.3f).build());
        randomize(block, new Shape(1, 6), manager);
        Network network = Djl.network("dropped", block, new Shape(1, 6));
        Node dropout = network.nodes().get(1);
        assertThat(dropout.op()).isEqualTo("Dropout");
        assertThat(network.weight(dropout.input(1)).toFloatArray()).containsExactly(0.3f);
    }

    @Test
    void refusesWhatNoOperatorDoes() {
        refused(
                x -> x.argSort(1),
                "Block lambda1 can not become part of a network: it calls argSort on an array, for"
                        + " which there is no operator.");
        refused(
                x -> x.mul(x.sum().toFloatArray()[0]),
                "Block lambda1 can not become part of a network: it reads the elements of an array, or joins it to"
                        + " an array that was made elsewhere.");
        refused(
                x -> x.div(x.size(0)),
                "Block lambda1 can not become part of a network: what it gives to div depends on the size of the"
                        + " batch.");
        assertThatThrownBy(() -> Djl.network("none", linear(2)))
                .hasMessage("Block none needs the shapes of its inputs, the batch first, such as (1, 784).");
        assertThatThrownBy(() -> Djl.network("open", Activation.reluBlock(), new Shape(1, -1, 3)))
                .hasMessage("Block open needs inputs of known sizes; (1, -1, 3) leaves more open than the batch.");
    }

    private static void refused(Function<NDArray, NDArray> function, String message) {
        Block block = new SequentialBlock().add(LambdaBlock.singleton(function));
        assertThatThrownBy(() -> Djl.network("odd", block, new Shape(1, 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static Block lenet300() {
        return new SequentialBlock()
                .add(Blocks.batchFlattenBlock(784))
                .add(linear(300))
                .add(Activation.reluBlock())
                .add(linear(100))
                .add(Activation.reluBlock())
                .add(linear(10));
    }

    private static Block convolutions() {
        return new SequentialBlock()
                .add(Conv2d.builder()
                        .setKernelShape(new Shape(3, 3))
                        .setFilters(4)
                        .optPadding(new Shape(1, 1))
                        .optStride(new Shape(2, 1))
                        .optGroups(2)
                        .build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(1, 2), new Shape(1, 1), true))
                .add(Pool.avgPool2dBlock(new Shape(2, 2), new Shape(1, 1), new Shape(1, 1), false, false))
                .add(Dropout.builder().build())
                .add(new SequentialBlock()
                        .add(Conv2d.builder()
                                .setKernelShape(new Shape(2, 2))
                                .setFilters(3)
                                .optBias(false)
                                .optDilation(new Shape(2, 1))
                                .build())
                        .add(Pool.globalAvgPool2dBlock()))
                .add(Blocks.batchFlattenBlock())
                .add(linear(3));
    }

    static Linear linear(int units) {
        return Linear.builder().setUnits(units).build();
    }

    /** Gives all parameters values that are neither zero nor one, running statistics included. */
    static void randomize(Block block, Shape shape, NDManager manager) {
        Engine.getEngine("PyTorch").setRandomSeed(3);
        block.initialize(manager, DataType.FLOAT32, shape);
        for (Parameter parameter : block.getParameters().values()) {
            NDArray array = parameter.getArray();
            NDArray values = manager.randomUniform(0.1f, 1f, array.getShape());
            array.stopGradient().set(values.toByteBuffer());
        }
    }

    /** A block as a user may write it: children with names, a parameter of its own, arithmetic on arrays. */
    private static final class Gated extends AbstractBlock {

        private final Block inner;
        private final Block gate;
        private final Parameter scale;

        Gated(int units) {
            inner = addChildBlock("inner", linear(units));
            gate = addChildBlock("gate", linear(units));
            scale = addParameter(Parameter.builder()
                    .setName("scale")
                    .setType(Parameter.Type.WEIGHT)
                    .optShape(new Shape(units))
                    .optInitializer(Initializer.ONES)
                    .build());
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
            NDArray value = inner.forward(store, inputs, training).head();
            NDArray open =
                    Activation.sigmoid(gate.forward(store, inputs, training)).head();
            return new NDList(value.mul(open).mul(store.getValue(scale, value.getDevice(), training)));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            return inner.getOutputShapes(inputShapes);
        }

        @Override
        public void initializeChildBlocks(NDManager owner, DataType type, Shape... shapes) {
            inner.initialize(owner, type, shapes);
            gate.initialize(owner, type, shapes);
        }
    }
}
