package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.ExportedNetworks;
import pomona.graph.Network;
import pomona.simplify.AllFolding;

/** The layers that people see in networks as PyTorch's exporters write them. */
class ExportedLayersTest {

    /**
     * An attention has its four projections, and n tokens of width w take 4 n w^2 multiply-accumulates for them and
     * 2 n^2 w between tokens: 8 of 12 or 16, 17 patches of 16, and 4 windows of 16 tokens of 6. Heads that share keys
     * and values have half as many of these. Masks and scales that are tensors in the files are counted too.
     */
    @ParameterizedTest
    @CsvSource({
        "bert-eager-script, model.encoder.layer.%d.attention, 2, 624, 0, 6144",
        "bert-sdpa-script, model.encoder.layer.%d.attention, 2, 624, 0, 6144",
        "bert-sdpa-dynamo, model.encoder.layer.%d.attention, 2, 624, 0, 6144",
        "distilbert-sdpa-dynamo, model.transformer.layer.%d.attention, 2, 624, 0, 6144",
        "gpt2-eager-script, model.transformer.h.%d.attn, 1, 624, 0, 6144",
        "gpt2-sdpa-dynamo, model.transformer.h.%d.attn, 2, 624, 0, 6144",
        "llama-sdpa-dynamo, node_MatMul_, 2, 768, 0, 8192",
        "phi3-sdpa-dynamo, node_MatMul_, 2, 768, 0, 8192",
        "causal-script, /MatMul, 1, 1088, 144, 10240",
        "causal-dynamo, node_matmul, 1, 1088, 144, 10240",
        "vit-script, encoder.layers.encoder_layer_%d.self_attention, 2, 1088, 0, 26656",
        "vit-dynamo, encoder.layers.encoder_layer_%d.self_attention, 2, 1088, 1, 26656",
        "timm-vit-script, blocks.blocks.%d.attn, 2, 1088, 0, 26656",
        "timm-vit-dynamo, blocks.%d.attn, 2, 1088, 1, 26656",
        "swin-dynamo, features.1.%d.attn, 2, 680, 64, 21504"
    })
    void anAttentionIsOne(String name, String called, int count, long parameters, long more, long macs) {
        Network network = ExportedNetworks.read(name);
        for (Network form : List.of(network, new AllFolding().transform(network))) {
            List<Profile.Layer> layers = layers(form);
            List<Profile.Layer> attentions = layers.stream()
                    .filter(layer -> layer.operator().equals("Attention"))
                    .toList();
            assertThat(attentions).hasSize(count);
            for (int i = 0; i < count; i++) {
                Profile.Layer attention = attentions.get(i);
                assertThat(attention.name()).startsWith(String.format(called, i));
                assertThat(attention.macs()).isEqualTo(macs);
                if (form == network) {
                    assertThat(attention.parameters()).isBetween(parameters, parameters + more);
                }
            }
            assertThat(layers.stream().map(Profile.Layer::operator))
                    .doesNotContain("Softmax", "IsNaN", "Erf", "Tanh", "Sqrt", "Sigmoid", "Neg", "Reciprocal");
        }
    }

    private static List<Profile.Layer> layers(Network network) {
        boolean text = network.signature().inputs().get(0).shape().size() == 2;
        return Profile.of(network, text ? Map.of("sequence", 8L) : Map.of()).layers();
    }

    private static Map<String, List<String>> named(String name) {
        return layers(ExportedNetworks.read(name)).stream()
                .collect(Collectors.groupingBy(
                        Profile.Layer::operator, Collectors.mapping(Profile.Layer::name, Collectors.toList())));
    }

    /** What ONNX Runtime fuses is still counted where it came from. */
    @ParameterizedTest
    @MethodSource("pomona.ExportedNetworks#names")
    void everyAttentionConvolutionAndRecurrentLayerIsTimed(String name) {
        Network network = ExportedNetworks.read(name);
        Profile profile = Profile.measure(network, ExportedNetworks.feeds(network, 2, 7), 5);
        assertThat(profile.layers())
                .filteredOn(layer -> Set.of("Attention", "Conv", "LSTM", "GRU").contains(layer.operator()))
                .isNotEmpty()
                .allMatch(layer -> layer.microseconds() > 0);
    }

    @Test
    void layersHaveTheNamesOfTheirModules() {
        Map<String, List<String>> bert = named("bert-sdpa-dynamo");
        assertThat(bert.get("MatMul"))
                .containsExactly(
                        "model.encoder.layer.0.intermediate.dense",
                        "model.encoder.layer.0.output.dense",
                        "model.encoder.layer.1.intermediate.dense",
                        "model.encoder.layer.1.output.dense");
        assertThat(bert.get("LayerNormalization"))
                .startsWith("model.embeddings.LayerNorm", "model.encoder.layer.0.attention.output.LayerNorm")
                .hasSize(5);
        assertThat(bert.get("Gelu")).hasSize(2);
        assertThat(named("vit-dynamo").get("Conv")).containsExactly("conv_proj");
        assertThat(named("mobilenetv3-dynamo").get("Conv"))
                .startsWith("features.0.0", "features.1.block.0.0", "features.1.block.1.fc1", "features.1.block.1.fc2")
                .hasSameSizeAs(named("mobilenetv3-script").get("Conv"));
    }

    @Test
    void normalizationByTheRootMeanSquareIsOne() {
        assertThat(named("llama-sdpa-dynamo").get("RMSNormalization"))
                .containsExactly(
                        "model.model.layers.0.input_layernorm",
                        "model.model.layers.0.post_attention_layernorm",
                        "model.model.layers.1.input_layernorm",
                        "model.model.layers.1.post_attention_layernorm",
                        "model.model.norm");
        assertThat(named("llama-sdpa-dynamo").get("Swish")).hasSize(2);
    }

    /** The approximation of Gelu begins with powers of its input, which are none of the layer before it. */
    @Test
    void aPowerOfWhatALinearLayerGivesIsNotPartOfIt() {
        assertThat(named("causal-script").get("MatMul")).containsExactly("up", "down");
        assertThat(named("causal-script").get("Gelu")).hasSize(1);
        assertThat(named("causal-dynamo").get("MatMul")).containsExactly("up", "down");
    }
}
