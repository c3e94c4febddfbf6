package pomona.djl;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.core.LinearCollection;
import ai.djl.nn.core.SparseMax;
import ai.djl.nn.norm.GhostBatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Less common blocks, and group normalization, which DJL leaves to its users. */
class LessCommonBlocksTest {

    private final BlockComparison comparison = new BlockComparison();

    @AfterEach
    void close() {
        comparison.close();
    }

    @Test
    void groupNormalization() {
        comparison.assertGivesTheSame("group norm", new GroupNorm(3, 6), List.of(new Shape(1, 6, 4, 5)), List.of(1f));
        comparison.assertGivesTheSame(
                "convolved",
                new SequentialBlock()
                        .add(Conv2d.builder()
                                .setKernelShape(new Shape(3, 3))
                                .setFilters(4)
                                .build())
                        .add(new GroupNorm(2, 4)),
                List.of(new Shape(1, 3, 6, 6)),
                List.of(1f));
    }

    /** It differs from batch normalization only where statistics are those of a batch, that is in training. */
    @Test
    void ghostBatchNormalization() {
        comparison.assertGivesTheSame(
                "ghost", GhostBatchNorm.builder().build(), List.of(new Shape(1, 4, 5, 5)), List.of(1f));
    }

    @Test
    void batchesThatAreDividedAreNotRead() {
        Block block = new SequentialBlock()
                .add(Linear.builder().setUnits(4).build())
                .add(GhostBatchNorm.builder().optVirtualBatchSize(2).build());
        comparison.randomize(block, new Shape(1, 3));
        assertThatThrownBy(() -> Djl.network("divided", block, new Shape(1, 3)))
                .hasMessage(
                        "Block ghostBatchNorm1 can not become part of a network: it does not take a batch of 3 (data with"
                                + " shape 3 cannot be evenly split into 2. Use a batch size that's multiple of 2 or set"
                                + " even_split=true to allow uneven partitioning of data).");
    }

    @Test
    void linearLayersSideBySide() {
        comparison.assertGivesTheSame(
                "collection", LinearCollection.builder().setUnits(3).build(), List.of(new Shape(1, 4, 5)), List.of(1f));
    }

    @Test
    void equalParts() {
        comparison.assertGivesTheSame(
                "parts",
                LambdaBlock.singleton(x -> {
                    NDList parts = x.split(3, 2);
                    return parts.get(0).sub(parts.get(1).mul(parts.get(2)));
                }),
                List.of(new Shape(1, 4, 6)),
                List.of(1f));
    }

    @Test
    void sortingHasNoOperator() {
        Block block =
                new SequentialBlock().add(Linear.builder().setUnits(4).build()).add(new SparseMax());
        comparison.randomize(block, new Shape(1, 3));
        assertThatThrownBy(() -> Djl.network("sparse", block, new Shape(1, 3)))
                .hasMessage("Block sparseMax1 can not become part of a network: it calls argSort on an array, for which"
                        + " there is no operator.");
    }

    /** Group normalization (Wu and He 2018) of (batch, channels, ...), written from operations on arrays. */
    private static final class GroupNorm extends AbstractBlock {

        private final int groups;
        private final Parameter gamma;
        private final Parameter beta;

        GroupNorm(int groups, int channels) {
            this.groups = groups;
            this.gamma = addParameter(Parameter.builder()
                    .setName("gamma")
                    .setType(Parameter.Type.GAMMA)
                    .optShape(new Shape(channels))
                    .build());
            this.beta = addParameter(Parameter.builder()
                    .setName("beta")
                    .setType(Parameter.Type.BETA)
                    .optShape(new Shape(channels))
                    .build());
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store, NDList inputs, boolean training, PairList<String, Object> options) {
            NDArray x = inputs.singletonOrThrow();
            Shape shape = x.getShape();
            NDArray rows = x.reshape(shape.get(0), groups, -1);
            NDArray centered = rows.sub(rows.mean(new int[] {2}, true));
            NDArray variance = centered.square().mean(new int[] {2}, true);
            NDArray normalized = centered.div(variance.add(1e-5f).sqrt()).reshape(shape);
            long[] channels = {1, shape.get(1), 1, 1};
            NDArray scale = store.getValue(gamma, x.getDevice(), training).reshape(channels);
            NDArray shift = store.getValue(beta, x.getDevice(), training).reshape(channels);
            return new NDList(normalized.mul(scale).add(shift));
        }

        @Override
        public Shape[] getOutputShapes(Shape[] inputShapes) {
            return inputShapes;
        }

        @Override
        protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {}
    }
}
