package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Networks;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.Network;
import pomona.onnx.Onnx;
import pomona.report.Report;
import tech.tablesaw.api.Table;

/** What searches for layers to spare measure is kept and shown. */
class LayerSearchTest {

    private static final Network NETWORK = Networks.mlp(32, 16, 16, 8);
    private static final RandomAccessDataset ROWS = RandomRecords.of(40, 32);

    private static StaticQuantization pass(String keep, String sixteen) {
        return new StaticQuantization(ROWS, 40, Calibration.MIN_MAX, 99.99, true, ReducedRange.OFF, "*")
                .with(LayerChoice.ALL.with(KeptLayers.parse(keep)).with(SixteenBitLayers.parse(sixteen)));
    }

    /** Runs nothing: floats take 100 microseconds, and each layer of integers as much more or less as is told. */
    private static Network timed(StaticQuantization pass, Map<String, Integer> more) {
        Function<Network, SlowerLayerSearch.Runner> open = network -> {
            long micros = 100
                    + QuantizationProfile.of(NETWORK, network).layers().stream()
                            .filter(QuantizedLayer::isQuantized)
                            .mapToLong(layer -> more.get(layer.layer()))
                            .sum();
            return new SlowerLayerSearch.Runner() {
                @Override
                public long nanos() {
                    return 1000 * micros;
                }

                @Override
                public void close() {
                    // nothing is loaded
                }
            };
        };
        return pass.apply(new StaticQuantizer(pass, NETWORK, floats -> open));
    }

    @Test
    void aLayerThatIsSlowerAsIntegersIsLeftInFloat(@TempDir Path folder) throws Exception {
        Network small = timed(pass("slower", "none"), Map.of("fc1", -20, "fc2", 30, "fc3", -20));
        QuantizationProfile profile = QuantizationProfile.of(NETWORK, small);
        assertThat(profile.layers()).extracting(QuantizedLayer::isQuantized).containsExactly(true, false, true);
        assertThat(profile.spared()).isEqualTo(Map.of("fc2", "slower as integers"));
        assertThat(small.provenance().get(0).options()).containsEntry("keepFloat", "slower (fc2)");
        assertThat(profile.search().verdict())
                .isEqualTo(
                        "1 of 3 layers is left in float since it is slower as integers on this machine: 5 networks were timed in"
                                + " turns with the fastest.");
        Table races = Report.races(profile.search());
        assertThat(races.columnNames())
                .containsExactly(
                        "first layer",
                        "last layer",
                        "changed to",
                        "\u00b5s",
                        "\u00b5s of the fastest before",
                        "verdict");
        assertThat(List.of(row(races, 0), row(races, 1), row(races, 2), row(races, 3), row(races, 4)))
                .containsExactly(
                        "fc1 fc3 float 100.0 90.0 not faster",
                        "fc1 fc1 float 110.0 90.0 not faster",
                        "fc2 fc3 float 80.0 90.0 faster, kept",
                        "fc2 fc2 integers 110.0 80.0 not faster",
                        "fc3 fc3 integers 60.0 80.0 faster, kept");
        Onnx.write(small, folder.resolve("small.onnx"));
        assertThat(LayerSearch.of(Onnx.read(folder.resolve("small.onnx")))).isEqualTo(profile.search());
    }

    private static String row(Table table, int row) {
        return String.join(
                " ",
                table.columns().stream().map(column -> column.getString(row)).toList());
    }

    @Test
    void whereNoLayerIsSlowerThatIsSaid() {
        Network small = timed(pass("slower", "none"), Map.of("fc1", -20, "fc2", -10, "fc3", -20));
        assertThat(small.provenance().get(0).options()).containsEntry("keepFloat", "slower");
        assertThat(LayerSearch.of(small).verdict())
                .isEqualTo(
                        "No layer is faster in float than as integers on this machine: 5 networks were timed in turns"
                                + " with the fastest.");
        assertThat(LayerSearch.of(small).races()).hasSize(5).noneMatch(LayerRace::won);
    }

    @Test
    void theNoiseOfEachLayerAloneIsKeptAndShown() {
        Network network = BadLayer.network();
        Network small = network.apply(pass("auto", "none"));
        QuantizationProfile profile = QuantizationProfile.of(network, small);
        Map<String, Double> alone = profile.search().alone();
        assertThat(alone.keySet()).containsExactly("fc1", "fc2", "fc3");
        for (String layer : alone.keySet()) {
            Network only = network.apply(pass("0", "none").with(LayerChoice.of(layer)));
            double noise = new OutputNoise(network, new MeasuredRecords(ROWS, 8)).of(only);
            assertThat(alone.get(layer)).isCloseTo(SignalToNoise.decibels(1, noise), within(0.06));
        }
        assertThat(alone.get("fc2")).isLessThan(Math.min(alone.get("fc1"), alone.get("fc3")) - 10);
        double all = new OutputNoise(network, new MeasuredRecords(ROWS, 8)).of(network.apply(pass("0", "none")));
        double now = new OutputNoise(network, new MeasuredRecords(ROWS, 8)).of(small);
        assertThat(profile.search().verdict())
                .isEqualTo(String.format(
                        Locale.ROOT,
                        "1 of 3 layers is left in float: the outputs' signal-to-noise ratio is %.1f dB, and was %.1f dB with"
                                + " all layers quantized.",
                        SignalToNoise.decibels(1, now),
                        SignalToNoise.decibels(1, all)));
        assertThat(Report.quantization(profile)
                        .doubleColumn("outputs' dB, it alone")
                        .asList())
                .containsExactly(alone.get("fc1"), alone.get("fc2"), alone.get("fc3"), null, null);
        assertThat(LayerSearch.of(network.apply(pass("2", "none"))).verdict())
                .isEqualTo("2 of 3 layers are left in float: they lose most.");
    }

    @Test
    void twoSearchesSayTwoSentences() {
        Network small = timed(pass("1,slower", "none"), Map.of("fc1", -20, "fc2", -20, "fc3", -20));
        assertThat(LayerSearch.of(small).verdict())
                .isEqualTo(
                        "1 of 3 layers is left in float: it loses most. No layer is faster in float than as integers on"
                                + " this machine: 3 networks were timed in turns with the fastest.");
        assertThat(LayerSearch.of(small).alone()).hasSize(3);
        assertThat(LayerSearch.of(small).races()).hasSize(3);
    }

    @Test
    void whereAllIsWellThatIsSaidAndNothingIsRaised() {
        Network bytes = NETWORK.apply(pass("0", "none"));
        double all = SignalToNoise.decibels(1, new OutputNoise(NETWORK, new MeasuredRecords(ROWS, 8)).of(bytes));
        String why = String.format(
                Locale.ROOT,
                "with all layers quantized the outputs' signal-to-noise ratio is %.1f dB, and 20 dB are enough.",
                all);
        Network kept = NETWORK.apply(pass("auto", "none"));
        assertThat(LayerSearch.of(kept).verdict()).isEqualTo("No layer needs to be left in float: " + why);
        Network wide = NETWORK.apply(pass("0", "auto"));
        assertThat(LayerSearch.of(wide).verdict()).isEqualTo("No layer needs to be given 16 bits: " + why);
        assertThat(wide.opset()).isEqualTo(bytes.opset()).isEqualTo(NETWORK.opset());
        assertThat(wide.weights()).isEqualTo(bytes.weights());
        assertThat(wide.provenance().get(0).options()).containsEntry("sixteenBits", "auto");
        assertThat(LayerSearch.of(bytes)).isEqualTo(LayerSearch.NONE);
    }
}
