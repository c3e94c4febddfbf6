package pomona.structure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.Equality;
import pomona.djl.NetworkBlock;
import pomona.djl.RandomNetworksTest;
import pomona.djl.Tensors;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** Every topology loses channels and gives, on ONNX Runtime, what the whole network gives with those weights at zero. */
class CouplingTest {

    static List<Arguments> topologies() {
        return List.of(
                Arguments.of(Topologies.chain(), List.of("c1 8", "c2 12")),
                Arguments.of(Topologies.residual(), List.of("stem+c2 8", "c1 6")),
                Arguments.of(Topologies.denseConcat(), List.of("c1 6", "c2 6")),
                Arguments.of(Topologies.depthwise(), List.of("c1+dw 8", "pw 10")),
                Arguments.of(Topologies.grouped(), List.of("c1 4", "c2 6")),
                Arguments.of(Topologies.squeezeExcite(), List.of("c1+expand 8", "reduce 4")),
                Arguments.of(Topologies.flatten(), List.of("c1 5", "fc1 12")),
                Arguments.of(
                        Topologies.unet(), List.of("down1 4", "down2 6", "down3 8", "up1 6", "merge1 5", "merge2 4")),
                Arguments.of(Topologies.sharedWeights(), List.of("encode+mix 10")),
                Arguments.of(Topologies.attention(), List.of("query+key+value heads 4", "up 20")),
                Arguments.of(Topologies.fusedAttention(), List.of("qkv heads 4")),
                Arguments.of(Topologies.recurrent("LSTM", 4), List.of("first 8", "second 6")),
                Arguments.of(Topologies.recurrent("GRU", 3), List.of("first 8", "second 6")),
                Arguments.of(Topologies.recurrent("RNN", 1), List.of("first 8", "second 6")),
                Arguments.of(Topologies.splits(), List.of("c1+c2 12")),
                Arguments.of(Topologies.shuffle(), List.of("c1 4", "c2+dw 4", "c3 8")),
                Arguments.of(Topologies.groupNorm(), List.of("c1 4")),
                Arguments.of(Topologies.unknown(), List.of("c2 6")));
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void findsGroups(Network network, List<String> groups) {
        assertThat(Coupling.of(network).groups())
                .extracting(
                        group -> String.join("+", group.layers()) + (group.heads() ? " heads " : " ") + group.size())
                .containsExactlyElementsOf(groups);
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void removesWhatCountsForNothing(Network network, List<String> groups) {
        Coupling coupling = Coupling.of(network);
        for (int part = 0; part < 3; part++) {
            List<Integer> gone = new ArrayList<>();
            for (UnitGroup group : coupling.groups()) {
                for (int i = part; i < group.units().size(); i += 3) {
                    gone.add(group.units().get(i));
                }
            }
            Network smaller = coupling.without(gone);
            assertThat(smaller.parameters()).isLessThan(network.parameters());
            Equality.assertSameOutputs(Zeroing.of(coupling, gone), smaller, 1e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("topologies")
    void whatIsLeftRunsWhereItCanBeTrained(Network network, List<String> groups) {
        Coupling coupling = Coupling.of(network);
        List<Integer> gone = new ArrayList<>();
        coupling.groups().forEach(group -> gone.add(group.units().get(0)));
        Network smaller = coupling.without(gone);
        Map<String, Tensor> feeds = Equality.feeds(smaller);
        NetworkBlock block;
        try {
            NetworkBlock.of(network);
        } catch (IllegalArgumentException e) {
            org.junit.jupiter.api.Assumptions.abort("not trainable before either: " + e.getMessage());
        }
        block = NetworkBlock.of(smaller);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDList inputs = new NDList(Tensors.toArray(feeds.get("x"), manager));
            float[] trained = block.forward(new ParameterStore(manager, false), inputs, false)
                    .head()
                    .toFloatArray();
            assertThat(trained).usingComparatorWithPrecision(1e-4f).containsExactly(Equality.run(smaller, feeds));
        }
    }

    @Property(tries = 40)
    void randomNetworksToo(@ForAll long seed, @ForAll @IntRange(min = 2, max = 12) int layers) {
        Network network = RandomNetworksTest.random(seed, layers);
        Coupling coupling = Coupling.of(network);
        List<Integer> gone = new ArrayList<>();
        for (UnitGroup group : coupling.groups()) {
            for (int i = 0; i < group.units().size() - 1; i += 2) {
                gone.add(group.units().get(i));
            }
        }
        Network smaller;
        try {
            smaller = coupling.without(gone);
        } catch (IllegalArgumentException e) {
            // Every other channel may be all of a part that something reads alone.
            assertThat(e).hasMessageContaining("would lose all");
            return;
        }
        Map<String, Tensor> feeds = Equality.feeds(network);
        float[] expected = Equality.run(Zeroing.of(coupling, gone), feeds);
        float largest = 1;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(Equality.run(smaller, feeds)).containsExactly(expected, within(2e-5f * largest));
    }

    @Test
    void saysWhichLayersAreLeftAloneAndWhy() {
        assertThat(Coupling.of(Topologies.unknown()).leftAlone())
                .containsExactly("c1: operator lrn (LRN) couples its channels in an unknown way");
        assertThat(Coupling.of(Topologies.residual()).leftAlone()).isEmpty();
    }

    @Test
    void refusesToRemoveWhatMustStay() {
        Coupling coupling = Coupling.of(Topologies.chain());
        int logit = coupling.channels("fc.w")[0][0];
        assertThatThrownBy(() -> coupling.without(List.of(logit)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Channel " + logit + " of network chain must stay: it makes the output fc.out.");
        UnitGroup first = coupling.groups().get(0);
        assertThatThrownBy(() -> coupling.without(first.units()))
                .hasMessage("Weight c1.w of network chain would lose all 8 channels of axis 0; at least one stays.");
    }

    @Test
    void leavesTheGivenNetworkAsItIs() {
        Network network = Topologies.residual();
        Coupling coupling = Coupling.of(network);
        coupling.without(List.of(coupling.groups().get(0).units().get(1)));
        assertThat(network).isEqualTo(Topologies.residual());
    }
}
