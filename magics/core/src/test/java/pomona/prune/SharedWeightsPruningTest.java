package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Equality;
import pomona.Records;
import pomona.SharedNetworks;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** What all layers that share a weight are fed decides which of its elements go. */
class SharedWeightsPruningTest {

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void inputsThatOnlyTheSecondLayerIsFedCount(long seed) {
        Network network = SharedNetworks.disjoint(seed);
        RandomAccessDataset data = Records.of(Records.correlated(5, 400, 32, 4));
        Map<String, Tensor> feeds = Map.of("x", Records.correlated(6, 200, 32, 4));
        double magnitude =
                Equality.relativeError(network, network.apply(new MagnitudePruning(0.5, Scope.OUTPUT)), feeds);
        assertThat(Equality.relativeError(network, network.apply(new SparseGptPruning(0.5, data)), feeds))
                .isLessThan(0.8 * magnitude);
        assertThat(Equality.relativeError(network, network.apply(new WandaPruning(0.5, data)), feeds))
                .isLessThan(0.9 * magnitude);
    }
}
