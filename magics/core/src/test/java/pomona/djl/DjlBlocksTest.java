package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
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
import ai.djl.training.initializer.ConstantInitializer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Networks of DJL's standard blocks give what the blocks give on the PyTorch engine. */
class DjlBlocksTest {

    private final BlockComparison comparison = new BlockComparison();

    @AfterEach
    void close() {
        comparison.close();
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
            comparison.assertGivesTheSame(name, block, List.of(shape), List.of(1f));
            return;
        }
        comparison.assertGivesTheSame(name, block, List.of(shape), List.of(1f));
    }

    @Test
    void embedsAndUnderstandsText() {
        comparison.assertGivesTheSame(
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
        comparison.assertGivesTheSame("bert", bert, List.of(text, text, text), List.of(30f, 2f, 2f));
    }

    @Test
    void namesWhatCanNotBeRead() {
        Block block = new SequentialBlock()
                .add(Linear.builder().setUnits(4).build())
                .add(new SequentialBlock().add(LambdaBlock.singleton(x -> x.get(x.gt(0)))));
        comparison.randomize(block, new Shape(1, 6));
        assertThatThrownBy(() -> Djl.network("odd", block, new Shape(1, 6)))
                .hasMessage("Block block1.lambda1 can not become part of a network: it picks elements of an array by an"
                        + " array, for which there is no operator.");
    }

    @Test
    void aSlopeOfNegativeValues() {
        Block block = new SequentialBlock().add(new Prelu());
        block.setInitializer(new ConstantInitializer(0.2f), parameter -> true);
        block.initialize(comparison.manager(), DataType.FLOAT32, new Shape(1, 2, 2, 1));
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
        comparison.randomize(block, new Shape(1, 5, 6));
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
        comparison.randomize(block, new Shape(1, 5, 6));
        Network network = Djl.network("lstm", block, new Shape(1, 5, 6));
        assertThat(network.nodes().stream().map(Node::op)).containsOnlyOnce("LSTM");
        assertThat(network.signature().toString()).isEqualTo("(input float[batch,5,6]) -> (output float[batch,5,4])");
    }
}
