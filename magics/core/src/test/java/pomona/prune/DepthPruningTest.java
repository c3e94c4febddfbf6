package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import pomona.Equality;
import pomona.RealModels;
import pomona.djl.IdxDataset;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.structure.Topologies;

class DepthPruningTest {

    private static final IdxDataset DATA =
            IdxDataset.test(Path.of("../../notebooks/data/mnist")).limit(40);

    /** A block that adds zero can go without a difference. */
    private static Network withSilentBlock(Network network, String... weights) {
        Map<String, Tensor> silent = new LinkedHashMap<>();
        for (String weight : weights) {
            Tensor tensor = network.weight(weight);
            silent.put(weight, Tensor.ofFloats(new float[(int) tensor.size()], tensor.shape()));
        }
        return network.withWeights(silent);
    }

    @Test
    void leavesWhatTheBlockSkips() {
        Network network = withSilentBlock(Topologies.residual(), "bn2.scale", "bn2.shift");
        Network pruned = network.apply(new DepthPruning(0.99, BlockImportance.L2));
        assertThat(pruned.weights().keySet())
                .containsExactlyInAnyOrder(
                        "stem.w", "stem.b", "bn0.scale", "bn0.shift", "bn0.mean", "bn0.variance", "fc.w", "fc.b");
        Equality.assertSameOutputs(network, pruned, 1e-5);
        assertThat(pruned.provenance().get(0).options()).containsKeys("parameters", "macs");
    }

    @Test
    void influenceFindsTheBlockThatDoesNothing() {
        Network network = withSilentBlock(Topologies.deep(), "b2.bn2.scale", "b2.bn2.shift");
        Network pruned = network.apply(new DepthPruning(0.34, BlockImportance.INFLUENCE, "*", DATA, 40, 0));
        assertThat(pruned.weights()).containsKeys("b1.c1.w", "b3.c1.w").doesNotContainKey("b2.c1.w");
        Equality.assertSameOutputs(network, pruned, 1e-5);
    }

    @Test
    void thePositionTakesTheLast() {
        Network pruned = Topologies.deep().apply(new DepthPruning(0.67, BlockImportance.POSITION));
        assertThat(pruned.weights()).containsKey("b1.c1.w").doesNotContainKeys("b2.c1.w", "b3.c1.w");
        assertThat(Topologies.deep()
                        .apply(new DepthPruning(0.5, BlockImportance.POSITION, "b1.*, b2.*", null, 1, 0))
                        .weights())
                .containsKeys("b1.c1.w", "b3.c1.w")
                .doesNotContainKey("b2.c1.w");
    }

    @Test
    void takesAttentionsAndFeedForwardPartsOutOfARealTransformer() {
        Network dense = RealModels.miniLm();
        Network pruned = dense.apply(
                new DepthPruning(0.5, BlockImportance.POSITION, "/encoder/layer.4/*, /encoder/layer.5/*", null, 1, 0));
        assertThat(dense.parameters() - pruned.parameters()).isEqualTo(4 * 384 * 385 + 2 * 384 * 1536 + 1536 + 384);
        assertThat(ShapeInference.of(pruned).get("last_hidden_state"))
                .isEqualTo(ShapeInference.of(dense).get("last_hidden_state"));
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (String input : new String[] {"input_ids", "attention_mask", "token_type_ids"}) {
            long[] values = new long[10];
            Arrays.fill(values, input.equals("input_ids") ? 2000 : input.equals("attention_mask") ? 1 : 0);
            feeds.put(input, Tensor.ofLongs(values, 2, 5));
        }
        try (RuntimeSession session = RuntimeSession.open(pruned)) {
            assertThat(session.run(feeds).get("last_hidden_state").shape()).containsExactly(2, 5, 384);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"L2", "RANDOM"})
    void theSameSeedMakesTheSameNetwork(BlockImportance importance) {
        DepthPruning pruning = new DepthPruning(0.34, importance);
        assertThat(Topologies.deep().apply(pruning)).isEqualTo(Topologies.deep().apply(pruning));
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatThrownBy(() -> new DepthPruning(1, BlockImportance.L2))
                .hasMessage("Ratio 1.0 is out of range; it is from 0 up to but not including 1.");
        assertThatThrownBy(() -> new DepthPruning(0.5, BlockImportance.INFLUENCE))
                .hasMessage("Importance influence is measured on data; none was given (option data).");
        assertThatThrownBy(() -> Topologies.chain().apply(new DepthPruning(0.5, BlockImportance.L2)))
                .hasMessage("Network chain has no residual blocks to remove; a block is x + f(x) with the shape of x.");
        assertThatThrownBy(
                        () -> Topologies.deep().apply(new DepthPruning(0.5, BlockImportance.L2, "b1.c4", null, 1, 0)))
                .hasMessageStartingWith("No layer of network deep is named b1.c4; did you mean b1.c1 or ");
    }
}
