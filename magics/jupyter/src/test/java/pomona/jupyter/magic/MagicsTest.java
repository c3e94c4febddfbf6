package pomona.jupyter.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.djl.IdxDataset;
import pomona.evaluate.Evaluation;
import pomona.evaluate.EvaluationOptions;
import pomona.evaluate.Profile;
import pomona.evaluate.Sensitivity;
import pomona.fuse.ParallelFusion;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.jupyter.Networks;
import pomona.jupyter.TestKernel;
import pomona.onnx.Onnx;
import pomona.pass.Progress;
import pomona.prune.LampPruning;
import pomona.prune.MagnitudePruning;
import pomona.prune.Scope;
import pomona.prune.Selection;
import pomona.prune.ThresholdPruning;
import pomona.prune.ThresholdUnit;
import pomona.report.Report;
import pomona.safetensors.SafeTensors;
import tech.tablesaw.api.Table;

class MagicsTest {

    @TempDir
    Path folder;

    private final Network lenet = Networks.classifier("lenet", 1);
    private TestKernel kernel;

    private static final String METHODS =
            "magnitude, random, lamp, taylor, snip, optimal-brain-damage, wanda, sparse-gpt, movement";

    @BeforeEach
    void start() {
        kernel = new TestKernel();
        kernel.variables.put("lenet", lenet);
        kernel.variables.put("text", "some text");
    }

    @AfterEach
    void stop() {
        kernel.close();
    }

    private Network network(String line) throws Exception {
        return (Network) run(line);
    }

    private Object run(String line) throws Exception {
        List<String> words = List.of(line.split(" "));
        return kernel.magic(words.get(0), words.subList(1, words.size()).toArray(String[]::new));
    }

