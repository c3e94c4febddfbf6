package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Equality;
import pomona.Networks;
import pomona.Records;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** What all layers that share a weight are fed decides which of its elements go. */
class SharedWeightsPruningTest {

    /** The same weight once for half of the input's places and once, further on, for the other half. */
    private static Network disjoint(long seed) {
        float[] first = new float[32];
        float[] second = new float[32];
        for (int i = 0; i < 32; i++) {
            first[i] = i < 16 ? 1 : 0;
            second[i] = 1 - first[i];
        }
        return Network.builder("disjoint")
                .input("x", "batch", 32)
                .weight("w", Networks.random(seed, 32, 32, 32))
                .weight("m1", Tensor.ofFloats(first, 32))
                .weight("m2", Tensor.ofFloats(second, 32))
                .node("Mul", List.of("x", "m1"), "a")
                .node("Mul", List.of("x", "m2"), "b")
                .node("MatMul", List.of("a", "w"), "p")
                .node("MatMul", List.of("b", "w"), "q")
                .node(Node.of("Concat", "both", List.of("p", "q"), "y").with("axis", Attribute.of(1)))
                .output("y", "batch", 64)
                .build();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void inputsThatOnlyTheSecondLayerIsFedCount(long seed) {
        Network network = disjoint(seed);
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
