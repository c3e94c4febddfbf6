package pomona.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.prune.ChannelPruning;
import pomona.prune.MagnitudePruning;
import pomona.prune.RandomPruning;
import pomona.prune.Scope;
import pomona.prune.Selection;
import pomona.structure.Topologies;
import tech.tablesaw.plotly.components.Figure;

class PruningFigureTest {

    private static final Network MLP = Networks.mlp(64, 48, 40, 10);

    @Test
    void oneThresholdForAllLayersIsTheKthMagnitude() {
        PrunedWeights weights = PrunedWeights.of(MLP, MLP.apply(new MagnitudePruning(0.75, Scope.GLOBAL)));
        double[] magnitudes = magnitudes(MLP);
        int gone = (int) Math.round(0.75 * magnitudes.length);
        assertThat(weights.total(weights.removed())).isEqualTo(gone);
        assertThat(weights.total(weights.kept())).isEqualTo(magnitudes.length - gone);
        assertThat(weights.thresholds()).containsOnlyKeys("");
        assertThat(weights.thresholds().get("")).isEqualTo(magnitudes[gone - 1], within(1e-7));
        assertThat(DoubleStream.of(weights.shares(weights.kept())).sum()).isCloseTo(25, within(0.05));
    }

    @Test
    void eachLayerHasItsOwnThresholdWhenPrunedAlone() {
        PrunedWeights weights = PrunedWeights.of(MLP, MLP.apply(new MagnitudePruning(0.5, Scope.LAYER)));
        assertThat(weights.thresholds()).containsOnlyKeys("fc1", "fc2", "fc3");
    }

    @Test
    void removalThatDoesNotFollowMagnitudesHasNoThreshold() {
        Network pruned = MLP.apply(new RandomPruning(0.5));
        assertThat(PrunedWeights.of(MLP, pruned).thresholds()).isEmpty();
    }

    @Test
    void oneLayerThatDoesNotFollowMagnitudesLeavesNoThresholdToAny() {
        Network pruned = MLP.apply(new MagnitudePruning(0.5, Scope.LAYER, "fc1"))
                .apply(new RandomPruning(0.5, Scope.LAYER, 1, Selection.layers("fc2")));
        assertThat(PrunedWeights.of(MLP, pruned).thresholds()).isEmpty();
    }

    @Test
    void channelsThatAreGoneCountAsRemoved() {
        Network chain = Topologies.chain();
        Network smaller = chain.apply(new ChannelPruning(0.5));
        PrunedWeights weights = PrunedWeights.of(chain, smaller);
        long left = LayerWeight.of(smaller).stream()
                .mapToLong(weight -> weight.tensor().size())
                .sum();
        assertThat(weights.total(weights.kept())).isEqualTo(left);
        assertThat(weights.thresholds()).isEmpty();
    }

    @Test
    void zerosFromBeforeAreLeftOut() {
        Network half = MLP.apply(new MagnitudePruning(0.5, Scope.GLOBAL));
        PrunedWeights weights = PrunedWeights.of(half, half.apply(new MagnitudePruning(0.9, Scope.GLOBAL)));
        int all = magnitudes(MLP).length;
        assertThat(weights.total(weights.kept()) + weights.total(weights.removed()))
                .isEqualTo(all - all / 2);
    }

    @Test
    void figureShowsBothKindsAndTheThreshold() {
        Figure figure = Report.pruningHistogram(MLP, MLP.apply(new MagnitudePruning(0.75, Scope.GLOBAL)));
        List<String> drawn = Arrays.stream(figure.getTraces())
                .map(trace -> trace.asJavascript(0))
                .toList();
        assertThat(drawn).hasSize(3);
        assertThat(drawn.get(0)).contains("kept, ").contains("type: 'bar'");
        assertThat(drawn.get(1)).contains("removed, ");
        assertThat(drawn.get(2)).contains("threshold 0.");
    }

    @Test
    void networkWithoutLayersIsRefused() {
        Network empty = Network.builder("empty").build();
        assertThatThrownBy(() -> Report.pruningHistogram(empty, empty))
                .hasMessage("Network empty has no weights to show; shown are floating-point weights of Gemm, MatMul and"
                        + " Conv operators.");
    }

    private static double[] magnitudes(Network network) {
        return LayerWeight.of(network).stream()
                .map(LayerWeight::tensor)
                .map(Tensor::toFloatArray)
                .flatMapToDouble(values -> IntStream.range(0, values.length).mapToDouble(i -> Math.abs(values[i])))
                .sorted()
                .toArray();
    }
}
