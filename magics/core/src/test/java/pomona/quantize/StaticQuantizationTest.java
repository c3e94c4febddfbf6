package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pomona.Equality.relativeError;

import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.evaluate.Profile;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.Progress;

class StaticQuantizationTest {

    private static Map<String, Tensor> feeds(long... shape) {
        return Map.of("x", Networks.uniform(6, -1, 1, shape));
    }

    private static List<String> ops(Network network) {
        return network.nodes().stream().map(Node::op).toList();
    }

    @Test
    void convolutionsRunInIntegers(@TempDir Path folder) throws Exception {
        Network cnn = Networks.cnn();
        Network small = cnn.apply(new StaticQuantization(RandomRecords.of(40, 1, 12, 12), 40));
        assertThat(relativeError(cnn, small, feeds(5, 1, 12, 12))).isLessThan(0.04);
        assertThat(small.parameters()).isEqualTo(4 * 9 + 4 + 8 * 36 + 8 + 1280 + 10);
        assertThat(OperatorsAsRun.of(small, folder))
                .contains("QLinearConv", "QGemm")
                .doesNotContain("Conv", "Gemm", "BatchNormalization", "Relu");
    }

    @Test
    void linearLayersRunInIntegers(@TempDir Path folder) throws Exception {
        Network lenet = Networks.lenet300();
        IdxDataset images =
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat();
        Network small = lenet.apply(new StaticQuantization(images, 300));
        assertThat(Onnx.size(small)).isLessThan(Onnx.size(lenet) * 28 / 100);
        assertThat(small.parameters()).isEqualTo(lenet.parameters());
        assertThat(relativeError(lenet, small, Map.of("x", images.images(500, 600))))
                .isLessThan(0.02);
        assertThat(OperatorsAsRun.of(small, folder)).contains("QGemm").doesNotContain("Gemm", "Relu");
        assertThat(Profile.of(small).macs()).isEqualTo(266_200);
        assertThat(small.provenance().get(0).toString())
                .startsWith("StaticQuantization(data=IdxDataset, samples=300, calibration=min-max,");
    }

    @Test
    void oneScaleForEachLayerWorksToo() {
        Network cnn = Networks.cnn();
        Network small = cnn.apply(new StaticQuantization(
                RandomRecords.of(40, 1, 12, 12), 40, Calibration.MIN_MAX, 99.99, false, ReducedRange.ON, "*"));
        assertThat(relativeError(cnn, small, feeds(5, 1, 12, 12))).isLessThan(0.08);
    }

    @Test
    void matMulOfSequences(@TempDir Path folder) throws Exception {
        Network network = Networks.matMulAdd();
        Network small = network.apply(new StaticQuantization(RandomRecords.of(40, 5, 8), 40));
        assertThat(relativeError(network, small, feeds(4, 5, 8))).isLessThan(0.04);
        assertThat(OperatorsAsRun.of(small, folder)).doesNotContain("MatMul");
    }

    @Test
    void alphaAndBetaOfGemmAreKept() {
        for (long transB = 0; transB < 2; transB++) {
            Network network = Network.builder("gemm")
                    .input("x", "batch", 32)
                    .weight("w", transB == 0 ? Networks.random(1, 32, 32, 5) : Networks.random(1, 32, 5, 32))
                    .weight("b", Networks.uniform(2, -1, 1, 1, 5))
                    .node(Node.of("Gemm", "fc", List.of("x", "w", "b"), "y")
                            .with("transB", Attribute.of(transB))
                            .with("alpha", Attribute.of(0.5f))
                            .with("beta", Attribute.of(-2f)))
                    .output("y", "batch", 5)
                    .build();
            Network small = network.apply(new StaticQuantization(RandomRecords.of(40, 32), 40));
            assertThat(relativeError(network, small, feeds(9, 32))).isLessThan(0.02);
        }
    }

