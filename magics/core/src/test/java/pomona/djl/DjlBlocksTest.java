package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv1dTranspose;
import ai.djl.nn.convolutional.Conv2dTranspose;
import ai.djl.nn.convolutional.Conv3d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.core.Multiplication;
import ai.djl.nn.core.Prelu;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.nn.transformer.IdEmbedding;
import ai.djl.nn.transformer.PointwiseFeedForwardBlock;
import ai.djl.nn.transformer.ScaledDotProductAttentionBlock;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.ConstantInitializer;
import ai.djl.training.initializer.UniformInitializer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Networks of DJL's standard blocks give what the blocks give on the PyTorch engine. */
class DjlBlocksTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");

    @AfterEach
    void close() {
        manager.close();
    }

    static Stream<Arguments> blocks() {
        Shape sequence = new Shape(1, 5, 6);
        Shape image = new Shape(1, 3, 5, 5);
        Shape volume = new Shape(1, 2, 5, 6, 4);
        Stream.Builder<Arguments> all = Stream.builder();
        all.add(Arguments.of(
                "conv 1d",
                Conv1d.builder()
                        .setKernelShape(new Shape(3))
                        .setFilters(4)
                        .optPadding(new Shape(1))
                        .build(),
                0,
                sequence));
        all.add(Arguments.of(
                "conv 3d",
                new SequentialBlock()
                        .add(Conv3d.builder()
                                .setKernelShape(new Shape(2, 3, 1))
                                .setFilters(4)
                                .optStride(new Shape(1, 2, 1))
                                .build())
                        .add(Pool.maxPool3dBlock(new Shape(2, 1, 2)))
                        .add(BatchNorm.builder().build())
                        .add(Pool.globalAvgPool3dBlock()),
                0,
                volume));
        all.add(Arguments.of(
                "lp pool", Pool.lpPool2dBlock(2, new Shape(2, 2), new Shape(1, 2), new Shape(0, 0), false), 0, image));
        all.add(Arguments.of(
                "multiplication", Multiplication.builder().setUnits(4).build(), 0, new Shape(1, 6)));
        all.add(Arguments.of(
                "lambdas",
                new SequentialBlock()
                        .add(Linear.builder().setUnits(4).build())
                        .add(new LambdaBlock(Activation::tanh))
                        .add(new LambdaBlock(list -> new NDList(
                                list.head().get(":, 1:3").mul(list.head().get("..., 0:2"))))),
                0,
                new Shape(1, 6)));
        all.add(Arguments.of(
                "picked",
                LambdaBlock.singleton(x -> x.get(":, -1")
                        .add(x.get(":, 0"))
                        .sub(x.split(new long[] {2}, 2).get(1).get(":, 1, 3").expandDims(1))),
                0,
                sequence));
        for (boolean batchFirst : new boolean[] {true, false}) {
            {
                String kind = batchFirst ? " batch first" : "";
                all.add(Arguments.of(
                        "lstm" + kind,
                        LSTM.builder()
                                .setStateSize(4)
                                .setNumLayers(2)
                                .optBatchFirst(batchFirst)
                                .build(),
                        batchFirst ? 0 : 1,
                        batchFirst ? sequence : new Shape(5, 1, 6)));
                all.add(Arguments.of(
                        "gru" + kind,
                        GRU.builder()
                                .setStateSize(4)
                                .setNumLayers(1)
                                .optBatchFirst(batchFirst)
                                .build(),
                        batchFirst ? 0 : 1,
                        batchFirst ? sequence : new Shape(5, 1, 6)));
            }
        }
        all.add(Arguments.of(
                "rnn",
                RNN.builder()
                        .setStateSize(4)
                        .setNumLayers(2)
                        .setActivation(RNN.Activation.RELU)
                        .optBatchFirst(true)
                        .build(),
                0,
                sequence));
        all.add(Arguments.of(
                "rnn with state",
                RNN.builder()
                        .setStateSize(4)
                        .setNumLayers(2)
                        .setActivation(RNN.Activation.TANH)
                        .optBatchFirst(true)
                        .optHasBiases(false)
                        .optReturnState(true)
                        .build(),
                0,
                sequence));
        all.add(Arguments.of(
                "feed forward",
                new PointwiseFeedForwardBlock(List.of(8, 7), 6, list -> Activation.gelu(list)),
                0,
                sequence));
        all.add(Arguments.of(
                "attention",
                ScaledDotProductAttentionBlock.builder()
                        .setEmbeddingSize(6)
                        .setHeadCount(2)
                        .build(),
                0,
                sequence));
        all.add(Arguments.of(
                "encoder", new TransformerEncoderBlock(6, 3, 12, 0.1f, list -> Activation.gelu(list)), 0, sequence));
        return all.build();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("blocks")
    void aNetworkGivesWhatItsBlockGives(String name, Block block, int batchAxis, Shape shape) {
        if (batchAxis == 1) {
            // The first dimension is what a network takes as the batch; here it is the length.
            assertGivesTheSame(name, block, List.of(shape), List.of(1f));
            return;
        }
        assertGivesTheSame(name, block, List.of(shape), List.of(1f));
    }

    @Test
    void embedsAndUnderstandsText() {
        assertGivesTheSame(
                "embedding",
                new IdEmbedding.Builder()
                        .setDictionarySize(20)
                        .setEmbeddingSize(6)
                        .build(),
                List.of(new Shape(1, 4)),
                List.of(20f));
        Block bert = BertBlock.builder()
                .setTokenDictionarySize(30)
                .optTypeDictionarySize(2)
                .optEmbeddingSize(12)
                .optAttentionHeadCount(3)
                .optTransformerBlockCount(2)
                .optHiddenSize(24)
                .optMaxSequenceLength(8)
                .build();
        Shape text = new Shape(1, 8);
        assertGivesTheSame("bert", bert, List.of(text, text, text), List.of(30f, 2f, 2f));
    }

    private void assertGivesTheSame(String name, Block block, List<Shape> shapes, List<Float> below) {
        randomize(block, shapes.toArray(Shape[]::new));
        Network network = Djl.network(name, block, shapes.toArray(Shape[]::new));
        for (int batch : new int[] {shapes.size() > 1 ? 2 : 1, 4}) {
            Map<String, Tensor> feeds = new LinkedHashMap<>();
            NDList inputs = new NDList();
            for (int i = 0; i < shapes.size(); i++) {
                long[] dims = shapes.get(i).getShape().clone();
                dims[0] = dims[0] == 1 ? batch : dims[0];
                Tensor input =
                        below.get(i) == 1 ? OperatorsTest.random(batch, dims) : ids(batch + i, below.get(i), dims);
                feeds.put(network.signature().inputs().get(i).name(), input);
                inputs.add(Tensors.toArray(input, manager));
            }
            NDList expected = block.forward(new ParameterStore(manager, false), inputs, false);
            List<Value> outputs = network.signature().outputs();
            assertThat(outputs).hasSameSizeAs(expected);
            try (RuntimeSession session = RuntimeSession.open(network)) {
                Map<String, Tensor> actual = session.run(feeds);
                for (int i = 0; i < outputs.size(); i++) {
                    Tensor got = actual.get(outputs.get(i).name());
                    NDArray wanted = expected.get(i);
                    assertThat(got.shape()).isEqualTo(wanted.getShape().getShape());
                    assertThat(got.toFloatArray()).containsExactly(wanted.toFloatArray(), within(tolerance(wanted)));
                }
            }
        }
    }

    private static float tolerance(NDArray wanted) {
        float largest = 1;
        for (float value : wanted.toFloatArray()) {
            largest = Math.max(largest, Math.abs(value));
        }
        return 1e-5f * largest;
    }

    private static Tensor ids(int seed, float below, long... shape) {
        Random random = new Random(seed);
        float[] values = new float[(int) (shape[0] * shape[1])];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt((int) below);
        }
        return Tensor.ofFloats(values, shape);
    }

    @Test
    void namesWhatCanNotBeRead() {
        Block block = new SequentialBlock()
                .add(Linear.builder().setUnits(4).build())
                .add(new SequentialBlock().add(LambdaBlock.singleton(x -> x.get(x.gt(0)))));
        randomize(block, new Shape(1, 6));
        assertThatThrownBy(() -> Djl.network("odd", block, new Shape(1, 6)))
                .hasMessage("Block block1.lambda1 can not become part of a network: it picks elements of an array by an"
                        + " array, for which there is no operator.");
    }

    /** DJL's PyTorch engine does not have them, so what is expected is worked out here. */
    @Test
    void transposedConvolutions() {
        Block block = Conv1dTranspose.builder()
                .setKernelShape(new Shape(3))
                .setFilters(4)
                .optStride(new Shape(2))
                .optPadding(new Shape(1))
                .optOutPadding(new Shape(1))
                .build();
        randomize(block, new Shape(1, 5, 6));
        Network network = Djl.network("deconvolution", block, new Shape(1, 5, 6));
        assertThat(network.signature().toString()).isEqualTo("(input float[batch,5,6]) -> (output float[batch,4,12])");
        Map<String, Tensor> weights = network.weights();
        Tensor weight =
                weights.values().stream().filter(w -> w.rank() == 3).findFirst().orElseThrow();
        Tensor bias =
                weights.values().stream().filter(w -> w.rank() == 1).findFirst().orElseThrow();
        assertThat(weight.shape()).containsExactly(4, 5, 3);
        Tensor input = OperatorsTest.random(1, 1, 5, 6);
        float[] x = input.toFloatArray();
        float[] w = weight.toFloatArray();
        float[] expected = new float[4 * 12];
        for (int f = 0; f < 4; f++) {
            for (int at = 0; at < 12; at++) {
                expected[f * 12 + at] = bias.toFloatArray()[f];
            }
            for (int c = 0; c < 5; c++) {
                for (int i = 0; i < 6; i++) {
                    for (int k = 0; k < 3; k++) {
                        int at = 2 * i - 1 + k;
                        if (at >= 0 && at < 12) {
                            expected[f * 12 + at] += x[c * 6 + i] * w[(f * 5 + c) * 3 + k];
                        }
                    }
                }
            }
        }
        try (RuntimeSession session = RuntimeSession.open(network)) {
            assertThat(session.run(input).toFloatArray()).containsExactly(expected, within(1e-5f));
        }
        Block wide = Conv2dTranspose.builder()
                .setKernelShape(new Shape(2, 2))
                .setFilters(2)
                .build();
        randomize(wide, new Shape(1, 3, 4, 4));
        assertThat(Djl.network("wide", wide, new Shape(1, 3, 4, 4)).signature().toString())
                .isEqualTo("(input float[batch,3,4,4]) -> (output float[batch,2,5,5])");
    }

    @Test
    void aSlopeOfNegativeValues() {
        Block block = new SequentialBlock().add(new Prelu());
        block.setInitializer(new ConstantInitializer(0.2f), parameter -> true);
        block.initialize(manager, DataType.FLOAT32, new Shape(1, 2, 2, 1));
        Network network = Djl.network("prelu", block, new Shape(1, 2, 2, 1));
        try (RuntimeSession session = RuntimeSession.open(network)) {
            Tensor input = Tensor.ofFloats(new float[] {-1, 2, -3, 4}, 1, 2, 2, 1);
            assertThat(session.run(input).toFloatArray()).containsExactly(-0.2f, 2, -0.6f, 4);
        }
    }

    /** DJL hands the weights of both directions to PyTorch in an order that it refuses. */
    @Test
    void recurrentLayersInBothDirectionsAreNamed() {
        Block block = new SequentialBlock()
                .add(LSTM.builder()
                        .setStateSize(4)
                        .setNumLayers(1)
                        .optBatchFirst(true)
                        .optBidirectional(true)
                        .build());
        randomize(block, new Shape(1, 5, 6));
        assertThatThrownBy(() -> Djl.network("both", block, new Shape(1, 5, 6)))
                .hasMessageStartingWith(
                        "Block lstm1 can not become part of a network: the PyTorch engine can not run it (");
    }

    @Test
    void aRecurrentLayerIsOneOperator() {
        Block block = LSTM.builder()
                .setStateSize(4)
                .setNumLayers(1)
                .optBatchFirst(true)
                .build();
        randomize(block, new Shape(1, 5, 6));
        Network network = Djl.network("lstm", block, new Shape(1, 5, 6));
        assertThat(network.nodes().stream().map(Node::op)).containsOnlyOnce("LSTM");
        assertThat(network.signature().toString()).isEqualTo("(input float[batch,5,6]) -> (output float[batch,5,4])");
    }

    private void randomize(Block block, Shape... shapes) {
        Engine.getEngine("PyTorch").setRandomSeed(3);
        block.setInitializer(
                new UniformInitializer(0.6f), parameter -> parameter.getType() != Parameter.Type.RUNNING_VAR);
        block.initialize(manager, DataType.FLOAT32, shapes);
    }
}
