package pomona.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.Networks;
import pomona.djl.Djl;
import pomona.djl.RuntimeSession;
import pomona.djl.Tensors;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.prune.MagnitudePruning;

class TorchScriptTest {

    private static final Path FILES = Path.of("src/test/resources/pomona/torchscript");

    @TempDir
    Path folder;

    static Stream<Arguments> models() {
        Value image = Value.of("image", ElementType.FLOAT, "batch", 3, 16, 16);
        Value ids = Value.of("ids", ElementType.INT64, "batch", "length");
        Value mask = Value.of("mask", ElementType.INT64, "batch", "length");
        return Stream.of(
                Arguments.of("cnn", List.of(image), List.of(Networks.uniform(1, -1, 1, 3, 3, 16, 16))),
                Arguments.of(
                        "mlp",
                        List.of(Value.of("x", ElementType.FLOAT, "batch", 12)),
                        List.of(Networks.uniform(2, -2, 2, 5, 12))),
                Arguments.of("encoder", List.of(ids, mask), List.of(ids(3, 11), mask(3, 11))),
                Arguments.of("vit", List.of(image), List.of(Networks.uniform(3, -1, 1, 5, 3, 16, 16))),
                Arguments.of(
                        "inplace",
                        List.of(Value.of("x", ElementType.FLOAT, "batch", 6, 8)),
                        List.of(Networks.uniform(4, -2, 2, 5, 6, 8))),
                Arguments.of(
                        "functions",
                        List.of(Value.of("x", ElementType.FLOAT, "batch", 6, 8, 8)),
                        List.of(Networks.uniform(5, -2, 2, 3, 6, 8, 8))),
                Arguments.of(
                        "recurrent",
                        List.of(Value.of("x", ElementType.FLOAT, "batch", "length", 5)),
                        List.of(Networks.uniform(6, -1, 1, 3, 9, 5))),
                Arguments.of("bert", List.of(ids, mask), List.of(ids(3, 11), mask(3, 11))),
                Arguments.of("distilbert", List.of(ids, mask), List.of(ids(3, 11), mask(3, 11))),
                Arguments.of("t5", List.of(ids, mask), List.of(ids(3, 11), mask(3, 11))),
                Arguments.of("swin", List.of(image), List.of(Networks.uniform(7, -1, 1, 5, 3, 16, 16))));
    }

