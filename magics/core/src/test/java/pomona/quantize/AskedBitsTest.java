package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.report.Report;
import pomona.train.Training;

/** What the table of layers says of bits that stored numbers do not show. */
class AskedBitsTest {

    private static final int RECORDS = 48;

    private final RandomAccessDataset data = RandomRecords.of(RECORDS, 144);
    private final Network dense = Networks.mlp(144, 96, 48, 10);

    @Test
    void trainedIntegersHaveTheBitsThatWereAskedForHoweverManyTheyUse() {
        QuantizationAwareTraining training = new QuantizationAwareTraining(4, data, Training.epochs(1));
        Network small = training.with(WeightStorage.BYTES).untrained(dense);
        assertThat(weights(small)).containsOnly("int8, 4 bits");
        assertThat(weights(small.withStep(new Step("QuantizationAwareTraining", Map.of("bits", "6")))))
                .containsOnly("int8, 6 bits");
        assertThat(weights(small.withStep(new Step("QuantizationAwareTraining", Map.of("bits", "8")))))
                .containsOnly("int8");
    }

    @Test
    void roundedFloatsHaveTheirLevels() {
        AdaptiveRounding rounding = new AdaptiveRounding(data, RECORDS, 4, true, 20, "fc1, fc3");
        assertThat(weights(dense.apply(rounding)))
                .containsExactly("float, 4-bit levels", "float", "float, 4-bit levels");
        assertThat(weights(dense.apply(rounding).apply(new WeightOnlyQuantization())))
                .containsOnly("int8");
    }

    private List<String> weights(Network small) {
        List<String> column = Report.quantization(QuantizationProfile.of(dense, small))
                .stringColumn("weight")
                .asList();
        return column.subList(0, 3);
    }
}
