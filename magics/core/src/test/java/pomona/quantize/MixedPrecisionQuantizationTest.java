package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import pomona.Equality;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.evaluate.Evaluation;
import pomona.evaluate.MeasuredRecords;
import pomona.evaluate.Tradeoff;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.Progress;
import pomona.quantize.MixedPrecision.LayerCost;
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
        assertThat(step.get("validationError")).isEqualTo(errors(network, small, DATA));
        assertThat(step.get("testError"))
                .isEqualTo(errors(network, small, LeNets.TEST))
                .isNotEqualTo(step.get("validationError"));
        assertThat(small.weights().keySet()).contains("f2.w").doesNotContain("f1.w");
        MixedPrecision none = new MixedPrecisionQuantization(
                        0, DATA, null, Goal.SMALLEST, Order.MEASURED, List.of(LayerScheme.WEIGHT_ONLY), "f2")
                .search(network);
        assertThat(none.summary()).isEqualTo("floats: no mix is within the budget");
        Network same = new MixedPrecisionQuantization(
                        0, DATA, null, Goal.SMALLEST, Order.MEASURED, List.of(LayerScheme.WEIGHT_ONLY), "f2")
                .recorded(none);
        assertThat(QuantizationProfile.of(network, same).spared())
                .isEqualTo(Map.of("f2", "no mix is within the budget"));
    }

    /** Three layers of which one is quantized, in a search that tried what is given. */
    private static MixedPrecision found(List<Trial> trials, long... saved) {
        Map<String, LayerScheme> chosen = Map.of("f1.w", LayerScheme.STATIC);
        Trial best = new Trial(chosen, 1.5, 900, 50, 100, true);
        List<LayerCost> costs = List.of(
                new LayerCost("f1.w", LayerScheme.STATIC, 0, 0.1, 1500),
                new LayerCost("f2.w", LayerScheme.STATIC, -0.01, 0.1, saved[0]),
                new LayerCost("f3.w", LayerScheme.STATIC, 5, 0.1, saved[1]));
        return new MixedPrecision(
                FLOATS,
                new Trial(Map.of(), 1.5, 4000, Double.NaN, Double.NaN, true),
                best,
                trials,
                costs,
                Order.MEASURED,
                List.of("f2.w", "f3.w"),
                Double.NaN,
                Double.NaN);
    }

    @Test
    void layersStayInFloatForTheReasonThatIsTrue() {
        Map<String, LayerScheme> two = Map.of("f1.w", LayerScheme.STATIC, "f2.w", LayerScheme.STATIC);
        Map<String, LayerScheme> other = Map.of("f1.w", LayerScheme.STATIC, "f3.w", LayerScheme.STATIC);
        Trial bearable = new Trial(two, 1.5, 4100, 60, 100, true);
        Trial wrong = new Trial(other, 9, 800, 60, 100, false);
        assertThat(found(List.of(wrong), -700, 2000).whyFloat(Goal.SMALLEST))
                .isEqualTo("f2.w stays float: saves nothing; f3.w stays float: sensitive");
        assertThat(found(List.of(bearable, wrong), 10, 2000).whyFloat(Goal.SMALLEST))
                .isEqualTo("f2.w stays float: saves nothing; f3.w stays float: sensitive");
        assertThat(found(List.of(bearable, wrong), -700, 2000).whyFloat(Goal.FASTEST))
                .isEqualTo("f2.w stays float: not faster; f3.w stays float: sensitive");
        MixedPrecisionQuantization pass = new MixedPrecisionQuantization(
                0.005, DATA, null, Goal.SMALLEST, Order.MEASURED, List.of(LayerScheme.STATIC), "f*");
        Network recorded = pass.recorded(found(List.of(wrong), -700, 2000));
        assertThat(SparedLayers.reasons(recorded)).isEqualTo(Map.of("f2.w", "saves nothing", "f3.w", "sensitive"));
        Network read = Onnx.read(Onnx.bytes(recorded), "recorded");
        assertThat(SparedLayers.reasons(read)).isEqualTo(Map.of("f2.w", "saves nothing", "f3.w", "sensitive"));
    }

    private static String errors(Network before, Network after, IdxDataset data) {
        return String.format(
                Locale.ROOT,
                "%.2f %% to %.2f %%",
                Evaluation.of(before, data).error(),
                Evaluation.of(after, data).error());
    }

    @Test
    void withoutTestDataNoErrorIsReportedForIt() {
        MixedPrecision found = smallest(0.005, List.of(LayerScheme.WEIGHT_ONLY));
        assertThat(found.testErrorOfFloats()).isNaN();
        assertThat(found.testError()).isNaN();
        Network small = fastest(LayerScheme.STATIC).recorded(found);
        assertThat(small.provenance().get(small.provenance().size() - 1).options())
                .doesNotContainKey("testError");
    }

    /** Convolutions and linear layers of LeNet-5 by the operators that a scheme makes of them, with times to choose by. */
    private static Stopwatch times(double floats, double staticOnes, double dynamicOnes) {
        return networks -> networks.stream()
                .map(network -> {
                    List<String> ops = network.nodes().stream().map(Node::op).toList();
                    boolean dynamic = ops.contains("DynamicQuantizeLinear");
                    return dynamic ? dynamicOnes : ops.contains("QuantizeLinear") ? staticOnes : floats;
                })
                .toList();
    }

    private static MixedPrecisionQuantization fastest(LayerScheme... schemes) {
        return new MixedPrecisionQuantization(0.01, DATA, null, Goal.FASTEST, Order.MEASURED, List.of(schemes), "f*");
    }

    @Test
    void theNetworkThatTakesTheShortestTimeIsChosen() {
        MixedPrecision found = fastest(LayerScheme.STATIC, LayerScheme.DYNAMIC).search(FLOATS, times(100, 130, 50));
        assertThat(found.chosen().mix()).isEqualTo("dynamic");
        assertThat(found.chosen().schemes())
                .isEqualTo(Map.of("f1.w", LayerScheme.DYNAMIC, "f2.w", LayerScheme.DYNAMIC));
        assertThat(found.chosen().micros()).isEqualTo(50);
        assertThat(found.chosen().microsOfFloats()).isEqualTo(100);
        assertThat(found.summary())
                .isEqualTo(String.format(
                        Locale.ROOT,
                        "2 of 2 layers dynamic, 2.00x faster, %,d bytes of %,d",
                        Onnx.size(found.network()),
                        Onnx.size(FLOATS)));
        assertThat(found.trials()).extracting(Trial::mix).contains("static", "dynamic");
        Network recorded = fastest(LayerScheme.STATIC, LayerScheme.DYNAMIC).recorded(found);
        assertThat(recorded.weights()).isEqualTo(found.network().weights());
        assertThat(recorded.provenance().get(recorded.provenance().size() - 1).options())
                .containsEntry("found", found.summary())
                .containsEntry("forms", "dynamic: f1.w, f2.w")
                .containsEntry("inFloat", "none");
    }

    @Test
    void whereAllAreSlowerTheFloatsStay() {
        MixedPrecision found = fastest(LayerScheme.STATIC, LayerScheme.DYNAMIC).search(FLOATS, times(100, 130, 108));
        assertThat(found.summary()).isEqualTo("floats: no mix within the budget is better");
        assertThat(found.network().weights()).isEqualTo(FLOATS.weights());
        assertThat(found.inFloat()).containsExactly("f1.w", "f2.w");
        Network recorded = fastest(LayerScheme.STATIC).recorded(found);
        assertThat(QuantizationProfile.of(FLOATS, recorded).spared())
                .isEqualTo(Map.of("f1", "no mix is better", "f2", "no mix is better"));
        assertThat(found.trials())
                .filteredOn(trial -> trial.mix().equals("dynamic"))
                .allSatisfy(trial -> assertThat(trial.speedup()).isEqualTo(100.0 / 108));
    }

    @Test
    void aTimeThatWasShortByChanceIsNotBelieved() {
        int[] asked = {0};
        Stopwatch lucky = networks -> ++asked[0] == 1 ? List.of(100.0, 45.0) : List.of(100.0, 108.0);
        MixedPrecision found = fastest(LayerScheme.DYNAMIC).search(FLOATS, lucky);
        assertThat(found.chosen().mix()).isEqualTo("floats");
        assertThat(found.trials().get(1).speedup()).isEqualTo(100.0 / 45);
    }

    @Test
    void theSmallestIsSaidToBeSlowerWhereItIs() {
        MixedPrecision found = new MixedPrecisionQuantization(
                        0.01, DATA, null, Goal.SMALLEST, Order.MEASURED, List.of(LayerScheme.STATIC), "*")
                .search(FLOATS, times(100, 130, 50));
        assertThat(found.summary()).startsWith("3 of 4 layers static, 1.30x slower, ");
    }

    /** A layer of a million weights at batch 1 takes the time of reading them, of which bytes are a quarter. */
    @Test
    void theTimesAgreeWithThoseThatAreMeasuredAfterwards() {
        Network wide = Networks.mlp(784, 1500, 10).named("wide");
        IdxDataset flat = LeNets.TEST.flat().limit(300);
        MixedPrecision found = new MixedPrecisionQuantization(
                        1, flat, null, Goal.FASTEST, Order.MEASURED, List.of(LayerScheme.DYNAMIC), "*")
                .search(wide);
        Tradeoff after = Tradeoff.of(wide, found.network(), flat, 100);
        assertThat(found.chosen().mix()).isEqualTo("dynamic");
        assertThat(found.speedup()).isGreaterThan(1.2);
        assertThat(after.faster()).isGreaterThan(1.2);
    }

    @Test
    void theCurvatureSortsLayersToo() {
        MixedPrecision found = new MixedPrecisionQuantization(
                        0,
                        DATA,
                        null,
                        Goal.SMALLEST,
                        Order.HESSIAN,
                        List.of(LayerScheme.INT4, LayerScheme.FLOAT16),
                        "f*")
                .search(FLOATS);
        assertThat(found.layers())
                .extracting(cost -> cost.layer() + " " + cost.scheme())
                .containsExactly("f1.w int4", "f2.w int4", "f1.w float16", "f2.w float16");
        assertThat(found.layers().get(0).cost())
                .isGreaterThan(100 * Math.abs(found.layers().get(2).cost()));
        assertThat(found.chosen().error()).isLessThanOrEqualTo(found.floats().error() + 1e-9);
    }

    @Test
    void layersTakeFourOrSixteenBitsWhereThatIsSmallerWithinTheBudget() {
        List<LayerScheme> all = List.of(LayerScheme.WEIGHT_ONLY, LayerScheme.INT4, LayerScheme.FLOAT16);
        MixedPrecision bytes = smallest(0.005, List.of(LayerScheme.WEIGHT_ONLY));
        MixedPrecision bits = smallest(0.005, all);
        assertThat(bits.chosen().error()).isLessThanOrEqualTo(bits.floats().error() + 0.5 + 1e-9);
        assertThat(bits.chosen().error()).isEqualTo(Evaluation.errorPercent(bits.network(), DATA));
        assertThat(bits.chosen().bytes()).isLessThan(bytes.chosen().bytes() * 3 / 4);
        assertThat(bits.chosen().schemes())
                .containsEntry("f1.w", LayerScheme.INT4)
                .containsKey("c2.w");
        assertThat(bits.chosen().schemes().get("c2.w")).isIn(LayerScheme.WEIGHT_ONLY, LayerScheme.FLOAT16);
    }

    private static MixedPrecision smallest(double maxDrop, List<LayerScheme> schemes) {
        return new MixedPrecisionQuantization(maxDrop, DATA, null, Goal.SMALLEST, Order.MEASURED, schemes, "*")
                .search(FLOATS);
    }

    @Test
    void aSearchHasOneBar() {
        Set<String> tasks = new LinkedHashSet<>();
        List<Progress> ends = new ArrayList<>();
        Progress.Listener before = Progress.listen(progress -> {
            tasks.add(progress.task());
            if (progress.isEnded()) {
                ends.add(progress);
            }
        });
        try {
            fastest(LayerScheme.STATIC).search(FLOATS, times(100, 50, 50));
        } finally {
            Progress.listen(before);
        }
        assertThat(tasks).containsExactly("search precisions of lenet-5");
        assertThat(ends).hasSize(1).allMatch(end -> end.done() == end.total());
    }

    @Test
    void aNetworkOfBothIsRightForTheBudgetInEveryScheme() {
        Network linear = Networks.mlp(784, 12, 10).named("tiny");
        IdxDataset flat = LeNets.TEST.flat().limit(200);
        Network small = linear.apply(new MixedPrecisionQuantization(0, flat, null));
        assertThat(small.provenance().get(small.provenance().size() - 1).options())
                .containsEntry("schemes", "[static, dynamic, weight-only, int4, float16]");
        assertThat(Evaluation.errorPercent(small, flat)).isLessThanOrEqualTo(Evaluation.errorPercent(linear, flat));
    }

    /** Normalizations are folded first, and the operator set is raised as far as the chosen forms need. */
    @Test
    void networksOfOlderOperatorSetsWithNormalizationsAreTaken() {
        Network network = Networks.cnn().toBuilder().opset("", 11).build();
        Tensor images = Networks.uniform(5, -1, 1, 40, 1, 12, 12);
        try (NDManager manager = NDManager.newBaseManager()) {
            RandomAccessDataset data = new ArrayDataset.Builder()
                    .setData(manager.create(images.toFloatArray(), new Shape(40, 1, 12, 12)))
                    .optLabels(manager.zeros(new Shape(40)))
                    .setSampling(16, false)
                    .build();
            for (LayerScheme scheme : List.of(LayerScheme.STATIC, LayerScheme.FLOAT16)) {
                MixedPrecision found = new MixedPrecisionQuantization(
                                1, data, null, Goal.SMALLEST, Order.MEASURED, List.of(scheme, LayerScheme.INT4), "*")
                        .search(network);
                assertThat(found.chosen().schemes()).containsEntry("fc.weight", LayerScheme.INT4);
                Network mixed = new PrecisionMix(
                                Map.of("conv1.weight", scheme, "conv2.weight", scheme, "fc.weight", LayerScheme.INT4))
                        .of(network, new MeasuredRecords(data, 128));
                assertThat(Equality.relativeError(network, mixed, Map.of("x", images)))
                        .isLessThan(0.2);
                assertThat(found.network().opset()).isEqualTo(21);
                assertThat(found.network().nodes()).extracting(Node::op).doesNotContain("BatchNormalization");
                assertThat(found.chosen().bytes()).isLessThan(found.floats().bytes());
                assertThat(Equality.relativeError(network, found.network(), Map.of("x", images)))
                        .isLessThan(0.2);
            }
        }
    }

    @Test
    void refusesWhatItCanNotDo() {
        assertThatThrownBy(() -> new MixedPrecisionQuantization(-1, DATA, null))
                .hasMessage("max-drop must be 0 to 1, where 0.005 or 0.5% is half a percentage point; it was -1.0.");
        assertThatThrownBy(() -> new MixedPrecisionQuantization(0, null, null))
                .hasMessage("The mix of precisions is searched for on validation data; none was given (option data).");
        assertThatThrownBy(() -> new MixedPrecisionQuantization(
                        0, DATA, null, Goal.FASTEST, Order.MEASURED, List.of(LayerScheme.WEIGHTS), "*"))
                .hasMessage("Option schemes takes one or more of static, dynamic, weight-only, int4 and float16.");
        Network small = FLOATS.apply(new WeightOnlyQuantization());
        assertThatThrownBy(() -> small.apply(new MixedPrecisionQuantization(0, DATA, null)))
                .hasMessageStartingWith(
                        "Network lenet-5 is quantized already: operator c1.w.dequantize is" + " DequantizeLinear");
    }
}
