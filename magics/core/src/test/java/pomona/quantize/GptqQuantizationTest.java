package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Equality;
import pomona.Networks;
import pomona.Records;
import pomona.graph.Network;

class GptqQuantizationTest {

    private static final RandomAccessDataset DATA = Records.of(Records.correlated(1, 400, 200, 7));

    private static double error(Network network, Network quantized) {
        String input = network.signature().inputs().get(0).name();
        return Equality.relativeError(network, quantized, Map.of(input, Records.correlated(2, 200, 200, 7)));
    }

    @ParameterizedTest
    @CsvSource({
        "true, true, true, KERNEL",
        "false, true, false, KERNEL",
        "true, false, false, STANDARD",
        "false, false, true, KERNEL"
    })
    void keepsOutputsFarBetterThanTheNearestIntegers(
            boolean symmetric, boolean actOrder, boolean fit, WeightForm form) {
        BlockFormat format = new BlockFormat(4, 32, symmetric, form, true, false);
        Network network = Networks.mlp(200, 64);
        double nearest = error(network, network.apply(new WeightOnlyQuantization(format, WeightRange.MIN_MAX)));
        Network solved = network.apply(new GptqQuantization(format, DATA, 400, 0.01, actOrder, fit, "*"));
        assertThat(error(network, solved)).isLessThan(0.75 * nearest);
    }

    @Test
    void deepNetworksAndTheirTablesAreQuantized() {
        Network network = Networks.mlp(200, 96, 40, 10);
        Network solved = network.apply(new GptqQuantization(BlockFormat.INT4, DATA));
        assertThat(solved.nodes())
                .filteredOn(node -> node.op().equals("MatMulNBits"))
                .hasSize(3);
        assertThat(error(network, solved))
                .isLessThan(0.8 * error(network, network.apply(new WeightOnlyQuantization(4, 32))));
        assertThat(solved).isEqualTo(network.apply(new GptqQuantization(BlockFormat.INT4, DATA)));
    }

    @Test
    void fittedScalesAreCloserThanWholeRanges() {
        Network network = Networks.mlp(200, 64);
        for (boolean symmetric : new boolean[] {true, false}) {
            BlockFormat format = new BlockFormat(4, 32, symmetric, WeightForm.KERNEL, true, false);
            double nearest = error(network, network.apply(new WeightOnlyQuantization(format, WeightRange.MIN_MAX)));
            assertThat(error(network, network.apply(new HqqQuantization(format))))
                    .isLessThan(0.99 * nearest);
        }
    }

    @Test
    void theGridThatForgivesOutliersKeepsTheOthersExact() {
        float[] weights = new float[32];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (i % 15 - 7) * 0.01f;
        }
        weights[5] = 0.3f;
        BlockGrid range = BlockGrid.range(BlockFormat.INT4).of(weights, 0, 32);
        BlockGrid forgiving = new HalfQuadraticGrid(BlockFormat.INT4, 0.7, 20).of(weights, 0, 32);
        assertThat(Math.abs(forgiving.scale())).isLessThan(Math.abs(range.scale()));
    }

    @Test
    void optionsAreChecked() {
        refused(
                "GPTQ measures what layers take on data; none was given (option data).",
                () -> new GptqQuantization(BlockFormat.INT4, null));
        refused(
                "Option records is 0, but it must be 1 or more.",
                () -> new GptqQuantization(BlockFormat.INT4, DATA, 0, 0.01, true, true, "*"));
        refused(
                "Option dampening is 0.0, but it must be above 0.",
                () -> new GptqQuantization(BlockFormat.INT4, DATA, 8, 0, true, true, "*"));
        refused("Option format was not given; it is a BlockFormat.", () -> new GptqQuantization(null, DATA));
        refused(
                "Option power is 3.0, but it must be above 0, up to 2.",
                () -> new HqqQuantization(BlockFormat.INT4, 3, 20, "*"));
        refused(
                "Option rounds is 0, but it must be 1 or more.",
                () -> new HqqQuantization(BlockFormat.INT4, 2, 0, "*"));
        refused("Option format was not given; it is a BlockFormat.", () -> new HqqQuantization(null));
    }

    private static void refused(String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }
}
