package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Equality;
import pomona.Networks;
import pomona.Records;
import pomona.SharedNetworks;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.Pass;

/** What all layers that share a weight are fed decides how it is rounded. */
class SharedWeightsTest {

    private static final BlockFormat INT4 = BlockFormat.INT4;

    private static GptqQuantization gptq(RandomAccessDataset data) {
        return new GptqQuantization(INT4, data, 400, 0.01, true, true, "*");
    }

    private static AwqQuantization awq(RandomAccessDataset data) {
        return new AwqQuantization(INT4, data, 400, 20, true, true, "*");
    }

    private static Network nearest(Network network) {
        return network.apply(new WeightOnlyQuantization(INT4, WeightRange.MIN_MAX));
    }

    /** Shares of the error that rounding to the nearest leaves. */
    private static List<Double> shares(boolean blocks, Pass pass) {
        List<Double> shares = new ArrayList<>();
        Map<String, Tensor> feeds = Map.of("x", Networks.uniform(9, -1, 1, 64, 4, 32));
        for (int seed = 0; seed < 3; seed++) {
            Network network = SharedNetworks.albert(6, seed);
            Network near = blocks ? nearest(network) : BlockNetworks.nearest(network, 4, true);
            shares.add(Equality.relativeError(network, network.apply(pass), feeds)
                    / Equality.relativeError(network, near, feeds));
        }
        return shares;
    }

    @ParameterizedTest
    @CsvSource({"gptq, 0.65", "awq, 0.8", "adaptive, 0.85"})
    void sixLayersThatShareTheirWeightsLoseLessThanByTheNearest(String method, double mean) {
        RandomAccessDataset data = Records.of(Networks.uniform(5, -1, 1, 400, 4, 32));
        Pass pass =
                switch (method) {
                    case "gptq" -> gptq(data);
                    case "awq" -> awq(data);
                    default -> new AdaptiveRounding(data, 400, 4);
                };
        List<Double> shares = shares(!method.equals("adaptive"), pass);
        System.out.println("6 layers share their weights, error by " + method + " beside the nearest: " + shares);
        assertThat(shares).allMatch(share -> share <= 1);
        assertThat(shares.stream().mapToDouble(s -> s).average().orElseThrow()).isLessThan(mean);
    }

    @Test
    void inputsThatOnlyTheSecondLayerIsFedCount() {
        Network network = SharedNetworks.disjoint(1);
        RandomAccessDataset data = Records.of(Records.correlated(5, 500, 32, 4));
        Map<String, Tensor> feeds = Map.of("x", Records.correlated(6, 200, 32, 4));
        double near = Equality.relativeError(network, nearest(network), feeds);
        assertThat(Equality.relativeError(network, network.apply(gptq(data)), feeds))
                .isLessThan(0.8 * near);
        assertThat(Equality.relativeError(network, network.apply(awq(data)), feeds))
                .isLessThan(0.9 * near);
        assertThat(Equality.relativeError(network, network.apply(new AdaptiveRounding(data, 500, 4)), feeds))
                .isLessThan(0.8 * Equality.relativeError(network, BlockNetworks.nearest(network, 4, true), feeds));
    }

    @Test
    void aLayerThatTakesTheWeightTransposedBearsTheRounding() {
        RandomAccessDataset data = Records.of(Records.correlated(5, 400, 48, 4));
        Map<String, Tensor> feeds = Map.of("x", Records.correlated(6, 64, 48, 4));
        for (int seed = 1; seed <= 3; seed++) {
            Network network = SharedNetworks.autoencoder(seed);
            double near = Equality.relativeError(network, nearest(network), feeds);
            Network solved = network.apply(gptq(data));
            // Blocks that run along the first layer's inputs become one matrix that both take.
            assertThat(solved.weight("w.int4").shape()).containsExactly(48, 32);
            assertThat(solved.weight("w.scale").shape()).containsExactly(2, 32);
            assertThat(Equality.relativeError(network, solved, feeds)).isLessThan(0.9 * near);
            assertThat(Equality.relativeError(network, network.apply(awq(data)), feeds))
                    .isLessThan(0.95 * near);
        }
    }

    @Test
    void aTableThatAProductTakesTooIsRoundedToTheNearest() {
        Network network = SharedNetworks.tiedTable(3);
        long[] ids = new long[64];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i;
        }
        RandomAccessDataset data = new ai.djl.training.dataset.ArrayDataset.Builder()
                .setData(RandomRecords.array(ids, 64))
                .setSampling(8, false)
                .build();
        Network solved = network.apply(gptq(data));
        Network fitted = network.apply(new HqqQuantization(INT4));
        assertThat(solved.weight("table.int4")).isEqualTo(fitted.weight("table.int4"));
        assertThat(solved.weight("w.int4")).isNotEqualTo(fitted.weight("w.int4"));
    }

    @Test
    void scalingLeavesWhatIsSharedAsItIs() {
        Network network = SharedNetworks.albert(6, 0);
        RandomAccessDataset data = Records.of(Networks.uniform(5, -1, 1, 20, 4, 32));
        assertThat(awq(data).scaled(network).network().weights()).isEqualTo(network.weights());
    }

    @Test
    void whatNormalizationsSayIsAddedUp() {
        Network network = SharedNetworks.albert(3, 0);
        List<LayerWeight> layers = LayerWeight.of(network);
        // The first layer takes the network's input, which nothing normalizes.
        assertThat(new NormalizedInputs(network).meanSquares(layers.get(0))).isNull();
        Network normalized = BlockNetworks.normalized(32, 0.5f, 2);
        Network shared = normalized.toBuilder()
                .nodes(normalized.nodes().stream()
                        .map(node -> node.withInputs(node.inputs().stream()
                                .map(input -> input.equals("w2") ? "w1" : input)
                                .toList()))
                        .toList())
                .removeWeight("w2")
                .build();
        float[] once = new NormalizedInputs(normalized)
                .meanSquares(LayerWeight.of(normalized).get(0));
        float[] twice =
                new NormalizedInputs(shared).meanSquares(LayerWeight.of(shared).get(0));
        for (int i = 0; i < once.length; i++) {
            assertThat(twice[i]).isCloseTo(2 * once[i], within(1e-5f));
        }
    }

    @Test
    void smoothingNamesTheSharing() {
        RandomAccessDataset data = Records.of(Networks.uniform(5, -1, 1, 20, 4, 32));
        Network network = SharedNetworks.albert(3, 0);
        String message = "Network albert has no layer whose input can be smoothed; several operators share each weight,"
                + " such as w1 (up0, up1, up2), and a shared weight can not be scaled for one of them alone.";
        assertThatThrownBy(() -> network.apply(new SmoothQuant(data, 20)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> network.apply(new StaticQuantization(data, 20).with(Refinement.smooth(0.5))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
