package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.prune.MagnitudePruning;
import pomona.prune.Scope;

class SensitivityTest {

    private static final Network NETWORK = Networks.mlp(10, 8, 4);
    private static final List<String> LAYERS = List.of("fc1.weight", "fc2.weight");

    /** An error that can be checked by hand: the zeros of the first layer, and twice those of the second. */
    private static double error(Network network) {
        long error = 10;
        for (LayerWeight weight : LayerWeight.of(network)) {
            long zeros = weight.tensor().size() - weight.tensor().countNonZeros();
            error += weight.layer().equals("fc1") ? zeros : 2 * zeros;
        }
        return error;
    }

    private static Network variant(String layer, double level) {
        return NETWORK.apply(new MagnitudePruning(level, Scope.GLOBAL, layer));
    }

    @Test
    void changesOneLayerAtATime() {
        Sensitivity scan = new Sensitivity(
                        NETWORK, LAYERS, List.of(0.25, 0.5), SensitivityTest::variant, SensitivityTest::error)
                .run();
        assertThat(scan.baseline()).isEqualTo(10);
        assertThat(scan.error("fc1.weight", 0.25)).isEqualTo(10 + 20);
        assertThat(scan.error("fc1.weight", 0.5)).isEqualTo(10 + 40);
        assertThat(scan.error("fc2.weight", 0.5)).isEqualTo(10 + 2 * 16);
        assertThat(scan.isComplete()).isTrue();
        assertThat(scan.targets(32)).isEqualTo("fc1.weight=0.25, fc2.weight=0.5");
        assertThat(scan.targets(1)).isEqualTo("fc1.weight=0.0, fc2.weight=0.0");
        assertThat(scan)
                .hasToString(
                        "sensitivity of mlp: 2 layers at sparsity 0.25 and 0.5, error 10.00 % as it is, 4 of 4 measured");
    }

    @Test
    void goesOnWhereItWasInterrupted() {
        List<String> made = new ArrayList<>();
        Sensitivity scan = new Sensitivity(
                NETWORK,
                LAYERS,
                List.of(0.25, 0.5),
                (layer, level) -> {
                    made.add(layer + level);
                    if (made.size() == 2) {
                        Thread.currentThread().interrupt();
                    }
                    return variant(layer, level);
                },
                SensitivityTest::error);
        assertThatThrownBy(scan::run)
                .isInstanceOf(CancellationException.class)
                .hasMessage("The scan of network mlp was interrupted after 2 of 4 measurements; run it again to go on"
                        + " from there.");
        assertThat(scan.isComplete()).isFalse();
        assertThat(scan.error("fc2.weight", 0.25)).isNaN();
        scan.run();
        assertThat(scan.isComplete()).isTrue();
        assertThat(made).containsExactly("fc1.weight0.25", "fc1.weight0.5", "fc2.weight0.25", "fc2.weight0.5");
    }

    @Test
    void refusesAScanOfNothing() {
        assertThatThrownBy(() -> new Sensitivity(
                        NETWORK, List.of(), List.of(0.5), SensitivityTest::variant, SensitivityTest::error))
                .hasMessage("A scan needs layers and levels; it was given 0 and 1.");
        assertThatThrownBy(() -> new Sensitivity(
                        NETWORK, LAYERS, List.of(0.5, 0.25), SensitivityTest::variant, SensitivityTest::error))
                .hasMessage("Levels ascend; 0.25 follows 0.5.");
    }
}