    @Test
    void aConvolutionThatIsTheOutputKeepsItsName(@TempDir Path folder) throws Exception {
        Network network = Network.builder("edge")
                .input("x", "batch", 2, 6, 6)
                .weight("w", Networks.random(1, 18, 3, 2, 3, 3))
                .weight("b", Networks.uniform(2, -1, 1, 3))
                .node(Networks.conv("c", "x", "w", "b").withOutputs(List.of("y")))
                .output("y", "batch", 3, 6, 6)
                .build();
        Network small = network.apply(new StaticQuantization(RandomRecords.of(40, 2, 6, 6), 40));
        assertThat(small.signature()).isEqualTo(network.signature());
        assertThat(relativeError(network, small, feeds(4, 2, 6, 6))).isLessThan(0.03);
        assertThat(OperatorsAsRun.of(small, folder)).contains("QLinearConv");
    }

    @Test
    void anOlderNetworkIsRewrittenNotRelabelled() {
        Network old = Network.builder("old")
                .opset("", 11)
                .input("x", "batch", 1, 8)
                .weight("w", Networks.random(1, 8, 8, 3))
                .node(Node.of("Squeeze", "s", List.of("x"), "flat").with("axes", Attribute.ofInts(1)))
                .node("MatMul", List.of("flat", "w"), "h")
                .node("Softmax", List.of("h"), "y")
                .output("y", "batch", 3)
                .build();
        Network small = old.apply(new StaticQuantization(RandomRecords.of(40, 1, 8), 40));
        assertThat(small.opset()).isEqualTo(13);
        assertThat(relativeError(old, small, feeds(4, 1, 8))).isLessThan(0.02);
    }

    @Test
    void aResidualConnectionIsRight() {
        Network network = Network.builder("residual")
                .input("x", "batch", 2, 6, 6)
                .weight("w1", Networks.random(1, 18, 2, 2, 3, 3))
                .weight("w2", Networks.random(2, 18, 2, 2, 3, 3))
                .node(Networks.conv("c1", "x", "w1"))
                .node("Relu", List.of("c1.out"), "r")
                .node(Networks.conv("c2", "r", "w2"))
                .node("Add", List.of("c2.out", "r"), "y")
                .output("y", "batch", 2, 6, 6)
                .build();
        Network small = network.apply(new StaticQuantization(RandomRecords.of(40, 2, 6, 6), 40));
        assertThat(relativeError(network, small, feeds(4, 2, 6, 6))).isLessThan(0.03);
    }

