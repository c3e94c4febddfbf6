package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.Tensor;

class PaddingMaskTest {

    private static final PaddingMask MASK =
            PaddingMask.of("mask", Tensor.ofLongs(new long[] {1, 1, 1, 0, 1, 0, 0, 0}, 2, 4));

    private static Tensor counted(long... shape) {
        int size = 1;
        for (long dimension : shape) {
            size *= (int) dimension;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = i;
        }
        return Tensor.ofFloats(values, shape);
    }

    @Test
    void leavesOutPositionsOfPadding() {
        List<Tensor> features = MASK.records(counted(2, 4, 2));
        assertThat(features.get(0)).isEqualTo(Tensor.ofFloats(new float[] {0, 1, 2, 3, 4, 5}, 1, 3, 2));
        assertThat(features.get(1)).isEqualTo(Tensor.ofFloats(new float[] {8, 9}, 1, 1, 2));
        List<Tensor> heads = MASK.records(counted(2, 2, 4, 1));
        assertThat(heads.get(0)).isEqualTo(Tensor.ofFloats(new float[] {0, 1, 2, 4, 5, 6}, 1, 2, 3, 1));
        assertThat(heads.get(1)).isEqualTo(Tensor.ofFloats(new float[] {8, 12}, 1, 2, 1, 1));
    }

    @Test
    void positionsLaidIntoTheRecordsAreLeftOutToo() {
        List<Tensor> rows = MASK.records(counted(8, 2));
        assertThat(rows.get(0)).isEqualTo(Tensor.ofFloats(new float[] {0, 1, 2, 3, 4, 5}, 3, 2));
        assertThat(rows.get(1)).isEqualTo(Tensor.ofFloats(new float[] {8, 9}, 1, 2));
    }

    @Test
    void leavesOutRowsAndColumnsOfScores() {
        List<Tensor> scores = MASK.records(counted(2, 1, 4, 4));
        assertThat(scores.get(0)).isEqualTo(Tensor.ofFloats(new float[] {0, 1, 2, 4, 5, 6, 8, 9, 10}, 1, 1, 3, 3));
        assertThat(scores.get(1)).isEqualTo(Tensor.ofFloats(new float[] {16}, 1, 1, 1, 1));
    }

    @Test
    void whatHasNoPositionsStaysWhole() {
        assertThat(MASK.records(counted(2, 3)))
                .containsExactly(
                        Tensor.ofFloats(new float[] {0, 1, 2}, 1, 3), Tensor.ofFloats(new float[] {3, 4, 5}, 1, 3));
        // As many features as positions.
        assertThat(MASK.records(counted(2, 3, 4))).extracting(Tensor::size).containsExactly(12L, 12L);
        assertThat(MASK.records(counted(3, 4))).containsExactly(counted(3, 4));
    }

    @Test
    void withoutAMaskEachRecordIsWhole() {
        PaddingMask none = PaddingMask.of("", new FedBatch(Map.of(), null, 2));
        assertThat(none.records(counted(2, 2, 1)))
                .containsExactly(
                        Tensor.ofFloats(new float[] {0, 1}, 1, 2, 1), Tensor.ofFloats(new float[] {2, 3}, 1, 2, 1));
    }

    @Test
    void refusesAMaskOfAnotherForm() {
        assertThatThrownBy(() -> PaddingMask.of("mask", Tensor.ofLongs(new long[2], 2, 1, 1)))
                .hasMessage("Mask mask is int64[2,1,1]; a mask has two dimensions, records and positions.");
    }

    @Test
    void refusesAMaskThatTheNetworkDoesNotTake() {
        assertThatThrownBy(() -> PaddingMask.check("mask", Networks.mlp(4, 2)))
                .hasMessage("Network mlp has no input mask to take as mask; it takes x float[batch,4].");
        assertThatCode(() -> PaddingMask.check("", Networks.mlp(4, 2))).doesNotThrowAnyException();
    }
}
