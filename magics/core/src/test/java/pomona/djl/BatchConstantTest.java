package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

class BatchConstantTest {

    private final BlockComparison comparison = new BlockComparison();

    @AfterEach
    void close() {
        comparison.close();
    }

    @Test
    void findsTheStepOfEachRecord() {
        BatchConstant rule = BatchConstant.of(
                Tensor.ofLongs(new long[] {5, 7, 8, 7}, 2, 2), Tensor.ofLongs(new long[] {5, 7, 8, 7, 11, 7}, 3, 2));
        assertThat(rule.axis()).isZero();
        assertThat(rule.first()).isEqualTo(Tensor.ofFloats(new float[] {5, 7}, 1, 2));
        assertThat(rule.step()).isEqualTo(Tensor.ofFloats(new float[] {3, 0}, 1, 2));
        Tensor columns = Tensor.ofFloats(new float[] {1, 2, 3, 5}, 2, 2);
        Tensor more = Tensor.ofFloats(new float[] {1, 2, 3, 3, 5, 7}, 2, 3);
        assertThat(BatchConstant.of(columns, more))
                .isEqualTo(new BatchConstant(
                        1, Tensor.ofFloats(new float[] {1, 3}, 2, 1), Tensor.ofFloats(new float[] {1, 2}, 2, 1)));
    }

    @Test
    void doesNotGuess() {
        Tensor two = Tensor.ofFloats(new float[] {1, 2}, 2);
        assertThat(BatchConstant.of(two, Tensor.ofFloats(new float[] {1, 2, 4}, 3)))
                .isNull();
        assertThat(BatchConstant.of(two, Tensor.ofFloats(new float[] {2, 3, 4}, 3)))
                .isNull();
        assertThat(BatchConstant.of(two, Tensor.ofFloats(new float[] {1, 2, 3, 4}, 4)))
                .isNull();
        assertThat(BatchConstant.of(two, Tensor.ofFloats(new float[] {1, 2, 3}, 1, 3)))
                .isNull();
        assertThat(BatchConstant.of(two, Tensor.ofFloats(new float[] {3, 4}, 2)))
                .isNull();
        Tensor flags = Tensor.ofBytes(ElementType.BOOL, new byte[] {1, 1}, 2);
        assertThat(BatchConstant.of(flags, Tensor.ofBytes(ElementType.BOOL, new byte[] {1, 1, 1}, 3)))
                .isNull();
    }

    @Test
    void constantsOfTheBatchFollowItsSize() {
        comparison.assertGivesTheSame(
                "numbered",
                LambdaBlock.singleton(x -> {
                    int records = (int) x.size(0);
                    NDArray numbers =
                            x.getManager().arange(0, records, 1, DataType.INT32).reshape(records, 1);
                    NDArray ones = x.getManager().ones(new Shape(records, 4));
                    return x.mul(numbers.mul(3).add(1)).sub(ones);
                }),
                List.of(new Shape(1, 4)),
                List.of(1f));
    }

    @Test
    void namesTheNetworkWhoseConstantsGrowUnevenly() {
        Block block = LambdaBlock.singleton(x -> {
            NDArray numbers = x.getManager().arange(0, (int) x.size(0), 1, DataType.FLOAT32);
            return x.add(numbers.square().reshape(-1, 1));
        });
        comparison.randomize(block, new Shape(1, 4));
        assertThatThrownBy(() -> Djl.network("squares", block, new Shape(1, 4)))
                .hasMessage("Block squares can not become a network: it makes constants that depend on the size of the"
                        + " batch.");
    }
}