    @Test
    void percentilesCutOutliers() {
        RunningHistogram histogram = new RunningHistogram();
        float[] values = new float[100_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i - 50_000) / 50_000f;
        }
        histogram.add(values);
        histogram.add(new float[] {30, -12});
        assertThat(histogram.quantile(0.99)).isBetween(0.979, 0.985);
        assertThat(histogram.upperQuantile(0.99)).isBetween(-0.985, -0.979);
    }

    @Test
    void aHistogramDoesNotDependOnBatches() {
        float[] values = Networks.random(3, 2, 5000).toFloatArray();
        RunningHistogram whole = new RunningHistogram();
        whole.add(values);
        RunningHistogram parts = new RunningHistogram();
        for (int i = 0; i < values.length; i += 37) {
            parts.add(Arrays.copyOfRange(values, i, Math.min(values.length, i + 37)));
        }
        assertThat(parts.quantile(0.9)).isEqualTo(whole.quantile(0.9));
        assertThat(parts.upperQuantile(0.9)).isEqualTo(whole.upperQuantile(0.9));
    }

    @Test
    void percentileCalibrationIgnoresOneWildRecord() {
        float[] values = Networks.uniform(5, -1, 1, 100, 32).toFloatArray();
        values[17] = 1000;
        RandomAccessDataset data = RandomRecords.of(values, 100, 32);
        Network network = Networks.mlp(32, 8);
        Network cut = network.apply(
                new StaticQuantization(data, 100, Calibration.PERCENTILE, 99.9, true, ReducedRange.OFF, "*"));
        Network wide = network.apply(new StaticQuantization(data, 100));
        assertThat(relativeError(network, cut, feeds(9, 32))).isLessThan(0.02);
        assertThat(relativeError(network, wide, feeds(9, 32))).isGreaterThan(0.2);
    }

    @Property(tries = 200)
    void zeroIsExactAndTheRangeIsCovered(
            @ForAll @FloatRange(min = -1000, max = 1000) float a,
            @ForAll @FloatRange(min = -1000, max = 1000) float b) {
        ActivationRange range = new ActivationRange(Math.min(a, b), Math.max(a, b), ActivationType.UINT8);
        int zero = range.zeroPoint();
        double step = range.scale();
        assertThat((0 - zero) * step).isLessThanOrEqualTo(range.min() + 0.5001 * step);
        assertThat((255 - zero) * step).isGreaterThanOrEqualTo(range.max() - 0.5001 * step);
    }

    @Test
    void measuresAsManyRecordsAsItWasTold() {
        List<Long> done = new ArrayList<>();
        Progress.Listener before = Progress.listen(p -> done.add(p.done()));
        try {
            Networks.mlp(4, 2).apply(new StaticQuantization(RandomRecords.of(100, 4), 70));
        } finally {
            Progress.listen(before);
        }
        assertThat(done).containsExactly(0L, 64L, 70L, 70L);
    }

    @Test
    void theSameDataGivesTheSameNetwork(@TempDir Path folder) throws Exception {
        Network first = Networks.cnn().apply(new StaticQuantization(RandomRecords.of(40, 1, 12, 12), 40));
        Network second = Networks.cnn().apply(new StaticQuantization(RandomRecords.of(40, 1, 12, 12), 40));
        Onnx.write(first, folder.resolve("a.onnx"));
        Onnx.write(second, folder.resolve("b.onnx"));
        assertThat(Files.mismatch(folder.resolve("a.onnx"), folder.resolve("b.onnx")))
                .isEqualTo(-1);
    }

    @Test
    void refusesWhatItCanNotQuantize() {
        RandomAccessDataset data = RandomRecords.of(4, 4);
        Network network = Networks.mlp(4, 2);
        Network old = network.toBuilder().opset("", 6).build();
        assertThatThrownBy(() -> old.apply(new StaticQuantization(data)))
                .hasMessage("Network mlp is written in operator set 6, but static quantization takes 7 or newer;"
                        + " export it again in a newer one.");
        Network small = network.apply(new StaticQuantization(data));
        assertThatThrownBy(() -> small.apply(new StaticQuantization(data)))
                .hasMessage("Network mlp is quantized already: operator x.quantize is QuantizeLinear; quantize the"
                        + " network of floats that it was made from.");
        assertThatThrownBy(() -> new StaticQuantization(data, 0))
                .hasMessage("Option samples is 0, but it must be 1 or more.");
        assertThatThrownBy(() -> new StaticQuantization(null))
                .hasMessage("Option data was not given; it is a data set to measure activations on.");
        assertThatThrownBy(
                        () -> new StaticQuantization(data, 1, Calibration.PERCENTILE, 50, true, ReducedRange.AUTO, "*"))
                .hasMessage("Percentile 50.0 is out of range; it is more than 50, up to 100.");
        assertThatThrownBy(() -> new RangeSettings(Calibration.MOVING_AVERAGE, 99, ActivationType.UINT8, ""))
                .hasMessage(
                        "Option percentile is 99.0, but calibration is moving-average, which does not look at it; give"
                                + " calibration percentile, or leave percentile out.");
    }

    @Test
    void refusesDataOnWhichTheNetworkBreaks() {
        RandomAccessDataset data = RandomRecords.of(new float[] {1, Float.NaN, 2, 3}, 1, 4);
        assertThatThrownBy(() -> Networks.mlp(4, 2).apply(new StaticQuantization(data)))
                .hasMessage(
                        "Input x of network mlp is NaN or infinite on record 1 of the calibration data; a network to quantize"
                                + " is fed finite values.");
    }
}
