package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import pomona.graph.Tensor;

class MagnitudeSelectionTest {

    /** The same as sorting, with many ties and few, in one tensor and in several. */
    @Property(tries = 40)
    void findsWhatSortingFinds(@ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int count, @ForAll boolean ties) {
        Random random = new Random(seed);
        List<Tensor> tensors = new ArrayList<>();
        float[] all = new float[0];
        for (int t = 0; t < count; t++) {
            float[] values = new float[1 + random.nextInt(9000)];
            for (int i = 0; i < values.length; i++) {
                values[i] = ties ? random.nextInt(7) - 3 : (float) random.nextGaussian();
            }
            tensors.add(Tensor.ofFloats(values, values.length));
            int before = all.length;
            all = Arrays.copyOf(all, before + values.length);
            System.arraycopy(values, 0, all, before, values.length);
        }
        for (int i = 0; i < all.length; i++) {
            all[i] = Math.abs(all[i]);
        }
        Arrays.sort(all);
        for (int k : new int[] {1, 1 + random.nextInt(all.length), all.length}) {
            assertThat(MagnitudeSelection.smallest(tensors, k)).isEqualTo(all[k - 1]);
        }
    }

    @Test
    void refusesPlacesThatAreNot() {
        List<Tensor> three = List.of(Tensor.ofFloats(new float[] {1, -2, 3}, 3));
        assertThat(MagnitudeSelection.smallest(three, 2)).isEqualTo(2);
        assertThatThrownBy(() -> MagnitudeSelection.smallest(three, 4))
                .hasMessage("k 4 is out of range; it is from 1 to 3.");
        assertThatThrownBy(() -> MagnitudeSelection.smallest(three, 0))
                .hasMessage("k 0 is out of range; it is from 1 to 3.");
    }
}
