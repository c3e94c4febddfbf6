package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Opaque;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.prune.MagnitudePruning;
import pomona.prune.Scope;
import pomona.quantize.BinaryQuantization;
import pomona.quantize.DynamicQuantization;
import pomona.quantize.WeightSharingQuantization;

class TradeoffTest {

    private static final IdxDataset DIGITS =
            IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(200);

    private final Network dense = Networks.lenet300();

    @Test
    void comparesSizesTimesAndErrors() {
        Network small = dense.apply(new DynamicQuantization()).named("small");
        Tradeoff tradeoff = Tradeoff.of(dense, small, DIGITS, 150);
        assertThat(tradeoff.bytesBefore()).isEqualTo(Onnx.bytes(dense).length);
        assertThat(tradeoff.smaller()).isBetween(3.5, 4.0);
        assertThat(tradeoff.latencyAfter().isMeasured()).isTrue();
        assertThat(tradeoff.records()).isEqualTo(150);
        assertThat(tradeoff.errorBefore())
                .isCloseTo(
                        Evaluation.errorPercent(
                                dense,
                                IdxDataset.test(Path.of("../../notebooks/data/mnist"))
                                        .flat()
                                        .limit(150)),
                        within(1e-9));
    }

    @Test
    void countsNoErrorsWhereTheOutputsAreNoClasses() {
        Network sum = Networks.mlp(784, 1);
        assertThat(Tradeoff.of(sum, sum, DIGITS, 10).errorBefore()).isNaN();
    }

    @Test
    void saysInOneLineWhatWasGained() {
        assertThat(line(1_067_000, 285_400, 45.1, 25.04, 1.9, 1.931))
                .isEqualTo(
                        "size 1,067 KB \u2192 285 KB (3.74x smaller), one run 45 \u00b5s \u2192 25 \u00b5s (1.80x faster),"
                                + " error 1.90 % \u2192 1.93 % on 1,000 records of the data");
    }

    @Test
    void saysWhatGotWorse() {
        assertThat(line(40_000, 60_000, 10_000, 25_000, Double.NaN, Double.NaN))
                .isEqualTo("size 40.0 KB \u2192 60.0 KB (1.50x larger), one run 10.0 ms \u2192 25.0 ms (2.50x slower)");
        assertThat(line(40_000, 40_000, 100, 102, Double.NaN, Double.NaN))
                .isEqualTo("size 40.0 KB \u2192 40.0 KB (the same), one run 100 \u00b5s \u2192 102 \u00b5s (the same)");
    }

    @Test
    void noRecordIsMadeUpForAnInputWithoutShape() {
        Network open = dense.toBuilder()
                .inputs(List.of(new Value("x", ElementType.FLOAT, null, Opaque.NONE)))
                .build();
        assertThatThrownBy(() -> SampleFeeds.of(open))
                .hasMessage("Input x of network " + dense.name()
                        + " has no shape, so no record can be made up for it; give a data" + " set.");
    }

    @Test
    void bothFiguresOfAPairAreInOneUnit() {
        assertThat(line(1_066_900, 1_067_100, 18_800, 8_792, Double.NaN, Double.NaN))
                .isEqualTo("size 1,067 KB \u2192 1,067 KB (the same), one run 18.8 ms \u2192 8.8 ms (2.14x faster)");
        assertThat(line(90_387_606, 9_045_000, 12_000, 400, Double.NaN, Double.NaN))
                .isEqualTo(
                        "size 90.4 MB \u2192 9.0 MB (9.99x smaller), one run 12.0 ms \u2192 0.40 ms (30.00x faster)");
    }

    @Test
    void theCompressedFileIsNamedWhereTheGainIsInIt() {
        Latency time = new Latency(50, 50, 10);
        assertThat(new Tradeoff(
                        "dense", "small", 1_067_000, 137_300, 92_000, time, time, 2, 2.5, Double.NaN, Double.NaN, 100))
                .hasToString(
                        "size 1,067 KB \u2192 137 KB (7.77x smaller), as .onnx.xz 92.0 KB (11.60x smaller), one run"
                                + " 50 \u00b5s \u2192 50 \u00b5s (the same), error 2.00 % \u2192 2.50 % on 100 records of the data");
        assertThat(new Tradeoff(
                                "dense",
                                "small",
                                1_067_000,
                                137_300,
                                130_000,
                                time,
                                time,
                                2,
                                2.5,
                                Double.NaN,
                                Double.NaN,
                                100)
                        .toString())
                .doesNotContain("xz");
        Network shared = dense.apply(new MagnitudePruning(0.9, Scope.GLOBAL)).apply(new WeightSharingQuantization(4));
        Tradeoff tradeoff = Tradeoff.of(dense, shared, SampleFeeds.of(dense));
        assertThat(tradeoff.xzAfter())
                .isEqualTo(Onnx.compressedSize(shared, bytes -> {}))
                .isLessThan(tradeoff.bytesAfter());
    }

    @Test
    void outputsThatAreNoClassesAreCompared() {
        Network sum = Networks.mlp(784, 1);
        assertThat(Tradeoff.of(sum, sum, DIGITS, 10).cosine()).isCloseTo(1, within(1e-9));
        Network features = Networks.mlp(784, 16).toBuilder().build();
        RandomAccessDataset unlabelled = unlabelled();
        Tradeoff coarse = Tradeoff.of(features, features.apply(new BinaryQuantization()), unlabelled, 20);
        Tradeoff fine = Tradeoff.of(features, features.apply(new DynamicQuantization()), unlabelled, 20);
        assertThat(coarse.cosine()).isLessThan(0.95).isLessThan(fine.cosine());
        assertThat(fine.cosine()).isBetween(0.999, 1.0);
        assertThat(fine.records()).isEqualTo(20);
        assertThat(fine.toString())
                .matches(
                        "size .*, cosine of the outputs (0\\.9[0-9]{3}|1\\.0000) \\([0-9.]+ dB\\) on 20 records of the data");
    }

    private static RandomAccessDataset unlabelled() {
        float[] values = Networks.uniform(5, -1, 1, 40, 784).toFloatArray();
        return new ArrayDataset.Builder()
                .setData(NDManager.newBaseManager().create(values, new Shape(40, 784)))
                .setSampling(8, false)
                .build();
    }

    private static String line(
            long before, long after, double timeBefore, double timeAfter, double errorBefore, double errorAfter) {
        return new Tradeoff(
                        "dense",
                        "small",
                        before,
                        after,
                        -1,
                        new Latency(timeBefore, timeBefore, 10),
                        new Latency(timeAfter, timeAfter, 10),
                        errorBefore,
                        errorAfter,
                        Double.NaN,
                        Double.NaN,
                        1000)
                .toString();
    }
}