    private static void assertSays(ThrowingCallable call, String sentence) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
    }

    @Test
    void prunesAsTheRecordDoes() throws Exception {
        Network small = network("prune lenet --method magnitude --sparsity 0.9 --scope layer");

        assertThat(small).isEqualTo(lenet.apply(new MagnitudePruning(0.9, Scope.LAYER)));
        assertThat(small.provenance())
                .last()
                .hasToString(
                        "MagnitudePruning(sparsity=0.9, scope=layer, norm=l1, layers=*, granularity=weight, targets=none, minimumKept=0.0)");
        assertThat(network("prune lenet --sparsity=90%"))
                .isEqualTo(lenet.apply(new MagnitudePruning(0.9, Scope.GLOBAL)));
    }

    @Test
    void simplifiesAllOrByOneMethod() throws Exception {
        Network cluttered = lenet.toBuilder()
                .weight("spare", lenet.weight("w2"))
                .node("Identity", List.of("spare"), "unused")
                .build();
        kernel.variables.put("cluttered", cluttered);

        Network simple = network("simplify cluttered");

        assertThat(simple.nodes()).isEqualTo(lenet.nodes());
        assertThat(simple.weights()).doesNotContainKey("spare");
        assertThat(simple.provenance()).last().hasToString("AllFolding()");
        assertThat(network("simplify cluttered --method dead-node-elimination").nodes())
                .isEqualTo(lenet.nodes());
        assertSays(
                () -> run("simplify cluttered --method constants"),
                "simplify has no method constants; did you mean constant?");
    }

    @Test
    void theMethodMayStandAfterItsOptions() throws Exception {
        assertThat(network("prune lenet --threshold 0.05 --method threshold --unit absolute"))
                .isEqualTo(lenet.apply(new ThresholdPruning(0.05, ThresholdUnit.ABSOLUTE)));
    }

    @Test
    void namesTheResult() throws Exception {
        assertThat(network("prune --name small lenet").name()).isEqualTo("small");
    }

    @Test
    void fusesTheNetworksOfTheLine() throws Exception {
        Network b = Networks.classifier("b", 2);
        Network c = Networks.classifier("c", 3);
        kernel.variables.put("b", b);
        kernel.variables.put("c", c);

        Network expected = lenet.apply(new ParallelFusion(List.of(b, c)));

        assertThat(network("fuse lenet b c --method parallel")).isEqualTo(expected);
        assertThat(network("fuse lenet --peers b,c")).isEqualTo(expected);
    }

    @Test
    void exportsAndReadsBack() throws Exception {
        Path file = folder.resolve("new/folder/small.onnx");
        Path packed = folder.resolve("small.onnx.xz");

        assertThat(run("export lenet " + file)).isEqualTo(file);
        assertThat(run("export lenet " + packed)).isEqualTo(packed);

        assertThat(network("network " + file)).isEqualTo(Onnx.read(file));
        assertThat(network("network " + packed).weights()).isEqualTo(lenet.weights());
        kernel.variables.put("file", file);
        assertThat(network("network file --name other"))
                .isEqualTo(Onnx.read(file).named("other"));
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void showsHowFarTheCompressionOfALargeNetworkIs() throws Exception {
        kernel.variables.put(
                "large",
                lenet.toBuilder()
                        .weight("spare", Tensor.ofFloats(new float[5 << 20], 5, 1 << 20))
                        .build());
        Path packed = folder.resolve("large.onnx.xz");
        List<Long> done = new ArrayList<>();
        Progress.Listener before = Progress.listen(p -> {
            assertThat(p.task()).isEqualTo("write large.onnx.xz");
            assertThat(p.total()).isBetween(20L << 20, 21L << 20);
            done.add(p.done());
        });
        try {
            run("export large " + packed);
            run("export lenet " + folder.resolve("small.onnx.xz"));
        } finally {
            Progress.listen(before);
        }

        assertThat(done).hasSizeGreaterThan(10).isSorted().startsWith(0L);
        assertThat(done.get(done.size() - 1)).isGreaterThan(19L << 20);
        assertThat(Onnx.read(packed).weight("spare").size()).isEqualTo(5 << 20);
    }

    @Test
    void evaluatesOnRealDigits() throws Exception {
        IdxDataset test =
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(500);
        kernel.variables.put("test", test);

        Evaluation evaluation = (Evaluation) run("evaluate lenet --data test --runs 20 --warm-up 2 --name mine");

        assertThat(evaluation.records()).isEqualTo(500);
        assertThat(evaluation.network()).isEqualTo("mine");
        assertThat(evaluation.latency().runs()).isEqualTo(20);
        assertThat(evaluation.metrics())
                .isEqualTo(Evaluation.of(lenet, test, EvaluationOptions.DEFAULTS.withoutLatency())
                        .metrics());
        Evaluation untimed = (Evaluation) run("evaluate --latency=false lenet --data test");
        assertThat(untimed.latency().isMeasured()).isFalse();
    }

    @Test
    void sensitivityPrunesOneLayerAtATimeAndItsTargetsGoIntoPruning() throws Exception {
        IdxDataset test =
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(200);
        kernel.variables.put("test", test);

        Sensitivity scan = (Sensitivity) run("sensitivity lenet --data test --levels 0.5,0.9 --method lamp");

        String first = scan.layers().get(0);
        Network one = lenet.apply(new LampPruning(0.9, Selection.layers(first)));
        assertThat(scan.error(first, 0.9)).isEqualTo(Evaluation.errorPercent(one, test));
        assertThat(scan.baseline()).isEqualTo(Evaluation.errorPercent(lenet, test));
        kernel.variables.put("scan", scan);
        Network pruned = network("prune lenet --targets " + scan.targets(100).replace(", ", ","));
        assertThat(pruned.weight(first).countNonZeros())
                .isEqualTo(Math.round(0.1 * pruned.weight(first).size()));
        assertSays(
                () -> run("sensitivity lenet --data test --levels much"),
                "Level much is no number; levels are sparsities such as 0.5,0.7,0.8,0.9,0.95.");
        assertSays(
                () -> run("sensitivity lenet --data test --method channell"),
                "%sensitivity has no method channell; there is " + METHODS + ".");
        assertSays(
                () -> run("sensitivity lenet --data test --method lampp"),
                "%sensitivity has no method lampp; did you mean lamp?");
        assertSays(
                () -> run("sensitivity lenet --data test --levels 0.5,1.5"),
                "Sparsity 1.5 is out of range; it is from 0 up to but not including 1.");
    }

    @Test
    void sensitivitySaysWhatIsWrongBeforeItMeasures() {
        kernel.variables.put(
                "test",
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(10));
        List<Progress> measured = new ArrayList<>();
        Progress.Listener before = Progress.listen(measured::add);
        try {
            assertThatThrownBy(() -> run("sensitivity lenet --data test --method nope"))
                    .hasMessage("%sensitivity has no method nope; there is " + METHODS + ".");
            assertThatThrownBy(() -> run("sensitivity lenet --data test --levels 0.5,1.5"))
                    .isInstanceOf(IllegalArgumentException.class);
        } finally {
            Progress.listen(before);
        }
        assertThat(measured).isEmpty();
    }

    @Test
    void sensitivityQuantizesOneLayerAtATime() throws Exception {
        IdxDataset test =
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(200);
        kernel.variables.put("test", test);

        Sensitivity scan = (Sensitivity) run("sensitivity lenet --quantize --data test --method weights --levels 2,8");

        assertThat(scan.levels()).containsExactly(2.0, 8.0);
        assertThat(scan.isComplete()).isTrue();
        Sensitivity curvature = (Sensitivity) run("sensitivity lenet --quantize --data test --measure hessian");
        assertThat(curvature.measure().quantity()).isEqualTo("predicted rise of the loss");
        assertSays(
                () -> run("sensitivity lenet --quantize --data test --method lamp"),
                "--quantize has no method lamp; it takes one of static, dynamic, weight-only, int4, float16, weights.");
        assertSays(
                () -> run("sensitivity lenet --quantize --data test --measure loss"),
                "measure is loss; it takes one of error, noise, hessian.");
    }

    @Test
    void sensitivityGoesOnWhereItWasInterrupted() throws Exception {
        kernel.variables.put(
                "test",
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(100));
        String line = "sensitivity lenet --data test --levels 0.5,0.9";
        List<String> measured = new ArrayList<>();
        Progress.Listener before = Progress.listen(progress -> {
            if (progress.task().equals("sensitivity of lenet")
                    && !progress.isEnded()
                    && !progress.note().isEmpty()) {
                measured.add(progress.note());
                if (measured.size() == 1) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        try {
            assertThatThrownBy(() -> run(line))
                    .isInstanceOf(CancellationException.class)
                    .hasMessage("The scan of network lenet was interrupted after 1 of 4 measurements; run it again to"
                            + " go on from there.");
            Sensitivity scan = (Sensitivity) run(line);
            assertThat(scan.isComplete()).isTrue();
            assertThat(measured).hasSize(4).doesNotHaveDuplicates();
        } finally {
            Progress.listen(before);
        }
    }

    @Test
    void saysWhatIsWrongWithALine() {
        assertSays(() -> run("prune lenet --sparsty 0.9"), "%prune has no option --sparsty; did you mean --sparsity?");
        assertSays(
                () -> run("prune lenet --sparsity 1.5"),
                "Sparsity 1.5 is out of range; it is from 0 up to but not including 1.");
        assertSays(() -> run("prune lenet --sparsity much"), "sparsity is much; it takes a number.");
        assertSays(() -> run("prune lenet --scope all"), "scope is all; it takes one of global, layer, output.");
        assertSays(() -> run("prune lenet --method magnitud"), "prune has no method magnitud; did you mean magnitude?");
        assertSays(() -> run("prune"), "%prune needs NETWORK: the variable that holds the network.");
        assertSays(
                () -> run("prune lenet --sparsity"),
                "%prune needs --sparsity with a value: share of weights to be zero, from 0 up to but not including 1"
                        + " (default: 0.5).");
        assertSays(
                () -> run("prune lenet --sparsity 0.1 --sparsity 0.2"),
                "%prune was given --sparsity twice; give it once.");
        assertSays(() -> run("prune lenet other"), "%prune does not take other; %prune --help shows what it takes.");
        assertSays(
                () -> run("evaluate lenet"),
                "%evaluate needs --data with a value: the variable that holds the data set.");
    }

    @Test
    void saysWhichVariableIsMissingOrOfAnotherType() throws Exception {
        run("prune lenet");
        assertSays(() -> run("prune lenett"), "There is no variable lenett; did you mean lenet?");
        assertSays(() -> run("prune xyz"), "There is no variable xyz.");
        assertSays(
                () -> run("prune missing.onnx"),
                "missing.onnx is no variable; read the file first: Network net = %network missing.onnx");
        assertSays(() -> run("prune text"), "text is a String, but it takes a Network.");
        assertSays(() -> run("fuse lenet text"), "peers (text) is a String, but it takes a Network.");
        assertSays(() -> run("evaluate lenet --data text"), "text is a String, but it takes a RandomAccessDataset.");
        assertSays(
                () -> run("prune a-b"), "a-b is not the name of a variable; put other Java expressions into braces.");
    }

    @Test
    void saysWhatIsWrongWithAFile() throws Exception {
        Path notOnnx = folder.resolve("a.onnx");
        Files.writeString(notOnnx, "not ONNX at all");

        assertSays(() -> run("network " + notOnnx), notOnnx + " is not an ONNX file: it is a text.");
        assertSays(
                () -> run("export lenet " + notOnnx + "/"),
                "There is a file " + notOnnx + "; a model folder needs a name that no file has.");
        assertSays(
                () -> run("network missing.onnx"),
                "There is no file missing.onnx; give the path of an .onnx or .onnx.xz file.");
        assertSays(
                () -> run("export lenet small.pt"),
                "%export writes files that end in .onnx, .onnx.xz or .safetensors, and a folder for DJL when the path"
                        + " ends in /; it was given small.pt.");
    }

    @Test
    void saysWhichFilesANetworkIsReadFrom() throws Exception {
        String rest = " is not an ONNX file; %network reads .onnx and .onnx.xz files, and folders with one of them; of"
                + " others, TorchScript.read makes a network of a .pt file, and SafeTensors.read gives the weights of a"
                + " .safetensors file.";
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Path weights = (Path) run("export lenet " + folder.resolve("w.safetensors"));

        assertSays(() -> run("network pom.xml"), "pom.xml" + rest);
        assertSays(() -> run("network " + weights), weights + rest);
        assertSays(
                () -> run("network " + empty),
                "Folder " + empty + " has 0 files that end in .onnx or .onnx.xz; give the path of one of them.");
    }

    @Test
    void exportsWeightsAndAFolderForDjl() throws Exception {
        Path weights = folder.resolve("new/w.safetensors");
        Path served = folder.resolve("served");

        assertThat(run("export lenet " + weights)).isEqualTo(weights);
        assertThat(SafeTensors.read(weights)).containsExactlyInAnyOrderEntriesOf(lenet.weights());
        assertThat(run("export lenet " + served + "/")).isEqualTo(served);
        assertThat(network("network " + served).weights()).isEqualTo(lenet.weights());
        assertThat(served.resolve("serving.properties")).exists();
        assertThat(run("export lenet " + served)).isEqualTo(served);
    }

    @Test
    void profilesLayerByLayer() throws Exception {
        Table one = (Table) run("profile lenet");
        Table many = (Table) run("profile lenet --sizes batch=10");
        Table timed = (Table) run("profile lenet --sizes batch=10 --times");

        assertThat(one.columnNames()).isEqualTo(Report.profile(lenet).columnNames());
        assertThat(many.longColumn("MACs").get(0))
                .isEqualTo(10 * one.longColumn("MACs").get(0));
        assertThat(timed.longColumn("MACs").asList())
                .isEqualTo(many.longColumn("MACs").asList());
        assertThat(timed.doubleColumn("µs").getDouble(timed.rowCount() - 1)).isPositive();
        kernel.variables.put("ten", Profile.of(lenet, Map.of("batch", 10L)));
        assertThat(kernel.getRenderer().render(kernel.variables.get("ten")).getData(MIMEType.TEXT_PLAIN))
                .isEqualTo(kernel.getRenderer().render(many).getData(MIMEType.TEXT_PLAIN));
        assertSays(() -> run("profile lenet --sizes bach=1"), "Network lenet has no size bach; it has batch.");
        assertSays(
                () -> run("profile lenet --sizes 10"),
                "sizes is 10; it takes names with whole numbers, such as batch=1,sequence=64.");
        assertSays(
                () -> run("profile lenet --sizes batch=ten"),
                "sizes is batch=ten; it takes names with whole numbers, such as batch=1,sequence=64.");
    }

    @Test
    void helpOfOneMethodListsItsOptionsAlone() throws Exception {
        String help = printed("prune", "--method", "threshold", "--help");

        assertThat(help)
                .startsWith("Usage: %prune ")
                .contains("--threshold=NUMBER")
                .doesNotContain("--sparsity", "Options of --method")
                .endsWith("\n%prune --help lists the options of every method.\n");
        assertThat(printed("quantize", "lenet", "--scheme", "static", "--help")).contains("--calibration=");
        assertSays(() -> run("prune --method lam --help"), "prune has no method lam; did you mean lamp?");
    }

    @Test
    void optionsTellTheMethod() throws Exception {
        assertThat(network("prune lenet --threshold=0.1 --unit absolute"))
                .isEqualTo(lenet.apply(new ThresholdPruning(0.1, ThresholdUnit.ABSOLUTE)));
        kernel.variables.put(
                "validation",
                IdxDataset.test(Path.of("../../notebooks/data/mnist")).flat().limit(200));
        Network pruned = network("prune lenet --max-drop 0.5% --data validation --name small");
        assertThat(pruned.provenance().get(pruned.provenance().size() - 1).toString())
                .startsWith("MaxDropPruning(maxDrop=0.005, ")
                .contains("found=sparsity ", "validationError=");
    }

    @Test
    void saysWhoseOptionItIs() {
        assertSays(
                () -> run("quantize lenet --method dynamic --calibration entropy"),
                "%quantize --method dynamic has no option --calibration; it is an option of static.");
        assertSays(
                () -> run("prune lenet --method magnitude --threshold=0.1"),
                "%prune --method magnitude has no option --threshold; it is an option of threshold.");
    }

    @Test
    void helpListsEveryMethodWithItsOptions() throws Exception {
        String help = printed("prune", "--help");

        assertThat(help.replaceAll("\\s+", " "))
                .contains("; if not given, the first, or the only one with the options that are");
        assertThat(help)
                .contains("Usage: %prune ", "Removes the weights that matter least.")
                .contains("the technique: magnitude, threshold, random, lamp, taylor, snip,")
                .contains("Options of --method magnitude:\n      --sparsity=NUMBER")
                .contains("--scope=global|layer")
                .contains("Options of --method threshold:\n      --threshold=NUMBER");
        assertThat(printed("sensitivity", "--help"))
                .contains("how weights are chosen: magnitude, random, lamp")
                .doesNotContain("channel", "max-drop");
        assertThat(printed("evaluate", "-h")).contains("--batch-size=N", "(default: 256)", "--latency[=true|false]");
        assertThat(printed("export", "lenet", "--help")).contains("Usage: %export [-h] NETWORK FILE");
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
}
