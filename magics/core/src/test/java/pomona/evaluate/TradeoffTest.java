package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
import pomona.quantize.DynamicQuantization;

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

    private static String line(
            long before, long after, double timeBefore, double timeAfter, double errorBefore, double errorAfter) {
        return new Tradeoff(
                        "dense",
                        "small",
                        before,
                        after,
                        new Latency(timeBefore, timeBefore, 10),
                        new Latency(timeAfter, timeAfter, 10),
                        errorBefore,
                        errorAfter,
                        1000)
                .toString();
    }
}
