package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Value;
import pomona.pass.Pass;

class FloatRemarkTest {

    private static final RandomAccessDataset IMAGES = RandomRecords.of(20, 8, 6, 6);

    /** A convolution that holds 9,216 of 9,728 bytes, before a linear layer. */
    private static Network images(String operator) {
        boolean transposed = operator.equals("ConvTranspose");
        return Network.builder("images")
                .input("x", "batch", 8, 6, 6)
                .weight("conv.weight", Networks.random(1, 72, transposed ? 8 : 32, transposed ? 32 : 8, 3, 3))
                .weight("fc.weight", Networks.random(2, 32, 32, 4))
                .node(Node.of(operator, "conv", List.of("x", "conv.weight"), "c"))
                .node(Node.of("GlobalAveragePool", "pool", List.of("c"), "p"))
                .node(Node.of("Flatten", "flat", List.of("p"), "f"))
                .node(Node.of("MatMul", "fc", List.of("f", "fc.weight"), "y"))
                .output("y", "batch", 4)
                .build();
    }

    /** A recurrent layer of 8 units over 5 steps, before a linear layer. */
    private static Network steps(String operator) {
        int gates = operator.equals("LSTM") ? 4 : operator.equals("GRU") ? 3 : 1;
        return Network.builder("steps")
                .input("x", 5, "batch", 16)
                .weight("w", Networks.uniform(1, -1, 1, 1, 8 * gates, 16))
                .weight("r", Networks.uniform(2, -1, 1, 1, 8 * gates, 8))
                .weight("fc.weight", Networks.uniform(3, -1, 1, 8, 4))
                .node(Node.of(operator, "rnn", List.of("x", "w", "r"), "s").with("hidden_size", Attribute.of(8)))
                .node(Node.of("MatMul", "fc", List.of("s", "fc.weight"), "y"))
                .output("y", 5, 1, "batch", 4)
                .build();
    }

    private static Network words() {
        return Network.builder("words")
                .input(Value.of("ids", ElementType.INT64, "batch", "length"))
                .weight("table", Networks.uniform(1, -1, 1, 40, 16))
                .weight("fc.weight", Networks.uniform(2, -1, 1, 16, 4))
                .node(Node.of("Gather", "embedding", List.of("table", "ids"), "rows"))
                .node(Node.of("MatMul", "fc", List.of("rows", "fc.weight"), "y"))
                .output("y", "batch", "length", 4)
                .build();
    }

    private static String remark(Network network, Pass pass) {
        return QuantizationProfile.of(network, network.apply(pass)).remark();
    }

    @Test
    void whatHoldsMostOfTheBytesAndTakesThemIsNamed() {
        assertThat(remark(images("Conv"), new WeightOnlyQuantization(4, 16)))
                .isEqualTo(
                        "95 % of the weights' bytes stay float, those of Conv (taken by static, weight-only with 8 bits"
                                + " and weight-sharing).");
        assertThat(remark(steps("LSTM"), new WeightOnlyQuantization()))
                .isEqualTo("96 % of the weights' bytes stay float, those of LSTM (taken by dynamic and float16).");
        // ONNX Runtime has no dynamic GRU, which the row of the layer says.
        QuantizationProfile gru =
                QuantizationProfile.of(steps("GRU"), steps("GRU").apply(new DynamicQuantization()));
        assertThat(gru.spared()).containsOnlyKeys("rnn");
        assertThat(gru.remark()).isEqualTo("95 % of the weights' bytes stay float, those of GRU (taken by float16).");
        assertThat(remark(words(), new DynamicQuantization()))
                .isEqualTo("91 % of the weights' bytes stay float, those of Gather (taken by weight-only).");
    }

    @Test
    void nothingIsSaidWhereLayersAreChosenOrTaken() {
        Network images = images("Conv");
        assertThat(remark(images, new WeightOnlyQuantization(true, "fc"))).isEmpty();
        assertThat(remark(images, new StaticQuantization(IMAGES, 20))).isEmpty();
        assertThat(remark(images, new CrossLayerEqualization())).isEmpty();
    }

    @Test
    void whatIsSaidToTakeAnOperatorTakesIt() {
        Map<String, Pass> methods = Map.of(
                "dynamic",
                new DynamicQuantization(),
                "static",
                new StaticQuantization(IMAGES, 20),
                "weight-only",
                new WeightOnlyQuantization(),
                "weight-only with 8 bits",
                new WeightOnlyQuantization(),
                "weight-sharing",
                new WeightSharingQuantization(4),
                "float16",
                new Float16Quantization());
        List<String> tried = new ArrayList<>();
        FloatRemark.METHODS.forEach((operator, names) -> {
            Network network =
                    switch (operator) {
                        case "Conv", "ConvTranspose" -> images(operator);
                        case "Gather" -> words();
                        case "LSTM", "GRU", "RNN" -> steps(operator);
                        default -> null;
                    };
            for (String name : network == null ? List.<String>of() : names) {
                QuantizedLayer layer = QuantizationProfile.of(network, network.apply(methods.get(name)))
                        .layers()
                        .get(0);
                assertThat(layer.operator()).isEqualTo(operator);
                assertThat(layer.isQuantized()).as(operator + " by " + name).isTrue();
                tried.add(operator);
            }
        });
        assertThat(tried).contains("Conv", "ConvTranspose", "Gather", "LSTM", "GRU", "RNN");
    }

    @Test
    void roundedFloatsAreToBeStoredAsIntegersNext() {
        Network network = Networks.mlp(32, 24, 8);
        RandomAccessDataset data = RandomRecords.of(40, 32);
        Network rounded = network.apply(new AdaptiveRounding(data, 40, 4));
        assertThat(remark(network, new AdaptiveRounding(data, 40, 4)))
                .isEqualTo(
                        "The weights lie on the levels of 4 bits and are still stored as floats; static or weight-only"
                                + " quantization of this network stores them as integers.");
        // Eight bits keep the levels of four nearly where they are.
        for (Pass next : List.of(new WeightOnlyQuantization(), new StaticQuantization(data, 40))) {
            QuantizationProfile profile = QuantizationProfile.of(rounded, rounded.apply(next), data, 40);
            assertThat(profile.layers()).allSatisfy(layer -> {
                assertThat(layer.weight()).isEqualTo(ElementType.INT8);
                assertThat(layer.sqnr()).isGreaterThan(35);
            });
            assertThat(profile.remark()).isEmpty();
        }
    }
}
