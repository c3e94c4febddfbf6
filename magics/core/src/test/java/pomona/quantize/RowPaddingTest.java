package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Networks;
import pomona.Records;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.Pass;

class RowPaddingTest {

    private static BlockFormat format(int bits, int block, boolean symmetric, WeightForm form) {
        return new BlockFormat(bits, block, symmetric, form, true, false);
    }

    private static long bytes(Network quantized) {
        return quantized.weights().entrySet().stream()
                .filter(weight -> weight.getKey().matches(".*\\.(u?int[48]|scale|zero)"))
                .map(java.util.Map.Entry::getValue)
                .mapToLong(Tensor::bytes)
                .sum();
    }

    /** Rows of 384 in blocks of 256 take 512 weights; those of 128 need none. */
    @Test
    void blocksThatMakeWeightsLargerAreSaidToDoSo() {
        Network network = Networks.mlp(384, 64, 4);
        Network padded = network.apply(new WeightOnlyQuantization(4, 256));
        Network smaller = network.apply(new WeightOnlyQuantization(4, 128));
        assertThat(padded.provenance().get(0).options())
                .containsEntry(
                        "caution",
                        "rows are filled up to whole blocks of 256, which makes the weights of products 35 % larger; all"
                                + " weights in blocks take " + bytes(padded) + " bytes, and would take "
                                + bytes(smaller)
                                + " with --block 128");
    }

    @Test
    void everyTechniqueSaysSo() {
        Network network = Networks.mlp(40, 64, 4);
        BlockFormat wide = format(4, 256, false, WeightForm.KERNEL);
        var data = Records.of(Records.correlated(1, 20, 40, 7));
        for (Pass pass : List.of(
                new WeightOnlyQuantization(wide, WeightRange.MIN_MAX),
                new HqqQuantization(wide),
                new GptqQuantization(wide, data),
                new AwqQuantization(wide, data))) {
            Network quantized = network.apply(pass);
            assertThat(quantized.provenance().get(0).options().get("caution"))
                    .as("%s", pass.getClass())
                    .endsWith("all weights in blocks take " + bytes(quantized) + " bytes, and would take "
                            + bytes(network.apply(new HqqQuantization(format(4, 64, false, WeightForm.KERNEL))))
                            + " with --block 64");
        }
    }

    @Test
    void nothingIsSaidWhereRowsFillTheirBlocks() {
        for (BlockFormat format : List.of(
                format(4, 128, true, WeightForm.KERNEL),
                format(4, 32, true, WeightForm.KERNEL),
                format(4, 256, true, WeightForm.STANDARD))) {
            assertThat(Networks.mlp(384, 128)
                            .apply(new WeightOnlyQuantization(format, WeightRange.MIN_MAX))
                            .provenance()
                            .get(0)
                            .options())
                    .doesNotContainKey("caution");
        }
        assertThat(Networks.mlp(384, 128)
                        .apply(new WeightOnlyQuantization())
                        .provenance()
                        .get(0)
                        .options())
                .doesNotContainKey("caution");
    }

    /** What is expected of another block is what that block takes, for every form. */
    @ParameterizedTest
    @CsvSource({"4, true", "4, false", "8, true", "8, false"})
    void expectsTheBytesThatAreStored(int bits, boolean symmetric) {
        Network network = BlockNetworks.mixed();
        for (WeightForm form : WeightForm.values()) {
            BlockQuantizer quantizer = new BlockQuantizer(network, "a test", format(bits, 256, symmetric, form), "*");
            for (int block : BlockFormat.BLOCKS) {
                long expected = quantizer.chosen().stream()
                        .mapToLong(weight -> quantizer.store(weight).bytes(block, true))
                        .sum();
                BlockFormat other = format(bits, block, symmetric, form);
                assertThat(expected)
                        .isEqualTo(bytes(network.apply(new WeightOnlyQuantization(other, WeightRange.MIN_MAX))));
            }
        }
    }
}
