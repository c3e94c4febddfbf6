package pomona.jupyter.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.djl.IdxDataset;
import pomona.graph.Network;
import pomona.jupyter.Networks;
import pomona.jupyter.TestKernel;
import pomona.pass.Recipe;

/** What {@code %quantize} understands and how it says what it does not. */
class QuantizeMagicTest {

    @TempDir
    Path folder;

    private TestKernel kernel;

    @BeforeEach
    void start() {
        kernel = new TestKernel();
        kernel.variables.put("lenet", Networks.classifier("lenet", 1));
        kernel.variables.put(
                "test",
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(20));
    }

    @AfterEach
    void stop() {
        kernel.close();
    }

    private Object run(String line) throws Exception {
        List<String> words = List.of(line.split(" "));
        return kernel.magic(words.get(0), words.subList(1, words.size()).toArray(String[]::new));
    }

    private static void assertSays(ThrowingCallable call, String sentence) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
    }

    private String printed(String magic, String... args) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertThat(kernel.magic(magic, args)).isNull();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void saysWhichOptionsLedToAMethod() {
        assertSays(
                () -> run("quantize lenet --operators Gemm,MatMul,Gather --data test"),
                "Option operators has Gather, but static quantization takes Conv, Gemm and MatMul. (No method"
                        + " was given, and --operators, --data led to --method static, the only one that has them all.)");
    }

    @Test
    void aMethodThatAnOptionLedToIsNamedWhenSomethingIsMissing() {
        assertSays(
                () -> run("quantize lenet --alpha 0.5"),
                "%quantize needs --data with a value: records like those the network will see. (No method was given, and"
                        + " --alpha led to --method smooth-quant, the only one that has it.)");
        assertSays(
                () -> run("quantize lenet --method smooth-quant --alpha 0.5"),
                "%quantize needs --data with a value: records like those the network will see.");
    }

    @Test
    void aSwitchTakesTrueOrFalse() {
        assertSays(
                () -> run("quantize lenet --per-channel maybe"),
                "%quantize --per-channel takes true or false, not maybe.");
        assertSays(() -> run("quantize lenet --per-channel=maybe"), "per-channel is maybe; it takes true or false.");
        assertSays(
                () -> run("quantize lenet maybe"),
                "%quantize does not take maybe; %quantize --help shows what it takes.");
    }

    @Test
    void aLineInSchemesMeansWhatTheRecipeMeans() throws Exception {
        Network byLine = (Network) run("quantize lenet --scheme static --calibrate test --method entropy --samples 20");
        Recipe recipe = Recipe.parse(
                "- quantize: {scheme: static, calibrate: test, method: entropy, samples: 20}", kernel.variables);
        Network byRecipe = ((Network) kernel.variables.get("lenet")).apply(recipe);
        assertThat(byLine.weights()).isEqualTo(byRecipe.weights());
        assertThat(byLine.provenance()).hasToString(byRecipe.provenance().toString());
    }

    @Test
    void exportNamesTheFileThatWasGiven() throws Exception {
        Path plain = Files.writeString(folder.resolve("plain"), "text");
        Path below = plain.resolve("x.onnx");
        assertSays(
                () -> run("export lenet " + below),
                below + " can not be written: " + plain + " is a file and no folder; give a path in a folder.");
    }

    @Test
    void aSchemeAndATechniqueAsItsCalibrationAreTwoTechniques() {
        assertSays(
                () -> run("quantize lenet --scheme static --method dynamic --data test"),
                "%quantize was given --scheme and --method dynamic; beside --scheme, --method is how ranges are calibrated,"
                        + " so give --scheme dynamic or --method dynamic alone.");
    }

    @Test
    void helpOfQuantizationNamesWhatCanBeGiven() throws Exception {
        String help = printed("quantize", "--help");
        assertThat(help)
                .contains(
                        "--scheme static --calibrate DATASET --method entropy", "--data=DATASET", "--keep-float=LAYERS")
                .contains("--sixteen-bits=LAYERS", "--test=DATASET", "--mask=TEXT")
                .doesNotContain("_DATASET", "KEPT_", "SIXTEEN_BIT_LAYERS");
        assertThat(printed("quantize", "--method", "dynamic", "--help")).contains("--test=DATASET", "--mask=TEXT");
        assertThat(printed("quantize", "--method", "static", "--help").split("\n      --mask=", -1))
                .hasSize(2);
        assertThat(printed("quantize", "--method", "mixed-precision", "--help").split("\n      --test=", -1))
                .hasSize(2);
    }

    @Test
    void aMaskIsOfRecordsAndOfAnInput() {
        assertSays(
                () -> run("quantize lenet --mask attention_mask"),
                "Option mask is attention_mask, the input that is 0 where records are padded, but there are no records; give"
                        + " them with --test.");
        assertSays(
                () -> run("quantize lenet --mask attention_mask --test test"),
                "Network lenet has no input attention_mask to take as mask; it takes image float[batch,784].");
    }

    @Test
    void optionsThatWouldDoNothingAreRefused() {
        assertSays(
                () -> run("quantize lenet --method static --data test --percentile 99"),
                "Option percentile is 99.0, but calibration is min-max, which does not look at it; give calibration"
                        + " percentile, or leave percentile out.");
        assertSays(
                () -> run("quantize lenet --method mixed-precision --data test --max-drop 0.5"),
                "max-drop is 0.5, which is 50 percent; write 0.5% or 50%, whichever is meant.");
        assertSays(
                () -> run("prune lenet --method max-drop --data test --max-drop 0.5"),
                "max-drop is 0.5, which is 50 percent; write 0.5% or 50%, whichever is meant.");
    }

    @Test
    void dataToJudgeByIsLookedForBeforeTheWork() {
        assertSays(() -> run("quantize lenet --test tset"), "There is no variable tset.");
    }
}
