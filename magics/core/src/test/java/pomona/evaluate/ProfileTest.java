package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.prune.MagnitudePruning;

class ProfileTest {

    @Test
    void countsWhatThePaperCounts() {
        Profile profile = Profile.of(Networks.lenet300());
        assertThat(profile.layers().stream().map(Profile.Layer::name))
                .containsExactly("fc1", "relu1", "fc2", "relu2", "fc3");
        Profile.Layer first = profile.layers().get(0);
        assertThat(first.parameters()).isEqualTo(784 * 300 + 300);
        assertThat(first.macs()).isEqualTo(784 * 300);
        assertThat(first.bytes()).isEqualTo(4 * (784 * 300 + 300));
        assertThat(first.shapeText()).isEqualTo("[batch, 300]");
        assertThat(profile.parameters()).isEqualTo(266_610);
        assertThat(profile.macs()).isEqualTo(266_200);
    }

    @Test
    void countsConvolutions() {
        Network cnn = Networks.cnn();
        Profile profile = Profile.of(cnn);
        assertThat(profile.layers().get(0).macs()).isEqualTo(12 * 12 * 4 * 9);
        assertThat(profile.layers().get(0).shapeText()).isEqualTo("[batch, 4, 12, 12]");
        assertThat(profile.macs()).isEqualTo(12 * 12 * 36 + 6 * 6 * 8 * 36 + 1280);
        assertThat(profile.parameters()).isEqualTo(cnn.parameters());
        assertThat(profile.nonZeros()).isEqualTo(cnn.nonZeros());
    }

    @Test
    void aProductWithItsBiasIsOneLayer() {
        Profile profile = Profile.of(Networks.matMulAdd());
        assertThat(profile.layers().stream().map(Profile.Layer::name)).containsExactly("a", "relu", "b");
        assertThat(profile.layers().get(0).parameters()).isEqualTo(8 * 6 + 6);
        assertThat(profile.layers().get(0).macs()).isEqualTo(5 * 8 * 6);
    }

    @Test
    void anIntegerProductWithItsScalesIsOneLayer() {
        Network network = Network.builder("int8")
                .input("x", "batch", 8)
                .weight("w", Tensor.ofBytes(ElementType.INT8, new byte[] {1, 0, 2, 0, 3, 4, 5, 6}, 8, 1))
                .weight("scale", Tensor.ofFloats(new float[] {0.5f}, 1))
                .weight("b", Tensor.ofFloats(new float[] {1}, 1))
                .node("DynamicQuantizeLinear", List.of("x"), "q", "s", "z")
                .node(Node.of("MatMulInteger", "fc", List.of("q", "w", "z"), "sum"))
                .node(Node.of("Cast", "", List.of("sum"), "float").with("to", Attribute.of(1)))
                .node("Mul", List.of("s", "scale"), "both")
                .node("Mul", List.of("float", "both"), "scaled")
                .node("Add", List.of("scaled", "b"), "y")
                .output("y", "batch", 1)
                .build();
        List<Profile.Layer> layers = Profile.of(network).layers();
        assertThat(layers).hasSize(1);
        assertThat(layers.get(0).name()).isEqualTo("fc");
        assertThat(layers.get(0).operator()).isEqualTo("MatMulInteger");
        assertThat(layers.get(0).parameters()).isEqualTo(9).isEqualTo(network.parameters());
        assertThat(layers.get(0).nonZeros()).isEqualTo(7);
        assertThat(layers.get(0).bytes()).isEqualTo(8 + 4 + 4);
        assertThat(layers.get(0).macs()).isEqualTo(8);
    }

    @Test
    void zerosAreSeenWhereTheyAre() {
        Network pruned = Networks.mlp(8, 6, 4).apply(new MagnitudePruning(0.5));
        Profile profile = Profile.of(pruned);
        assertThat(profile.nonZeros()).isEqualTo(pruned.nonZeros()).isEqualTo(36 + 10);
    }

    @Test
    void workThatIsUnknownIsNotCountedAsNone() {
        Network network = Network.builder("t")
                .input("x", "batch", 3)
                .weight("w", Networks.random(1, 3, 3, 2))
                .node(Node.of("Mystery", "m", List.of("x"), "h").inDomain("my.domain"))
                .node("MatMul", List.of("h", "w"), "y")
                .output("y", "batch", 2)
                .build();
        assertThat(Profile.of(network).macs()).isEqualTo(-1);
    }

    @Test
    void weightsThatNothingUsesAreShown() {
        Network network = Networks.mlp(3, 2).toBuilder()
                .weight("spare", Tensor.ofFloats(new float[5], 5))
                .build();
        assertThat(Profile.of(network).layers().get(1).name()).isEqualTo("(used by no layer)");
        assertThat(Profile.of(network).parameters()).isEqualTo(network.parameters());
    }
}
