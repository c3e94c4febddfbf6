package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.RealModels;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.structure.Coupling;
import pomona.structure.UnitGroup;
import pomona.structure.Zeroing;

/** Heads and feed-forward neurons of a real sentence encoder, as PyTorch exports it. */
class TransformerPruningTest {

    private static Map<String, Tensor> sentences(int count, int tokens) {
        long[] ids = new long[count * tokens];
        long[] mask = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = 1000 + i * 37L % 20000;
            mask[i] = i % tokens < tokens - i / tokens ? 1 : 0;
        }
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        feeds.put("input_ids", Tensor.ofLongs(ids, count, tokens));
        feeds.put("attention_mask", Tensor.ofLongs(mask, count, tokens));
        feeds.put("token_type_ids", Tensor.ofLongs(new long[ids.length], count, tokens));
        return feeds;
    }

    private static float[] run(Network network, Map<String, Tensor> feeds) {
        try (RuntimeSession session = RuntimeSession.open(network)) {
            return session.run(feeds).values().iterator().next().toFloatArray();
        }
    }

    @Test
    void findsHeadsAndNeuronsOfEveryLayer() {
        List<UnitGroup> groups = Coupling.of(RealModels.miniLm()).groups();
        assertThat(groups).hasSize(12);
        for (int layer = 0; layer < 6; layer++) {
            String at = "/encoder/layer." + layer;
            String self = at + "/attention/self/";
            UnitGroup heads = groups.get(2 * layer);
            assertThat(heads.layers())
                    .containsExactly(self + "query/MatMul", self + "key/MatMul", self + "value/MatMul");
            assertThat(heads.heads()).isTrue();
            assertThat(heads.units()).hasSize(12);
            UnitGroup neurons = groups.get(2 * layer + 1);
            assertThat(neurons.layers()).containsExactly(at + "/intermediate/dense/MatMul");
            assertThat(neurons.units()).hasSize(1536);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.25, 0.5})
    void isAsIfTheyCountedForNothing(double ratio) {
        Network dense = RealModels.miniLm();
        Network pruned = dense.apply(new ChannelPruning(ratio)).apply(new HeadPruning(ratio));
        // 6 layers of 1536 neurons with 769 weights each, and of 12 heads with 32 x 1539 weights each.
        long gone = Math.round(6 * ratio * (1536 * 769 + 12 * 32 * 1539));
        assertThat(dense.parameters() - pruned.parameters()).isEqualTo(gone);
        Coupling coupling = Coupling.of(dense);
        List<Integer> removed = new ArrayList<>();
        for (boolean heads : new boolean[] {false, true}) {
            Structures structures = Structures.of(dense, "*", heads);
            removed.addAll(new ChannelChoice(structures.coupling(), ratio, Scope.LAYER, 1, 1)
                    .choose(structures.groups(), new ChannelScores(structures.coupling()).roots()));
        }
        Map<String, Tensor> feeds = sentences(3, 9);
        assertThat(run(pruned, feeds))
                .usingComparatorWithPrecision(1e-4f)
                .containsExactly(run(Zeroing.of(coupling, removed), feeds));
        assertThat(ShapeInference.of(pruned).get("last_hidden_state"))
                .isEqualTo(ShapeInference.of(dense).get("last_hidden_state"));
    }

    @Test
    void halfOfTheNetworkIsFaster() {
        Network dense = RealModels.miniLm();
        Network pruned = dense.apply(new ChannelPruning(0.5)).apply(new HeadPruning(0.5));
        Map<String, Tensor> feeds = sentences(1, 128);
        try (RuntimeSession whole = RuntimeSession.open(dense, 1);
                RuntimeSession half = RuntimeSession.open(pruned, 1)) {
            long[] wholeTimes = new long[15];
            long[] halfTimes = new long[15];
            // In turns, so that whatever else the machine does meets both.
            for (int i = 0; i < wholeTimes.length; i++) {
                wholeTimes[i] = time(whole, feeds);
                halfTimes[i] = time(half, feeds);
            }
            assertThat(median(wholeTimes)).isGreaterThan(1.2 * median(halfTimes));
        }
    }

    private static long time(RuntimeSession session, Map<String, Tensor> feeds) {
        long start = System.nanoTime();
        session.run(feeds);
        return System.nanoTime() - start;
    }

    private static double median(long[] times) {
        Arrays.sort(times);
        return times[times.length / 2];
    }

    @Test
    void theStepSaysHowMuchIsGone() {
        Network pruned = RealModels.miniLm().apply(new HeadPruning(0.5));
        assertThat(pruned.provenance()).singleElement().satisfies(step -> {
            assertThat(step.name()).isEqualTo("HeadPruning");
            assertThat(step.options())
                    .containsEntry("ratio", "0.5")
                    .containsEntry("parameters", "22,565,376 to 20,792,448 (-7.9 %)")
                    .doesNotContainKey("leftAlone");
        });
    }
}
