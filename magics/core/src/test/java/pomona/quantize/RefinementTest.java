package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Equality;
import pomona.Networks;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.PassBinding;
import pomona.pass.Progress;

/** Adaptive rounding and bias correction, on a network that was trained and the data it was trained for. */
class RefinementTest {

    private static final Network FLOATS = LeNets.trained();

    private static Map<String, Tensor> images() {
        return Map.of("x", LeNets.TEST.images(0, 500));
    }

    @Test
    void adaptiveRoundingBeatsTheNearestAtFourBits() {
        Network near = BlockNetworks.nearest(FLOATS, 4, true);
        Network adapted = FLOATS.apply(new AdaptiveRounding(LeNets.TRAIN, 256, 4));
        double nearError = Equality.relativeError(FLOATS, near, images());
        double adaptedError = Equality.relativeError(FLOATS, adapted, images());
        double nearWrong = Evaluation.errorPercent(near, LeNets.TEST);
        double adaptedWrong = Evaluation.errorPercent(adapted, LeNets.TEST);
        System.out.printf(
                "4 bits on LeNet-5: floats %.2f %%, nearest %.2f %% (relative error of outputs %.4f), adaptive %.2f %% (%.4f)%n",
                Evaluation.errorPercent(FLOATS, LeNets.TEST), nearWrong, nearError, adaptedWrong, adaptedError);
        assertThat(adaptedError).isLessThan(0.7 * nearError);
        assertThat(adaptedWrong).isLessThan(nearWrong);
        // The result lies on the same steps: to round it again changes nothing.
        assertThat(Equality.relativeError(adapted, BlockNetworks.nearest(adapted, 4, true), images()))
                .isLessThan(1e-5);
    }

    @Test
    void everyLayersErrorFalls() {
        Network near = BlockNetworks.nearest(FLOATS, 3, false);
        Network adapted = FLOATS.apply(new AdaptiveRounding(LeNets.TRAIN, 128, 3, false, 300, "f1"));
        Network nearAlone = FLOATS.withWeights(Map.of("f1.w", near.weight("f1.w")));
        assertThat(adapted.weight("c1.w")).isEqualTo(FLOATS.weight("c1.w"));
        assertThat(Equality.relativeError(FLOATS, adapted, images()))
                .isLessThan(0.8 * Equality.relativeError(FLOATS, nearAlone, images()));
    }

