package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.evaluate.SampleFeeds;
import pomona.graph.Network;

class LayerTimesTest {

    private static final IdxDataset DIGITS =
            IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(50);

    @Test
    void everyLayerHasItsTimeBeforeAndAfter() {
        Network cnn = Networks.cnn();
        Network linear = Networks.lenet300();
        times(linear, linear.apply(new StaticQuantization(DIGITS, 20)));
        times(linear, linear.apply(new DynamicQuantization()));
        times(cnn, cnn.apply(new WeightOnlyQuantization()));
    }

    private static void times(Network before, Network after) {
        LayerTimes times = LayerTimes.measure(before, after, SampleFeeds.of(before), 3);
        assertThat(times.before()).hasSameSizeAs(times.after()).isNotEmpty();
        assertThat(times.before().values()).allMatch(time -> time > 0);
        assertThat(times.after().values()).allMatch(time -> time > 0);
        double sum = times.after().values().stream().mapToDouble(time -> time).sum();
        assertThat(times.allAfter()).isGreaterThanOrEqualTo(sum * 0.999);
    }
}
