package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Equality;
import pomona.Networks;
import pomona.Records;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.Progress;

class AwqQuantizationTest {

    private static final RandomAccessDataset DATA = Records.of(salient(1, 300, 128));

    /** Records of which every 20th place is much larger, as some channels of transformers are. */
    private static Tensor salient(long seed, int records, int size) {
        Random random = new Random(seed);
        float[] values = new float[records * size];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * (i % size % 20 == 3 ? 30 : 1));
        }
        return Tensor.ofFloats(values, records, size);
    }

    private static double error(Network network, Network quantized) {
        String input = network.signature().inputs().get(0).name();
        return Equality.relativeError(network, quantized, Map.of(input, salient(2, 200, 128)));
    }

    @ParameterizedTest
    @CsvSource({"4, true, KERNEL", "4, false, KERNEL", "4, true, STANDARD", "4, false, STANDARD", "8, true, STANDARD"})
    void keepsOutputsFarBetterThanTheNearestIntegers(int bits, boolean symmetric, WeightForm form) {
        BlockFormat format = new BlockFormat(bits, 32, symmetric, form, true, false);
        Network network = Networks.mlp(128, 64, 10);
        double nearest = error(network, network.apply(new WeightOnlyQuantization(format, WeightRange.MIN_MAX)));
        Network awq = network.apply(new AwqQuantization(format, DATA));
        assertThat(error(network, awq)).isLessThan(0.75 * nearest);
        assertThat(awq).isEqualTo(network.apply(new AwqQuantization(format, DATA)));
    }

    @Test
    void scalingChangesNoOutputsAndNarrowingHelpsOnItsOwn() {
        Network network = Networks.mlp(128, 64, 10);
        BlockFormat format = BlockFormat.INT4;
        SalientScaling.Scaled scaled = new AwqQuantization(format, DATA).scaled(network);
        assertThat(scaled.network().weights()).containsKey("x.smoothing");
        assertThat(scaled.network().weight("fc1.weight")).isNotEqualTo(network.weight("fc1.weight"));
        assertThat(error(network, scaled.network())).isLessThan(1e-6);
        double nearest = error(network, network.apply(new WeightOnlyQuantization(format, WeightRange.MIN_MAX)));
        Network bare = network.apply(new AwqQuantization(format, DATA, 300, 1, true, false, "*"));
        assertThat(bare.nodes()).noneMatch(node -> node.is("Mul"));
        assertThat(error(network, bare)).isLessThan(0.95 * nearest);
    }

    /** A normalization takes the division; where its result is added again, an operator does. */
    @Test
    void foldsIntoANormalization() {
        Network block = BlockNetworks.normalized(128, 0.1f, 4);
        SalientScaling.Scaled scaled = new AwqQuantization(BlockFormat.INT4, DATA).scaled(block);
        assertThat(scaled.network().weights()).containsKeys("g.scaled", "b.scaled", "n2.smoothing");
        assertThat(scaled.network().nodes()).filteredOn(node -> node.is("Mul")).hasSize(1);
        assertThat(error(block, scaled.network())).isLessThan(1e-5);
        Network nearest = block.apply(new WeightOnlyQuantization(BlockFormat.INT4, WeightRange.MIN_MAX));
        assertThat(error(block, block.apply(new AwqQuantization(BlockFormat.INT4, DATA))))
                .isLessThan(0.9 * error(block, nearest));
    }

    @Test
    void scalingAndRoundingShowLayerByLayerHowFarTheyAre() {
        List<String> seen = new ArrayList<>();
        Progress.Listener before =
                Progress.listen(p -> seen.add(p.task() + " " + p.done() + "/" + p.total() + " " + p.note()));
        try {
            Networks.mlp(128, 64, 10).apply(new AwqQuantization(BlockFormat.INT4, DATA, 20, 2, true, true, "*"));
        } finally {
            Progress.listen(before);
        }
        assertThat(seen)
                .contains("measure activations of mlp 20/20 ")
                .containsSequence(
                        "scale layers of mlp 0/2 ",
                        "scale layers of mlp 1/2 fc1",
                        "scale layers of mlp 2/2 fc2",
                        "scale layers of mlp 2/2 fc2",
                        "round layers of mlp 0/2 ",
                        "round layers of mlp 1/2 fc1",
                        "round layers of mlp 2/2 fc2");
    }

    @Test
    void refusesWhatItCanNotDo() {
        refused(
                "AWQ measures what layers take on data; none was given (option data).",
                () -> new AwqQuantization(BlockFormat.INT4, null));
        refused("Option format was not given; it is a BlockFormat.", () -> new AwqQuantization(null, DATA));
        refused(
                "Option records is 0, but it must be 1 or more.",
                () -> new AwqQuantization(BlockFormat.INT4, DATA, 0, 20, true, true, "*"));
        refused(
                "Option grid is 101, but it must be 1 to 100.",
                () -> new AwqQuantization(BlockFormat.INT4, DATA, 8, 101, true, true, "*"));
        Network network = Networks.mlp(128, 10);
        refused(
                "Input x of network mlp is NaN or infinite on record 1 of the calibration data; a network to scale"
                        + " is fed finite values.",
                () -> network.apply(new AwqQuantization(BlockFormat.INT4, Records.of(nan()))));
        Network quantized = network.apply(new WeightOnlyQuantization(4, 32));
        refused(
                "Network mlp is quantized already: operator fc1 is MatMulNBits; quantize the network of floats that it"
                        + " was made from.",
                () -> quantized.apply(new AwqQuantization(BlockFormat.INT4, DATA)));
    }

    private static Tensor nan() {
        float[] values = new float[128];
        values[5] = Float.NaN;
        return Tensor.ofFloats(values, 1, 128);
    }

    private static void refused(String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }
}