    @Test
    void biasCorrectionBringsBackTheMeans() {
        Network near = FLOATS.apply(
                new StaticQuantization(LeNets.TRAIN, 128, Calibration.MIN_MAX, 99.99, false, ReducedRange.ON, "*"));
        Network corrected = near.apply(new BiasCorrection(FLOATS, LeNets.TRAIN, 256));
        Map<String, Integer> axes = Map.of("f1.out", -1, "y", -1, "c2.out", 1);
        Map<String, double[]> wanted = new ActivationMeans(FLOATS, axes, "").measure(LeNets.TRAIN, 256);
        Map<String, double[]> before = new ActivationMeans(near, axes, "").measure(LeNets.TRAIN, 256);
        Map<String, double[]> after = new ActivationMeans(corrected, axes, "").measure(LeNets.TRAIN, 256);
        for (String value : axes.keySet()) {
            assertThat(distance(wanted.get(value), after.get(value)))
                    .as(value)
                    .isLessThan(0.2 * distance(wanted.get(value), before.get(value)));
        }
        assertThat(corrected.nodes()).hasSameSizeAs(near.nodes());
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    @Test
    void layersWithoutABiasGetOne() {
        Network plain = Networks.mlp(16, 12, 4);
        Network bare = plain.toBuilder()
                .nodes(plain.nodes().stream()
                        .map(node ->
                                node.is("Gemm") ? node.withInputs(node.inputs().subList(0, 2)) : node)
                        .toList())
                .build();
        Network coarse = bare.apply(new WeightOnlyQuantization(false, "*"));
        Network corrected = coarse.apply(new BiasCorrection(bare, TinyData.outliers(), 64));
        assertThat(corrected.weights()).containsKeys("fc1.out.bias", "fc2.out.bias");
        Map<String, Tensor> feeds = Map.of("x", TinyData.values(5));
        assertThat(Equality.relativeError(bare, corrected, feeds))
                .isLessThan(Equality.relativeError(bare, coarse, feeds));
    }

    @Test
    void oneLineSmoothsEqualizesRoundsAndCorrects() {
        Network small = FLOATS.apply(PassBinding.of("quantize")
                .bind(
                        "static",
                        Map.of(
                                "data", LeNets.TRAIN,
                                "samples", "128",
                                "smooth", "0.5",
                                "equalize", "true",
                                "rounding", "adaptive",
                                "bias-correction", "true"),
                        name -> null));
        assertThat(Evaluation.errorPercent(small, LeNets.TEST))
                .isLessThan(Evaluation.errorPercent(FLOATS, LeNets.TEST) + 0.15);
        assertThat(small.provenance().get(1).toString())
                .contains("equalize=true, smooth=0.5, rounding=adaptive, biasCorrection=true");
    }

    @Test
    void refusesWhatItCanNotDo() {
        assertThatThrownBy(() -> Refinement.smooth(1.5))
                .hasMessage("Option smooth is 1.5, but it must be from 0 (off) to 1.");
        assertThatThrownBy(() -> new Refinement(false, 0, null, false))
                .hasMessage("Option rounding was not given; it is nearest or adaptive.");
        assertThatThrownBy(() -> new AdaptiveRounding(LeNets.TRAIN, 1, 9))
                .hasMessage("Option bits is 9, but it must be from 2 to 8.");
        assertThatThrownBy(() -> new AdaptiveRounding(LeNets.TRAIN, 1, 8, true, 0, "*"))
                .hasMessage("Option steps is 0, but it must be 1 or more.");
        assertThatThrownBy(() -> FLOATS.apply(new BiasCorrection(FLOATS, LeNets.TRAIN, 16)))
                .hasMessage("Network lenet-5 has no layer for bias correction; it would be a quantized Conv or Gemm, or"
                        + " a quantized MatMul with an Add of a constant vector behind it, whose output has the same"
                        + " name in the network of floats.");
        assertThatThrownBy(() -> new BiasCorrection(null, LeNets.TRAIN, 16))
                .hasMessage("Option reference was not given; it is the network of floats that the quantized one was"
                        + " made from.");
    }

    /** A product with a batch of matrices, and one with a single matrix behind it, if wanted. */
    private static Network batches(boolean matrix) {
        NetworkBuilder builder = Network.builder("batches")
                .input("x", "batch", 2, 4, 8)
                .weight("w", Networks.random(1, 8, 2, 8, 6))
                .weight("v", Networks.random(2, 6, 6, 5))
                .node(Node.of("MatMul", "each", List.of("x", "w"), "h"));
        return matrix
                ? builder.node(Node.of("MatMul", "one", List.of("h", "v"), "y"))
                        .output("y", "batch", 2, 4, 5)
                        .build()
                : builder.removeWeight("v").output("h", "batch", 2, 4, 6).build();
    }

    @Test
    void batchesOfMatricesAreNotRoundedSilently() {
        RandomAccessDataset data = RandomRecords.of(30, 2, 4, 8);
        AdaptiveRounding rounding = new AdaptiveRounding(data, 30, 4, true, 50, "*");
        assertThatThrownBy(() -> batches(false).apply(rounding))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Network batches has no layer whose rounding can be learned; it would be a Conv, a Gemm or a"
                                + " MatMul of one matrix, and each (MatMul) multiplies with a batch of matrices, weight w of 3"
                                + " dimensions.");
        Network some = batches(true).apply(rounding);
        assertThat(some.weight("w")).isEqualTo(batches(true).weight("w"));
        assertThat(some.weight("v")).isNotEqualTo(batches(true).weight("v"));
        assertThat(some.provenance().get(0).options()).containsEntry("unrefined", "each");
        Network plain = Networks.mlp(16, 4).apply(new AdaptiveRounding(RandomRecords.of(20, 16), 20, 4));
        assertThat(plain.provenance().get(0).options()).doesNotContainKey("unrefined");
    }

    @Test
    void staticQuantizationNamesBatchesOfMatricesThatWereNotRefined() {
        StaticQuantization nearest = new StaticQuantization(RandomRecords.of(30, 2, 4, 8), 30);
        StaticQuantization adaptive = nearest.with(new Refinement(false, 0, Rounding.ADAPTIVE, false));
        for (boolean matrix : new boolean[] {true, false}) {
            Network quantized = batches(matrix).apply(adaptive);
            assertThat(quantized.provenance().get(0).options()).containsEntry("unrefined", "each");
            Map<String, Tensor> feeds = Map.of("x", Networks.uniform(7, -1, 1, 5, 2, 4, 8));
            assertThat(Equality.relativeError(batches(matrix), quantized, feeds))
                    .isLessThan(0.03);
        }
        assertThat(batches(true).apply(nearest).provenance().get(0).options()).doesNotContainKey("unrefined");
    }

    @Test
    void roundingShowsLayerByLayerHowFarItIs() {
        List<String> seen = new ArrayList<>();
        Progress.Listener before =
                Progress.listen(p -> seen.add(p.task() + " " + p.done() + "/" + p.total() + " " + p.note()));
        try {
            Networks.mlp(16, 8, 4).apply(new AdaptiveRounding(RandomRecords.of(20, 16), 20, 4, true, 5, "*"));
        } finally {
            Progress.listen(before);
        }
        assertThat(seen)
                .contains("measure activations of mlp 20/20 ")
                .containsSequence(
                        "solve layers of mlp 0/2 ", "solve layers of mlp 1/2 fc1", "solve layers of mlp 2/2 fc2");
    }
}
