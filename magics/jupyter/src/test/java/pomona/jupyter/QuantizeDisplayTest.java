package pomona.jupyter;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.Test;
import pomona.djl.IdxDataset;
import pomona.evaluate.MeasuredRecords;
import pomona.evaluate.Tradeoff;
import pomona.graph.Network;
import pomona.pass.Progress;

/** What a cell with {@code %quantize} shows, on a slice of the real digits. */
class QuantizeDisplayTest {

    private static final String NUMBER = "[0-9][0-9,.]*";

    private final IdxDataset digits =
            IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(100);

    @Test
    void staticQuantizationShowsLayersRangesAndWhatItGained() throws Exception {
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", Networks.classifier("lenet", 1));
            kernel.variables.put("digits", digits);
            kernel.magic("quantize", "lenet", "--method", "static", "--data", "digits");
            List<String> shown = texts(kernel);
            assertThat(shown).hasSize(3);
            assertThat(shown.get(0))
                    .startsWith("quantization of lenet\n\nlayer ")
                    .contains("weight", "int8", "uint8", "range of input", "SQNR dB", "bytes before", "\u00b5s after");
            assertThat(shown.get(1))
                    .startsWith("Figure: Inputs of ")
                    .contains("(share of the inputs in % over input); inputs ", ", range ");
            assertThat(shown.get(2))
                    .matches("lenet: size " + NUMBER + " KB \u2192 " + NUMBER + " KB \\(" + NUMBER
                            + "x smaller\\), one run "
                            + NUMBER + " \u00b5s \u2192 " + NUMBER + " \u00b5s \\(.*\\), error " + NUMBER + " % \u2192 "
                            + NUMBER + " % on 100 records of the data");
        }
    }

    @Test
    void withoutDataNothingIsSaidOfErrors() throws Exception {
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", Networks.classifier("lenet", 1));
            kernel.magic("quantize", "lenet", "--method", "dynamic");
            List<String> shown = texts(kernel);
            assertThat(shown).hasSize(2);
            assertThat(shown.get(0))
                    .contains("uint8, at run time", "\u00b5s before")
                    .doesNotContain("SQNR", "range");
            assertThat(shown.get(1)).startsWith("lenet: size ").doesNotContain("error");
        }
    }

    @Test
    void blocksThatMakeAFileLargerAreSaidToDoSo() throws Exception {
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", Networks.classifier("lenet", 1));
            kernel.magic("quantize", "lenet", "--method", "weight-only", "--bits", "4", "--block", "256");
            List<String> shown = texts(kernel);
            assertThat(shown.get(shown.size() - 1))
                    .matches("Rows are filled up to whole blocks of 256, which makes the weights of products " + NUMBER
                            + " % larger; all weights in blocks take " + NUMBER + " bytes, and would take " + NUMBER
                            + " with --block (16|32|64|128)\\.");
        }
    }

    @Test
    void schemeAndMethodMayBeSaidForMethodAndCalibration() throws Exception {
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", Networks.classifier("lenet", 1));
            kernel.variables.put("digits", digits);
            Network scheme = (Network) kernel.magic(
                    "quantize", "lenet", "--scheme", "static", "--calibrate=digits", "--method", "entropy");
            Network method = (Network)
                    kernel.magic("quantize", "lenet", "--method=static", "--data", "digits", "--calibration=entropy");
            assertThat(scheme.weights()).isEqualTo(method.weights());
            assertThat(scheme.provenance()).isEqualTo(method.provenance());
        }
    }

    @Test
    void everySchemeCanBeJudged() throws Exception {
        for (String method :
                List.of("dynamic", "weight-only", "hqq", "float16", "bfloat16", "weight-sharing", "clamp")) {
            try (TestKernel kernel = new TestKernel()) {
                kernel.variables.put("lenet", Networks.classifier("lenet", 1));
                kernel.variables.put("digits", digits);
                Network small = (Network) kernel.magic("quantize", "lenet", "--method", method, "--test", "digits");
                assertThat(small.provenance()).last().asString().doesNotContain("test");
                List<String> shown = texts(kernel);
                assertThat(shown.get(0)).contains("SQNR dB", "scheme", "total");
                assertThat(shown.get(shown.size() - 1))
                        .matches("lenet: size .*, error " + NUMBER + " % \u2192 " + NUMBER
                                + " % on 100 records of the data");
            }
        }
    }

    @Test
    void ofNetworksThatAreNoClassifiersTheOutputsAreCompared() throws Exception {
        try (TestKernel kernel = new TestKernel();
                NDManager manager = NDManager.newBaseManager()) {
            kernel.variables.put("features", Networks.features("features", 1));
            float[] pixels = new float[100 * 784];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = i % 17 / 16f;
            }
            kernel.variables.put(
                    "images",
                    new ArrayDataset.Builder()
                            .setData(manager.create(pixels, new Shape(100, 784)))
                            .setSampling(10, false)
                            .build());
            kernel.magic("quantize", "features", "--test", "images");
            List<String> shown = texts(kernel);
            assertThat(shown.get(shown.size() - 1))
                    .matches("features: size .*, cosine of the outputs (0\\.99[0-9]+|1\\.0000) \\([0-9.]+ dB\\)"
                            + " on 100 records of the data");
        }
    }

    @Test
    void theLineNamesTheCompressedFileOfSharedWeights() throws Exception {
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", Networks.classifier("lenet", 1));
            kernel.variables.put(
                    "pruned", kernel.magic("prune", "lenet", "--method", "magnitude", "--sparsity", "0.9"));
            kernel.displays.clear();
            kernel.magic("quantize", "pruned", "--method", "weight-sharing", "--layout", "bytes");
            List<String> shown = texts(kernel);
            assertThat(shown.get(shown.size() - 1))
                    .matches("lenet: size .*, as .onnx.xz " + NUMBER + " KB \\(" + NUMBER + "x smaller\\), one run .*");
        }
    }

    @Test
    void aSearchForPrecisionsShowsWhatItTriedAndOneLine() throws Exception {
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", Networks.classifier("lenet", 1));
            kernel.variables.put("digits", digits);
            List<Progress> bars = new ArrayList<>();
            Progress.Listener before = Progress.listen(bars::add);
            Network small;
            try {
                small = (Network) kernel.magic(
                        "quantize",
                        "lenet",
                        "--method",
                        "mixed-precision",
                        "--goal",
                        "smallest",
                        "--data",
                        "digits",
                        "--max-drop",
                        "2%");
            } finally {
                Progress.listen(before);
            }
            List<String> shown = texts(kernel);
            assertThat(shown.get(0))
                    .startsWith("networks tried for lenet\n\nlayers are ")
                    .contains("quantized", "error %", "file KB", "beside floats", "verdict", "floats", "chosen");
            assertThat(shown.get(1))
                    .startsWith("each layer alone\n\nlayer ")
                    .contains("int4: error +", "int4: dB", "float16: KB saved", "became");
            String found = small.provenance()
                    .get(small.provenance().size() - 1)
                    .options()
                    .get("found");
            assertThat(shown.get(2)).isEqualTo("lenet: " + found);
            assertThat(shown.get(3)).startsWith("quantization of lenet\n\nlayer ");
            assertThat(shown.get(shown.size() - 1))
                    .matches("lenet: size .*, error " + errors(small) + " on 100 records of the data");
            assertThat(kernel.displays.get(2).getData(MIMEType.TEXT_HTML).toString())
                    .contains("<p><b>lenet</b> ", " layers ");
            assertThat(bars).extracting(Progress::task).doesNotContain("evaluate lenet");
            assertThat(bars).extracting(Progress::task).contains("search precisions of lenet");
        }
    }

    /** What the search counted, as the step of provenance tells. */
    private static String errors(Network small) {
        String[] error = small.provenance()
                .get(small.provenance().size() - 1)
                .options()
                .get("validationError")
                .split(" to ");
        return Pattern.quote(error[0]) + " \u2192 " + Pattern.quote(error[1]);
    }

    /** The search counts on all of the data, which has more than the 512 records that other methods read if not told. */
    @Test
    void theLineCountsOnAsManyRecordsAsTheMethod() throws Exception {
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", Networks.classifier("lenet", 1));
            kernel.variables.put(
                    "many",
                    IdxDataset.test(Path.of("../../notebooks/data/mnist"))
                            .flat()
                            .limit(700));
            Network small = (Network) kernel.magic(
                    "quantize",
                    "lenet",
                    "--method",
                    "mixed-precision",
                    "--data",
                    "many",
                    "--max-drop",
                    "2%",
                    "--schemes",
                    "weight-only",
                    "--goal",
                    "smallest");
            assertThat(last(kernel)).matches("lenet: .*, error " + errors(small) + " on 700 records of the data");
            kernel.magic("quantize", "lenet", "--method", "static", "--data", "many");
            assertThat(last(kernel)).endsWith(" on 512 records of the data");
            kernel.magic("quantize", "lenet", "--method", "static", "--data", "many", "--samples", "30");
            assertThat(last(kernel)).endsWith(" on 30 records of the data");
            kernel.magic("quantize", "lenet", "--method", "gptq", "--data", "many");
            assertThat(last(kernel)).endsWith(" on 128 records of the data");
            kernel.magic("quantize", "lenet", "--method", "static", "--data", "many", "--test", "many");
            assertThat(last(kernel)).endsWith(" on 700 records of the data");
        }
    }

    @Test
    void whatIsPaddedDoesNotCountAlsoForMethodsThatReadNoData() throws Exception {
        try (TestKernel kernel = new TestKernel();
                NDManager manager = NDManager.newBaseManager()) {
            Network encoder = Networks.encoder("encoder", 1);
            RandomAccessDataset padded = padded(manager);
            kernel.variables.put("encoder", encoder);
            kernel.variables.put("padded", padded);
            for (String method : List.of("dynamic", "weight-only", "clamp", "static")) {
                String given = method.equals("static") ? "--data" : "--test";
                Network small = (Network)
                        kernel.magic("quantize", "encoder", "--method", method, given, "padded", "--mask", "mask");
                Tradeoff masked = Tradeoff.of(encoder, small, new MeasuredRecords(padded, 8, "mask"));
                Tradeoff whole = Tradeoff.of(encoder, small, padded, 8);
                assertThat(last(kernel)).endsWith(end(masked)).doesNotEndWith(end(whole));
                assertThat(small.provenance()).last().asString().doesNotContain("test");
            }
        }
    }

    private static String end(Tradeoff tradeoff) {
        return String.format(
                Locale.ROOT,
                ", cosine of the outputs %.4f (%.1f dB) on 8 records of the data",
                tradeoff.cosine(),
                tradeoff.decibels());
    }

    /** Eight records of six positions, of which those from the third on are padding with large values. */
    private static RandomAccessDataset padded(NDManager manager) {
        float[] values = new float[8 * 6 * 4];
        long[] mask = new long[8 * 6];
        for (int i = 0; i < values.length; i++) {
            boolean real = i / 4 % 6 < 2;
            mask[i / 4] = real ? 1 : 0;
            values[i] = (float) Math.sin(i * i) * (real ? 1 : 30);
        }
        return new ArrayDataset.Builder()
                .setData(manager.create(values, new Shape(8, 6, 4)), manager.create(mask, new Shape(8, 6)))
                .setSampling(2, false)
                .build();
    }

    @Test
    void valuesThatAreNotFiniteAreTheReasonWhyNothingIsMeasured() throws Exception {
        try (TestKernel kernel = new TestKernel();
                NDManager manager = NDManager.newBaseManager()) {
            for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                float[] pixels = new float[4 * 784];
                pixels[2 * 784 + 5] = wrong;
                kernel.variables.put("lenet", Networks.classifier("lenet", 1));
                kernel.variables.put(
                        "wrong",
                        new ArrayDataset.Builder()
                                .setData(manager.create(pixels, new Shape(4, 784)))
                                .optLabels(manager.create(new long[4]))
                                .setSampling(2, false)
                                .build());
                kernel.displays.clear();
                kernel.magic("quantize", "lenet", "--method", "dynamic", "--test", "wrong");
                List<String> shown = texts(kernel);
                assertThat(shown).hasSize(2);
                assertThat(shown.get(0)).startsWith("quantization of lenet").doesNotContain("SQNR");
                assertThat(shown.get(1))
                        .isEqualTo(
                                "Not measured: Input image of network lenet is NaN or infinite on record 3 of the data;"
                                        + " records to measure on are finite.");
                assertThat(kernel.displays.get(1).getData(MIMEType.TEXT_HTML).toString())
                        .contains("<p>Not measured: Input image ");
            }
        }
    }

    @Test
    void aNetworkWithCorrectedBiasesIsComparedWithThatOfFloats() throws Exception {
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", Networks.biased("lenet", 1));
            kernel.variables.put("digits", digits);
            kernel.variables.put("small", kernel.magic("quantize", "lenet", "--method", "static", "--data", "digits"));
            kernel.displays.clear();
            kernel.magic(
                    "quantize", "small", "--method", "bias-correction", "--reference", "lenet", "--data", "digits");
            String table = texts(kernel).get(0);
            assertThat(table)
                    .startsWith("quantization of lenet\n\nlayer ")
                    .contains("SQNR dB", "\nfc1 ", "\nfc2 ", " static ", " int8 ", " uint8 ");
            assertThat(last(kernel)).matches("lenet: size .*, error .* on 100 records of the data");
        }
    }

    @Test
    void weightsThatAreStillFloatsAreSpokenOf() throws Exception {
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", Networks.biased("lenet", 1));
            kernel.variables.put("digits", digits);
            kernel.magic(
                    "quantize",
                    "lenet",
                    "--method",
                    "adaptive-rounding",
                    "--bits",
                    "4",
                    "--steps",
                    "10",
                    "--data",
                    "digits");
            List<String> shown = texts(kernel);
            assertThat(shown).anyMatch(table -> table.contains("float, 4-bit levels"));
            assertThat(shown)
                    .contains("The weights lie on the levels of 4 bits and are still stored as floats; static or"
                            + " weight-only quantization of this network stores them as integers.");
        }
    }

    private static String last(TestKernel kernel) {
        List<String> shown = texts(kernel);
        return shown.get(shown.size() - 1);
    }

    @Test
    void aSearchForLayersToSpareShowsWhatDecided() throws Exception {
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", Networks.classifier("lenet", 1));
            kernel.variables.put("digits", digits);
            kernel.magic("quantize", "lenet", "--method", "static", "--data", "digits", "--keep-float", "1,slower");
            List<String> shown = texts(kernel);
            assertThat(shown.get(0)).contains("spared because", "sensitive", "outputs' dB, it alone");
            assertThat(shown.get(1))
                    .startsWith("neighbouring layers, timed in turns\n\nfirst layer ")
                    .contains("changed to", "\u00b5s of the fastest before", "verdict");
            assertThat(shown.get(1).lines().reduce((line, next) -> next).orElseThrow())
                    .matches("1 of 2 layers is left in float: it loses most\\. (No layer|1 of 1 layers) is .* on this"
                            + " machine: 1 network was timed in turns with the fastest\\.");
            assertThat(kernel.displays.get(1).getData(MIMEType.TEXT_HTML).toString())
                    .contains("<p>1 of 2 layers is left in float: it loses most. ");
        }
    }

    private static List<String> texts(TestKernel kernel) {
        return kernel.displays.stream()
                .map(display -> display.getData(MIMEType.TEXT_PLAIN).toString())
                .toList();
    }
}
