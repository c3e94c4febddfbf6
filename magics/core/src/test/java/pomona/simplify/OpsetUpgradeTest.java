package pomona.simplify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pomona.Equality.assertSameOutputs;

import java.util.List;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;

class OpsetUpgradeTest {

    private static NetworkBuilder old(long opset) {
        return Network.builder("old").opset("", opset).input("x", "batch", 4, 6);
    }

    @Test
    void whatMovedToInputsIsMoved() {
        Network network = old(11).node(
                        Node.of("Unsqueeze", "u", List.of("x"), "u").with("axes", Attribute.ofInts(0, 2)))
                .node(Node.of("Squeeze", "s", List.of("u"), "s").with("axes", Attribute.ofInts(0)))
                .node(Node.of("ReduceSum", "r", List.of("s"), "r")
                        .with("axes", Attribute.ofInts(-1))
                        .with("keepdims", Attribute.of(0)))
                .node(Node.of("Split", "p", List.of("r"), "a", "b")
                        .with("axis", Attribute.of(2))
                        .with("split", Attribute.ofInts(1, 3)))
                .node(Node.of("Dropout", "d", List.of("b"), "dropped").with("ratio", Attribute.of(0.3f)))
                .node(Node.of("Softmax", "soft", List.of("dropped"), "y").with("axis", Attribute.of(2)))
                .output("y", "batch", 1, 3)
                .build();
        Network upgraded = network.apply(new OpsetUpgrade());
        assertThat(upgraded.opset()).isEqualTo(13);
        assertSameOutputs(network, upgraded, 0);
    }

    @Test
    void boundsOfClipAndAmountsOfPadAreMoved() {
        Network network = old(10).node(
                        Node.of("Clip", "c", List.of("x"), "clipped").with("max", Attribute.of(0.25f)))
                .node(Node.of("Pad", "p", List.of("clipped"), "y")
                        .with("pads", Attribute.ofInts(0, 1, 0, 0, 0, 2))
                        .with("value", Attribute.of(0.5f)))
                .output("y", "batch", 5, 8)
                .build();
        Network upgraded = network.apply(new OpsetUpgrade());
        assertSameOutputs(network, upgraded, 0);
    }

    @Test
    void aNewNetworkStaysAsItIs() {
        Network network = Networks.mlp(4, 2);
        assertThat(new OpsetUpgrade().transform(network)).isSameAs(network);
    }

    @Test
    void aSoftmaxOverSeveralDimensionsIsRefused() {
        Network network = old(11).node("Softmax", List.of("x"), "y")
                .output("y", "batch", 4, 6)
                .build();
        assertThatThrownBy(() -> network.apply(new OpsetUpgrade()))
                .hasMessage(
                        "Operator y (Softmax) of network old can not be rewritten from operator set 11 to 13: its axis"
                                + " is not known to be the last one; export the network again in a newer one.");
    }

    @Test
    void aVeryOldNetworkIsRefused() {
        Network network = old(8).node("Relu", List.of("x"), "y")
                .output("y", "batch", 4, 6)
                .build();
        assertThatThrownBy(() -> network.apply(new OpsetUpgrade()))
                .hasMessage(
                        "Network old is written in operator set 8; it can be rewritten from 10 on, so export it again"
                                + " in a newer one.");
    }
}
