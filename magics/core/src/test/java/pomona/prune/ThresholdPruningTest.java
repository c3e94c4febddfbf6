package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Networks;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;

class ThresholdPruningTest {

    private static Network layer(float... weights) {
        return Network.builder("one")
                .input("x", "batch", 1)
                .weight("w", Tensor.ofFloats(weights, 1, weights.length))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", weights.length)
                .build();
    }

    @Test
    void removesWhatIsBelowAndKeepsWhatIsEqual() {
        Network pruned =
                layer(0.1f, -0.2f, 0.3f, -0.25f, 0.25f).apply(new ThresholdPruning(0.25, ThresholdUnit.ABSOLUTE));
        assertThat(pruned.weight("w").toFloatArray()).containsExactly(0f, 0f, 0.3f, -0.25f, 0.25f);
    }

    @Test
    void aStandardDeviationIsThatOfEachLayer() {
        // Mean 0, standard deviation 2.11: everything below 1.06 goes.
        Network pruned = layer(-3.9f, 0.5f, -0.5f, 0.99f, 3.9f, -0.99f, 1.2f, -1.2f)
                .apply(new ThresholdPruning(0.5, ThresholdUnit.STANDARD_DEVIATIONS));
        assertThat(pruned.weight("w").toFloatArray()).containsExactly(-3.9f, 0f, 0f, 0f, 3.9f, 0f, 1.2f, -1.2f);
    }

    @Property(tries = 50)
    void everyWeightBelowGoesAndNoOther(@ForAll @DoubleRange(min = 0, max = 3) double threshold) {
        Network network = Networks.mlp(20, 10, 5);
        Network pruned = network.apply(new ThresholdPruning(threshold, ThresholdUnit.ABSOLUTE));
        for (LayerWeight weight : LayerWeight.of(network)) {
            float[] before = weight.tensor().toFloatArray();
            float[] after = pruned.weight(weight.name()).toFloatArray();
            for (int i = 0; i < before.length; i++) {
                assertThat(after[i]).isEqualTo(Math.abs(before[i]) < threshold ? 0f : before[i]);
            }
        }
    }

    @Test
    void aThresholdOfOneDeviationRemovesTwoThirdsOfNormalWeights() {
        Network network = Networks.lenet300();
        Network pruned = network.apply(new ThresholdPruning(1, ThresholdUnit.STANDARD_DEVIATIONS));
        double kept = pruned.weight("fc1.weight").countNonZeros() / (double) (784 * 300);
        assertThat(kept).isBetween(0.31, 0.325);
        assertThat(pruned.weight("fc1.bias")).isEqualTo(network.weight("fc1.bias"));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN, Double.POSITIVE_INFINITY})
    void refusesAThresholdOutOfRange(double threshold) {
        assertThatThrownBy(() -> new ThresholdPruning(threshold, ThresholdUnit.ABSOLUTE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Threshold " + threshold + " is out of range; it is 0 or more.");
    }

    @Test
    void refusesAMissingUnit() {
        assertThatThrownBy(() -> new ThresholdPruning(1, null))
                .hasMessage("Option unit was not given; it is absolute or standard-deviations.");
    }
}