    /** In other sizes than the models were traced with. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void aNetworkGivesWhatPyTorchGives(String name, List<Value> inputs, List<Tensor> feeds) throws Exception {
        Path file = FILES.resolve(name + ".pt");
        Network network = TorchScript.read(file, inputs.toArray(Value[]::new));
        List<Tensor> expected = pytorch(file, feeds);
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < feeds.size(); i++) {
            named.put(inputs.get(i).name(), feeds.get(i));
        }
        try (RuntimeSession session = RuntimeSession.open(network)) {
            List<Tensor> actual = List.copyOf(session.run(named).values());
            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i).shape()).isEqualTo(expected.get(i).shape());
                assertThat(actual.get(i).toFloatArray())
                        .containsExactly(expected.get(i).toFloatArray(), within(2e-6f));
            }
        }
    }

    @Test
    void namesWeightsAndLayersAsPyTorchDoes() {
        Network cnn =
                TorchScript.read(FILES.resolve("cnn.pt"), Value.of("image", ElementType.FLOAT, "batch", 3, 16, 16));

        assertThat(cnn.name()).isEqualTo("cnn");
        assertThat(cnn.signature().inputs()).hasToString("[image float[batch,3,16,16]]");
        assertThat(cnn.weights().keySet())
                .contains("stem.0.weight", "stem.1.running_mean", "depth.3.down.bias", "head.weight");
        assertThat(LayerWeight.of(cnn).stream().map(LayerWeight::layer))
                .containsExactly("stem.0", "depth.0", "depth.3.down", "depth.3.up", "up", "head");
        assertThat(cnn.weight("head.weight").data().isDirect()).isTrue();
    }

    @Test
    void prunedWeightsGoBackIntoTheModel() throws Exception {
        Path file = FILES.resolve("cnn.pt");
        Value image = Value.of("image", ElementType.FLOAT, "batch", 3, 16, 16);
        Network pruned = TorchScript.read(file, image).apply(new MagnitudePruning(0.7));
        Path saved = TorchScript.write(file, pruned.weights(), folder.resolve("deep/pruned.pt"));

        Map<String, Tensor> before = TorchScript.weights(file);
        Map<String, Tensor> after = TorchScript.weights(saved);
        assertThat(after.keySet()).isEqualTo(before.keySet());
        assertThat(after.get("head.weight")).isEqualTo(pruned.weight("head.weight"));
        assertThat(after.get("stem.1.bias")).isEqualTo(before.get("stem.1.bias"));
        assertThat(Files.size(saved)).isEqualTo(Files.size(file));
        Tensor input = Networks.uniform(1, -1, 1, 3, 3, 16, 16);
        try (RuntimeSession session = RuntimeSession.open(pruned)) {
            assertThat(session.run(input).toFloatArray())
                    .containsExactly(pytorch(saved, List.of(input)).get(0).toFloatArray(), within(2e-6f));
        }
        // The checksums are right, which other readers of zip files look at.
        try (var zip = new java.util.zip.ZipFile(saved.toFile())) {
            for (var entry : java.util.Collections.list(zip.entries())) {
                assertThat(zip.getInputStream(entry).readAllBytes()).hasSize((int) entry.getSize());
            }
        }
    }

    /** The same weights by DJL's own parameters, changed in place and saved. */
    @Test
    void weightPassesWorkOnModelsThatDjlLoaded() throws Exception {
        Path file = FILES.resolve("cnn.pt").toAbsolutePath();
        Network pruned = TorchScript.read(file, Value.of("image", ElementType.FLOAT, "batch", 3, 16, 16))
                .apply(new MagnitudePruning(0.7));
        Path saved = TorchScript.write(file, pruned.weights(), folder.resolve("pruned.pt"));
        Tensor input = Networks.uniform(1, -1, 1, 3, 3, 16, 16);
        float[] expected = pytorch(saved, List.of(input)).get(0).toFloatArray();
        try (Model model = Model.newInstance("cnn", Device.cpu(), "PyTorch");
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            model.load(file.getParent(), "cnn.pt", Map.of("trainParam", "true"));
            assertThat(Djl.weights(model).get("head.weight"))
                    .isEqualTo(TorchScript.weights(file).get("head.weight"));
            Djl.setWeights(model, pruned.weights());
            assertThat(Djl.weights(model).get("head.weight")).isEqualTo(pruned.weight("head.weight"));
            NDArray output = model.getBlock()
                    .forward(new ParameterStore(manager, false), new NDList(Tensors.toArray(input, manager)), false)
                    .head();
            assertThat(output.toFloatArray()).containsExactly(expected, within(1e-6f));
            TorchScript.write(file, Djl.weights(model), folder.resolve("by-djl.pt"));
            assertThatThrownBy(() -> Djl.setWeights(model, Map.of("head.bias", Tensor.scalar(1f))))
                    .hasMessage("Parameter head.bias of model cnn is float32(5); it was given float[].");
        }
        Path byDjl = folder.resolve("by-djl.pt");
        assertThat(TorchScript.weights(byDjl).get("head.weight")).isEqualTo(pruned.weight("head.weight"));
        assertThat(pytorch(byDjl, List.of(input)).get(0).toFloatArray()).containsExactly(expected, within(1e-6f));
        try (Model empty = Model.newInstance("empty", Device.cpu(), "PyTorch")) {
            assertThatThrownBy(() -> Djl.weights(empty))
                    .hasMessage("Model empty has no parameters that can be reached; initialize its block, or load a"
                            + " TorchScript model with the option trainParam=true.");
        }
    }

    @Test
    void weightsOfModelsThatBranchAreReadAndWritten() {
        Path file = FILES.resolve("branching.pt");
        Map<String, Tensor> weights = TorchScript.weights(file);
        assertThat(weights.keySet()).containsExactly("fc.weight", "fc.bias");
        Tensor ones = Tensor.ofFloats(new float[] {1, 1, 1, 1}, 4);
        Path saved = TorchScript.write(file, Map.of("fc.bias", ones), folder.resolve("ones.pt"));
        assertThat(TorchScript.weights(saved))
                .containsEntry("fc.bias", ones)
                .containsEntry("fc.weight", weights.get("fc.weight"));
    }

    @Test
    void stateDictionariesAreReadAsWeights() {
        Map<String, Tensor> weights = TorchScript.weights(FILES.resolve("state.pt"));
        assertThat(weights.keySet())
                .containsExactly(
                        "0.weight",
                        "0.bias",
                        "1.weight",
                        "1.bias",
                        "1.running_mean",
                        "1.running_var",
                        "1.num_batches_tracked");
        assertThat(weights.get("0.weight").toFloatArray())
                .containsExactly(
                        new float[] {0.0403251f, -0.3477921f, 0.1838418f, 0.1811613f, -0.3085804f, -0.0865316f},
                        within(1e-6f));
        assertThat(weights.get("1.running_var").toFloatArray()).containsExactly(1, 1);
        assertThat(weights.get("1.num_batches_tracked")).isEqualTo(Tensor.scalar(0L));
        Map<String, Tensor> checkpoint = TorchScript.weights(FILES.resolve("checkpoint.pt"));
        weights.forEach((name, tensor) -> assertThat(checkpoint).containsEntry("model." + name, tensor));
        assertThat(checkpoint.get("scale").toFloatArray()).containsExactly(1, 1);
        assertThat(checkpoint).hasSize(weights.size() + 1);
        Tensor ones = Tensor.ofFloats(new float[] {1, 1}, 2);
        Path saved = TorchScript.write(FILES.resolve("state.pt"), Map.of("0.bias", ones), folder.resolve("ones.pt"));
        assertThat(TorchScript.weights(saved))
                .containsEntry("0.bias", ones)
                .containsEntry("0.weight", weights.get("0.weight"));
    }

