package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pomona.Equality.relativeError;

import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Networks;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.report.Report;
import tech.tablesaw.api.Table;

class SixteenBitLayersTest {

    private static final RandomAccessDataset ROWS = RandomRecords.of(40, 32);
    private static final Map<String, Tensor> ROW_FEEDS = Map.of("x", Networks.uniform(6, -1, 1, 20, 32));

    private static StaticQuantization pass(RandomAccessDataset data, String sixteen) {
        return new StaticQuantization(data, 40, Calibration.MIN_MAX, 99.99, true, ReducedRange.OFF, "*")
                .with(LayerChoice.ALL.with(SixteenBitLayers.parse(sixteen)));
    }

    private static List<ElementType> activations(Network before, Network after) {
        return QuantizationProfile.of(before, after).layers().stream()
                .map(QuantizedLayer::activation)
                .toList();
    }

    @Test
    void theNamedLayerHasSixteenBitsAndTheOutputsAreNearer(@TempDir Path folder) throws Exception {
        Network network = BadLayer.network();
        Network bytes = network.apply(pass(ROWS, "none"));
        Network mixed = network.apply(pass(ROWS, "fc2"));
        assertThat(activations(network, bytes))
                .containsExactly(ElementType.UINT8, ElementType.UINT8, ElementType.UINT8);
        assertThat(activations(network, mixed))
                .containsExactly(ElementType.UINT8, ElementType.UINT16, ElementType.UINT8);
        assertThat(mixed.opset()).isEqualTo(21);
        assertThat(bytes.opset()).isEqualTo(17);
        assertThat(relativeError(network, mixed, ROW_FEEDS)).isLessThan(relativeError(network, bytes, ROW_FEEDS) / 2);
        Onnx.write(mixed, folder.resolve("mixed.onnx"));
        assertThat(relativeError(mixed, Onnx.read(folder.resolve("mixed.onnx")), ROW_FEEDS))
                .isZero();
        assertThat(QuantizationProfile.of(network, mixed).layers())
                .extracting(QuantizedLayer::weight)
                .containsOnly(ElementType.INT8);
        assertThat(OperatorsAsRun.of(mixed, folder)).contains("Gemm", "QGemm");
    }

    @Test
    void otherConvolutionsStillRunInIntegers(@TempDir Path folder) throws Exception {
        Network network = ResidualNetwork.network();
        RandomAccessDataset data = RandomRecords.of(40, 3, 8, 8);
        Map<String, Tensor> feeds = Map.of("x", Networks.uniform(6, -1, 1, 5, 3, 8, 8));
        Network mixed = network.apply(pass(data, "deep"));
        assertThat(activations(network, mixed))
                .containsExactly(ElementType.UINT8, ElementType.UINT16, ElementType.UINT8, ElementType.UINT8);
        assertThat(relativeError(network, mixed, feeds)).isLessThan(0.04);
        List<String> run = OperatorsAsRun.of(mixed, folder);
        assertThat(run).filteredOn("QLinearConv"::equals).hasSize(2);
        assertThat(run)
                .filteredOn(op -> op.endsWith("Conv") && !op.equals("QLinearConv"))
                .hasSize(1);
    }

    @Test
    void anIntegerKernelIsFollowedByItsOwnPairFirst() {
        Network mixed = ResidualNetwork.network().apply(pass(RandomRecords.of(40, 3, 8, 8), "deep"));
        // The Relu behind the stem gives bytes, of which 16 bits are made for the depthwise convolution.
        List<Node> takers = mixed.graph().consumers().get("r");
        assertThat(takers).extracting(Node::op).containsExactly("QuantizeLinear");
        assertThat(mixed.weight(takers.get(0).input(2)).type()).isEqualTo(ElementType.UINT8);
    }

    @Test
    void theFirstLayerTakesItsInputInSixteenBits() {
        Network network = ResidualNetwork.network();
        Network mixed = network.apply(pass(RandomRecords.of(40, 3, 8, 8), "stem, fc"));
        assertThat(activations(network, mixed))
                .containsExactly(ElementType.UINT16, ElementType.UINT8, ElementType.UINT8, ElementType.UINT16);
        assertThat(relativeError(network, mixed, Map.of("x", Networks.uniform(6, -1, 1, 5, 3, 8, 8))))
                .isLessThan(0.04);
    }

    @Test
    void signedBytesStandBesideSignedSixteenBits() {
        Network network = BadLayer.network();
        StaticQuantization pass = pass(ROWS, "fc2");
        Network mixed = network.apply(pass.with(pass.ranges().with(ActivationType.INT8)));
        assertThat(activations(network, mixed)).containsExactly(ElementType.INT8, ElementType.INT16, ElementType.INT8);
        assertThat(relativeError(network, mixed, ROW_FEEDS)).isLessThan(0.3);
    }

    @Test
    void theLayerThatLosesMostIsFound() {
        Network network = BadLayer.network();
        for (String wish : List.of("auto", "1")) {
            Network mixed = network.apply(pass(ROWS, wish));
            assertThat(activations(network, mixed))
                    .containsExactly(ElementType.UINT8, ElementType.UINT16, ElementType.UINT8);
            assertThat(mixed.provenance().get(0).options())
                    .containsEntry("sixteenBits", wish + " (fc2)")
                    .containsEntry("keepFloat", "0");
            Table table = Report.quantization(QuantizationProfile.of(network, mixed));
            assertThat(table.stringColumn("16 bits because").asList()).containsExactly("", "sensitive", "", "", "");
            assertThat(table.columnNames()).doesNotContain("spared because");
        }
    }

    @Test
    void theyAreNamesANumberOrAuto() {
        assertThat(SixteenBitLayers.parse(" none "))
                .isEqualTo(SixteenBitLayers.NONE)
                .hasToString("none");
        assertThat(SixteenBitLayers.parse("auto"))
                .isEqualTo(SixteenBitLayers.AUTO)
                .hasToString("auto");
        assertThat(SixteenBitLayers.parse("conv1, fc*")).hasToString("conv1, fc*");
        assertThatThrownBy(() -> BadLayer.network().apply(pass(ROWS, "conv*")))
                .hasMessageStartingWith("No layer of network mlp is named conv*");
        assertThatThrownBy(() -> pass(ROWS, "fc2").with(RangeSettings.MIN_MAX.with(ActivationType.INT16)))
                .hasMessage("Option sixteen-bits is fc2, but all activations are int16 already; leave one of the two"
                        + " out.");
        assertThatThrownBy(() -> LayerChoice.ALL.with(KeptLayers.AUTO).with(SixteenBitLayers.parse("3")))
                .hasMessage("Options keep-float auto and sixteen-bits 3 both ask for a search; leave one of them out,"
                        + " or name the layers of 16 bits.");
    }
}
