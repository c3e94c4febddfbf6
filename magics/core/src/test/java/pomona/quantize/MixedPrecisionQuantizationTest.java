package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.quantize.MixedPrecision.Trial;
import pomona.quantize.MixedPrecisionQuantization.Goal;
import pomona.quantize.MixedPrecisionQuantization.Order;

class MixedPrecisionQuantizationTest {

    private static final Network FLOATS = LeNets.trained();
    private static final IdxDataset DATA = LeNets.TEST.limit(1000);

    @Test
    void findsTheSmallestWithinTheBudget() {
        MixedPrecision found = new MixedPrecisionQuantization(
                        0.002,
                        DATA,
                        null,
                        Goal.SMALLEST,
                        Order.MEASURED,
                        List.of(LayerScheme.STATIC, LayerScheme.WEIGHT_ONLY),
                        "*")
                .search(FLOATS);
        assertThat(found.floats().error()).isEqualTo(Evaluation.errorPercent(FLOATS, DATA));
        assertThat(found.chosen().error()).isEqualTo(Evaluation.errorPercent(found.network(), DATA));
        assertThat(found.chosen().error()).isLessThanOrEqualTo(found.floats().error() + 0.2 + 1e-9);
        assertThat(found.chosen().bytes()).isEqualTo(Onnx.size(found.network()));
        assertThat(found.trials()).filteredOn(Trial::withinBudget).allSatisfy(trial -> assertThat(trial.bytes())
                .isGreaterThanOrEqualTo(found.chosen().bytes()));
        assertThat(found.layers()).hasSize(8).allSatisfy(layer -> assertThat(layer.noise())
                .isPositive());
        assertThat(found.chosen().bytes()).isLessThan(found.floats().bytes() / 2);
    }

    /** One layer is made so that no integers serve it: its weights differ by factors within one output. */
    @Test
    void whatTheBudgetDoesNotBearStaysInFloat() {
        float[] broken = FLOATS.weight("f2.w").toFloatArray();
        for (int i = 0; i < broken.length; i += 80) {
            broken[i] = 300;
        }
        float[] first = FLOATS.weight("f1.w").toFloatArray();
        Arrays.fill(first, 0, 256, 0);
        float[] bias = FLOATS.weight("f1.b").toFloatArray();
        bias[0] = 0;
        Network network = FLOATS.withWeights(Map.of(
                "f2.w", Tensor.ofFloats(broken, 10, 80),
                "f1.w", Tensor.ofFloats(first, 80, 256),
                "f1.b", Tensor.ofFloats(bias, 80)));
        Network small = network.apply(new MixedPrecisionQuantization(
                0.005, DATA, LeNets.TEST, Goal.SMALLEST, Order.MEASURED, List.of(LayerScheme.WEIGHT_ONLY), "*"));
        Map<String, String> step =
                small.provenance().get(small.provenance().size() - 1).options();
        assertThat(step.get("inFloat")).isEqualTo("f2.w");
        assertThat(QuantizationProfile.of(network, small).spared().values()).containsExactly("sensitive");
        assertThat(step.get("found")).startsWith("3 of 4 layers weight-only, ");
        assertThat(step.get("testError")).endsWith(" %");
        assertThat(small.weights().keySet()).contains("f2.w").doesNotContain("f1.w");
    }

    @Test
    void theFastestMayBeTheFloats() {
        MixedPrecision found = new MixedPrecisionQuantization(
                        0, DATA, null, Goal.FASTEST, Order.HESSIAN, List.of(LayerScheme.STATIC), "f*")
                .search(FLOATS);
        assertThat(found.chosen().micros()).isLessThanOrEqualTo(found.floats().micros());
        assertThat(found.layers()).extracting(MixedPrecision.LayerCost::layer).containsExactly("f1.w", "f2.w");
        Trial slow = new Trial(LayerScheme.STATIC, 3, 2, 500, 300, true);
        Trial floats = new Trial(null, 0, 2, 1000, 150, true);
        assertThat(new MixedPrecision(FLOATS, floats, slow, List.of(), List.of(), List.of("f2.w")).summary())
                .isEqualTo("3 of 4 layers static, slower: 0.50 times as fast, 500 bytes of 1,000");
        assertThat(new MixedPrecision(FLOATS, floats, floats, List.of(), List.of(), List.of()).summary())
                .isEqualTo("floats: no mix within the budget is better");
    }

    @Test
    void aNetworkOfBothIsRightForTheBudgetInEveryScheme() {
        Network linear = Networks.mlp(784, 12, 10).named("tiny");
        IdxDataset flat = LeNets.TEST.flat().limit(200);
        Network small = linear.apply(new MixedPrecisionQuantization(0, flat, null));
        assertThat(Evaluation.errorPercent(small, flat)).isLessThanOrEqualTo(Evaluation.errorPercent(linear, flat));
    }

    @Test
    void refusesWhatItCanNotDo() {
        assertThatThrownBy(() -> new MixedPrecisionQuantization(-1, DATA, null))
                .hasMessage("max-drop must be 0 to 1, where 0.005 or 0.5% is half a percentage point; it was -1.0.");
        assertThatThrownBy(() -> new MixedPrecisionQuantization(0, null, null))
                .hasMessage("The mix of precisions is searched for on validation data; none was given (option data).");
        assertThatThrownBy(() -> new MixedPrecisionQuantization(
                        0, DATA, null, Goal.FASTEST, Order.MEASURED, List.of(LayerScheme.WEIGHTS), "*"))
                .hasMessage("Option schemes takes one or more of static, dynamic and weight-only.");
        Network small = FLOATS.apply(new WeightOnlyQuantization());
        assertThatThrownBy(() -> small.apply(new MixedPrecisionQuantization(0, DATA, null)))
                .hasMessageStartingWith(
                        "Network lenet-5 is quantized already: operator c1.w.dequantize is" + " DequantizeLinear");
    }
}