    @Test
    void saysWhatTorchSaveWrote() {
        Value x = Value.of("x", ElementType.FLOAT, "batch", 3);
        Path state = FILES.resolve("state.pt");
        assertThatThrownBy(() -> TorchScript.read(state, x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        state + " can not become a network: it holds weights alone, as torch.save writes them, and no"
                                + " code; save torch.jit.trace(model, example) instead.");
        Path whole = FILES.resolve("whole.pt");
        for (Runnable reading : List.<Runnable>of(() -> TorchScript.weights(whole), () -> TorchScript.read(whole, x))) {
            assertThatThrownBy(reading::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            whole + " is not a TorchScript model: it holds Python objects as torch.save writes them,"
                                    + " without code and without a dictionary of tensors; save torch.jit.trace(model, example)"
                                    + " for a network, or torch.save(model.state_dict()) for its weights.");
        }
    }

    @Test
    void saysWhatToDoWithScriptedModelsThatCallThemselves() {
        Path calling = FILES.resolve("calling.pt");
        Value x = Value.of("x", ElementType.INT64, "batch", 3);
        assertThatThrownBy(() -> TorchScript.read(calling, x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith(
                        "it calls another function of its own, which traced models do not; trace the model"
                                + " instead of scripting it.");
    }

    @Test
    void refusesWhatItCanNotDo() throws Exception {
        Path branching = FILES.resolve("branching.pt");
        Value x = Value.of("x", ElementType.FLOAT, "batch", 4);
        assertThatThrownBy(() -> TorchScript.read(branching, x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(branching + " can not become a network: code/__torch__.py, line 9: it has the statement if,"
                        + " but a network neither branches nor loops; trace the model instead of scripting it.");
        assertThatThrownBy(() -> TorchScript.read(FILES.resolve("encoder.pt"), x))
                .hasMessage(FILES.resolve("encoder.pt") + " can not become a network: its forward takes 2 inputs, ids,"
                        + " mask, but 1 were described; describe each with its type and shape.");
        Path functions = FILES.resolve("functions.pt");
        Value unknown = Value.of("x", ElementType.FLOAT, "batch", 6, "height", 8);
        assertThatThrownBy(() -> TorchScript.read(functions, unknown))
                .hasMessage(functions + " can not become a network: code/__torch__.py, line 18: it calls"
                        + " torch.adaptive_avg_pool2d for the size [4, 3], which needs an input of known size; describe"
                        + " it with numbers for all dimensions but the batch.");
        Path apart = FILES.resolve("apart.pt");
        Value halves = Value.of("x", ElementType.FLOAT, "batch", 6, 8);
        assertThatThrownBy(() -> TorchScript.read(apart, halves))
                .hasMessage(apart + " can not become a network: code/__torch__.py, line 8: it calls torch.chunk on a"
                        + " tensor that shares its memory with one that is changed in place, which is not understood.");
        Tensor wrong = Tensor.ofFloats(new float[3], 3);
        assertThatThrownBy(() -> TorchScript.write(branching, Map.of("fc.bias", wrong), folder.resolve("x.pt")))
                .hasMessage("Weight fc.bias of the model has the type float and the shape [4]; it was given float[3].");
        assertThatThrownBy(() -> TorchScript.write(branching, Map.of("fc", wrong), folder.resolve("x.pt")))
                .hasMessage("None of the 1 weights given is one of the model, which has fc.weight, fc.bias.");
        assertThatThrownBy(() -> TorchScript.weights(Path.of("none.pt")))
                .hasMessage("There is no file none.pt; give the path of a .pt file.");
        Path text = Files.writeString(folder.resolve("text.pt"), "hello, this is text, and no model");
        assertThatThrownBy(() -> TorchScript.weights(text))
                .hasMessage(text + " is not a TorchScript model: it is not a zip file, or it is cut short.");
        assertThat(folder).isDirectoryNotContaining(path -> path.toString().endsWith("x.pt"));
    }

    private static List<Tensor> pytorch(Path file, List<Tensor> feeds) throws Exception {
        try (Model model = Model.newInstance("model", Device.cpu(), "PyTorch");
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            model.load(file.toAbsolutePath().getParent(), file.getFileName().toString());
            NDList inputs = new NDList();
            for (Tensor feed : feeds) {
                inputs.add(Tensors.toArray(feed, manager));
            }
            NDList outputs = model.getBlock().forward(new ParameterStore(manager, false), inputs, false);
            return outputs.stream().map((NDArray array) -> Tensors.of(array)).toList();
        }
    }

    private static Tensor ids(int batch, int length) {
        Random random = new Random(5);
        return Tensor.ofLongs(random.longs((long) batch * length, 0, 50).toArray(), batch, length);
    }

    private static Tensor mask(int batch, int length) {
        long[] mask = new long[batch * length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = i % length < length - i / length ? 1 : 0;
        }
        return Tensor.ofLongs(mask, batch, length);
    }
}
