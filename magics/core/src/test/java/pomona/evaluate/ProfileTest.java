package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Networks;
import pomona.RealModels;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.prune.MagnitudePruning;
import pomona.report.Report;
import pomona.simplify.AllFolding;

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

    @Test
    void seesTheLayersOfATransformer() {
        Network network = RealModels.miniLm();
        Profile profile = Profile.of(network, Map.of("batch_size", 1L, "sequence_length", 128L));
        Map<String, List<Profile.Layer>> byOperator =
                profile.layers().stream().collect(Collectors.groupingBy(Profile.Layer::operator));
        assertThat(byOperator.get("Attention").stream().map(Profile.Layer::name))
                .startsWith("encoder.layer.0.attention", "encoder.layer.1.attention")
                .hasSize(6);
        assertThat(byOperator.get("LayerNormalization").stream().map(Profile.Layer::name))
                .startsWith("embeddings.LayerNorm", "encoder.layer.0.attention.output.LayerNorm")
                .hasSize(13);
        assertThat(byOperator.get("Gelu")).hasSize(6);
        assertThat(byOperator.get("MatMul").stream().map(Profile.Layer::name))
                .startsWith("encoder.layer.0.intermediate.dense", "encoder.layer.0.output.dense")
                .hasSize(12);
        assertThat(byOperator).doesNotContainKeys("Softmax", "Erf", "Sqrt", "Shape", "Reshape");
        Profile.Layer attention = byOperator.get("Attention").get(0);
        // Four projections of 384 to 384, and the products of queries, keys and values of 12 heads.
        assertThat(attention.parameters()).isEqualTo(4 * (384 * 384 + 384));
        assertThat(attention.macs()).isEqualTo(4L * 128 * 384 * 384 + 2L * 128 * 128 * 384);
        assertThat(attention.shapeText()).isEqualTo("[batch_size, sequence_length, 384]");
        // 6 layers of 12 x 384^2 weights and the attention itself: what is known of BERT (arXiv 1810.04805,
        // 2001.08361).
        assertThat(profile.macs()).isEqualTo(6 * (12L * 384 * 384 * 128 + 2L * 128 * 128 * 384));
        assertThat(profile.parameters()).isEqualTo(network.parameters());
        assertThat(profile.activationBytes()).isPositive();
        // The same layers are seen in what is left after it is simplified.
        Profile simple = Profile.of(new AllFolding().transform(network), Map.of("sequence_length", 128L));
        assertThat(simple.macs()).isEqualTo(profile.macs());
        assertThat(simple.layers().stream().filter(l -> l.operator().equals("Attention")))
                .hasSize(6);
    }

    /**
     * Multiply-accumulates at 224 x 224, in billions. The published figures are those of torchvision's pretrained
     * classification models (file {@code torchvision/models/MODEL.py}, entry {@code _ops} of the weights'
     * metadata, which torchvision's documentation shows as GFLOPS): {@code VGG19_Weights}, {@code ResNet50_Weights},
     * {@code SqueezeNet1_1_Weights}, {@code DenseNet121_Weights}.
     */
    @ParameterizedTest
    @CsvSource({
        "vgg19, vgg.py, 19.632",
        "resnet50, resnet.py, 4.089",
        "squeezenet, squeezenet.py, 0.349",
        "densenet121, densenet.py, 2.834"
    })
    void countsWhatIsPublished(String name, String source, double billions) {
        Profile profile = Profile.of(Onnx.read(RealModels.lightFile(name)));
        System.out.printf(
                Locale.ROOT,
                "%s: %,d MACs, published %s G (torchvision, %s)%n",
                name,
                profile.macs(),
                billions,
                source);
        assertThat(profile.macs() / 1e9).isCloseTo(billions, within(0.0015));
    }

    @Test
    void countsRecurrentLayers() {
        Network network = Network.builder("lstm")
                .input("x", "length", "batch", 3)
                .weight("w", Networks.random(1, 8, 1, 16, 3))
                .weight("r", Networks.random(2, 8, 1, 16, 4))
                .node(Node.of("LSTM", "lstm", List.of("x", "w", "r"), "y").with("hidden_size", Attribute.of(4)))
                .output("y", "length", 1, "batch", 4)
                .build();
        Profile.Layer lstm =
                Profile.of(network, Map.of("length", 5L, "batch", 2L)).layers().get(0);
        assertThat(lstm.macs()).isEqualTo(5 * 2 * 4 * 4 * (3 + 4));
        assertThat(lstm.activationBytes()).isEqualTo(4 * 5 * 2 * 4);
        assertThatThrownBy(() -> Profile.of(network, Map.of("time", 5L)))
                .hasMessage("Network lstm has no size time; it has batch, length.");
        assertThatThrownBy(() -> Profile.of(network, Map.of("batch", 0L)))
                .hasMessage("Size batch is 0, but it must be 1 or more.");
        assertThat(Profile.of(network, Map.of("length", 5, "batch", 2L))
                        .layers()
                        .get(0))
                .isEqualTo(lstm);
        assertThatThrownBy(() -> Profile.of(network, Map.of("batch", 1.5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Size batch is 1.5, but it must be a whole number.");
        assertThat(Profile.measure(network, RealModels.feeds(network), 2).microseconds())
                .isPositive();
    }

    @Test
    void saysAtWhatSizesItCounted() {
        Network network = Network.builder("text")
                .input("x", "batch", "sequence", 8)
                .input("y", "batch", "sequence", 8)
                .node(Node.of("Add", "add", List.of("x", "y"), "z"))
                .output("z", "batch", "sequence", 8)
                .build();
        assertThat(Profile.of(network).sizesText()).isEqualTo("at batch 1, sequence 1 by default");
        Profile half = Profile.of(network, Map.of("sequence", 50L));
        assertThat(half.sizesText()).isEqualTo("at sequence 50, batch 1 by default");
        assertThat(half.sizes()).containsEntry("sequence", 50L).containsEntry("batch", 1L);
        assertThat(half.assumed()).containsExactly("batch");
        assertThat(Profile.of(network, Map.of("sequence", 50L, "batch", 2L)).sizesText())
                .isEqualTo("at batch 2, sequence 50");
        assertThat(Profile.measure(network, SampleFeeds.of(network), 1).sizesText())
                .isEqualTo("at batch 1, sequence 64");
        Network fixed = Network.builder("fixed")
                .input("x", 1, 8)
                .node(Node.of("Relu", "relu", List.of("x"), "z"))
                .output("z", 1, 8)
                .build();
        assertThat(Profile.of(fixed).sizesText()).isEmpty();
        assertThat(Report.profile(fixed).name()).isEqualTo("profile of fixed");
        assertThat(Report.profile(half).name()).isEqualTo("profile of text at sequence 50, batch 1 by default");
    }

    @Test
    void measuresTheTimeOfEachLayer() {
        Network network = RealModels.miniLm();
        Profile profile = Profile.measure(network, RealModels.tokens(network, 1, 64), 5);
        double all = profile.microseconds();
        double known = profile.layers().stream()
                .filter(layer -> !layer.name().startsWith("("))
                .mapToDouble(Profile.Layer::microseconds)
                .sum();
        double work = profile.layers().stream()
                .filter(layer -> layer.macs() > 0)
                .mapToDouble(Profile.Layer::microseconds)
                .sum();
        assertThat(known).isGreaterThan(0.95 * all);
        assertThat(work).isGreaterThan(0.5 * all);
        assertThat(profile.layers())
                .filteredOn(layer -> layer.operator().equals("Attention"))
                .allMatch(layer -> layer.microseconds() > 0);
        Profile cnn = Profile.measure(Networks.cnn(), RealModels.feeds(Networks.cnn()), 3);
        assertThat(cnn.isMeasured()).isTrue();
        assertThat(Profile.of(Networks.cnn()).isMeasured()).isFalse();
    }
}
