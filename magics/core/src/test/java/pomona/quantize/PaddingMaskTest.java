package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import pomona.graph.Tensor;

class PaddingMaskTest {

    private static final PaddingMask MASK =
            PaddingMask.of("mask", Tensor.ofLongs(new long[] {1, 1, 1, 0, 1, 0, 0, 0}, 2, 4));

    @Test
    void leavesOutPositionsOfPadding() {
        float[] features = {1, 2, 3, 4, 5, 6, 7, 8};
        assertThat(MASK.real(features, 0, new long[] {4, 2})).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(MASK.real(features, 1, new long[] {4, 2})).containsExactly(1, 2);
        assertThat(MASK.real(features, 1, new long[] {1, 4, 2})).containsExactly(1, 2);
        assertThat(MASK.real(features, 1, new long[] {2, 4})).containsExactly(features);
    }

    @Test
    void leavesOutRowsAndColumnsOfScores() {
        float[] scores = new float[16];
        for (int i = 0; i < 16; i++) {
            scores[i] = i;
        }
        assertThat(MASK.real(scores, 0, new long[] {1, 4, 4})).containsExactly(0, 1, 2, 4, 5, 6, 8, 9, 10);
    }

    @Test
    void refusesAMaskOfAnotherForm() {
        assertThatThrownBy(() -> PaddingMask.of("mask", Tensor.ofLongs(new long[2], 2, 1, 1)))
                .hasMessage("Mask mask is int64[2,1,1]; a mask has two dimensions, records and positions.");
    }
}
