package pomona.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.graph.Tensor;

class OnnxTest {

    private static final Path FILES = Path.of("src/test/resources/pomona/onnx");

    @TempDir
    Path folder;

    @Test
    void readsWhatPythonWrote() {
        Network rich = Onnx.read(FILES.resolve("rich.onnx"));

        assertThat(rich.name()).isEqualTo("rich");
        assertThat(rich.signature()).hasToString("(x float[batch,4], flag bool[]) -> (out float[batch,2])");
        assertThat(rich.opsets()).isEqualTo(Map.of("", 17L, "pomona.test", 1L));
        assertThat(rich.metadata()).containsEntry("author", "Pomona's tests");
        assertThat(rich.weight("w")).isEqualTo(Tensor.ofFloats(new float[] {0, 1, 2, 3, 4, 5, 6, 7}, 4, 2));
        assertThat(rich.weight("half").toFloatArray()).containsExactly(0f, 0.33325195f, 0.6665039f);
        assertThat(rich.weight("names").strings()).containsExactly("cat", "dog");
        // The weight of few non-zeros is the first operator.
        assertThat(rich.nodes().get(0).attributes().get("sparse_value")).isInstanceOf(Attribute.Other.class);
        assertThat(rich.nodes().get(2).attributes().get("then_branch")).isInstanceOf(Attribute.Subgraph.class);
        assertThat(rich.nodes().get(3).real("alpha", 0)).isEqualTo(0.1f);
        assertThat(rich.nodes().get(4).domain()).isEqualTo("pomona.test");
    }

    /** Field by field equality with the file that Python wrote. */
    @Test
    void keepsWhatItDoesNotModel() throws Exception {
        for (String name : List.of("rich.onnx", "old.onnx")) {
            ModelProto before = ModelProto.parseFrom(Files.readAllBytes(FILES.resolve(name)));
            ModelProto after = ModelProto.parseFrom(Onnx.bytes(Onnx.read(FILES.resolve(name))));

            assertThat(after).as(name).isEqualTo(before);
        }
    }

    @Test
    void writesAndReadsBackTheSameNetwork() {
        Network rich =
                Onnx.read(FILES.resolve("rich.onnx")).withStep(new Step("MagnitudePruning", Map.of("sparsity", "0.9")));

        for (String name : List.of("deep/er/copy.onnx", "copy.onnx.xz")) {
            Path file = Onnx.write(rich, folder.resolve(name));
            assertThat(Onnx.read(file)).isEqualTo(rich);
            assertThat(Onnx.read(file).provenance()).hasToString("[MagnitudePruning(sparsity=0.9)]");
        }
        assertThat(Onnx.size(rich)).isEqualTo(Onnx.bytes(rich).length);
    }

    /** What an exporter calls every graph tells nothing; the file keeps it, byte by byte. */
    @Test
    void namesAGraphOfAGenericNameByItsFile() throws Exception {
        ModelProto rich = ModelProto.parseFrom(Files.readAllBytes(FILES.resolve("rich.onnx")));
        for (String name : List.of("main_graph", "torch-jit-export", "torch_jit", "main", "graph", "empty")) {
            ModelProto.Builder exported = rich.toBuilder();
            exported.getGraphBuilder().setName(name);
            byte[] bytes = exported.build().toByteArray();
            Path file = Files.write(folder.resolve("encoder.onnx"), bytes);
            Network network = Onnx.read(file);

            assertThat(network.name()).as(name).isEqualTo("encoder");
            assertThat(Onnx.read(bytes, "given").name()).isEqualTo("given");
            assertThat(Onnx.bytes(network)).as(name).isEqualTo(bytes);
            assertThat(Files.readAllBytes(Onnx.write(network, folder.resolve("copy.onnx"))))
                    .isEqualTo(bytes);
            assertThat(Onnx.read(folder.resolve("copy.onnx")).name()).isEqualTo("copy");
            assertThat(ModelProto.parseFrom(Onnx.bytes(network.named("mine")))
                            .getGraph()
                            .getName())
                    .isEqualTo("mine");
            assertThat(ModelProto.parseFrom(Onnx.bytes(network.withStep(new Step("Something", Map.of()))))
                            .getGraph()
                            .getName())
                    .isEqualTo(name);
        }
    }

    @Test
    void aNetworkThatWasBuiltHereKeepsItsName() {
        Network built = Network.builder("main")
                .input("x", "batch", 2)
                .node("Relu", List.of("x"), "y")
                .output("y", "batch", 2)
                .build();

        Network read = Onnx.read(Onnx.write(built, folder.resolve("other.onnx")));

        assertThat(read.name()).isEqualTo("main");
        assertThat(Onnx.bytes(read)).isEqualTo(Onnx.bytes(built));
    }

    @Test
    void leavesNoTemporaryFile() throws Exception {
        Onnx.write(Onnx.read(FILES.resolve("rich.onnx")), folder.resolve("a.onnx"));

        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactly("a.onnx");
        }
    }

    @Test
    void mapsExternalData() {
        Network external = Onnx.read(FILES.resolve("external.onnx"));

        assertThat(external.weight("w").shape()).containsExactly(8, 16);
        assertThat(external.weight("w").data().isDirect()).isTrue();
        assertThat(external.weight("b").toFloatArray()).hasSize(8).doesNotContain(0f);
        assertThat(Onnx.read(Onnx.bytes(external), "inside").weight("w")).isEqualTo(external.weight("w"));
    }

    @Test
    void refusesExternalDataOutsideTheFolder() {
        assertThatThrownBy(() -> Onnx.read(FILES.resolve("escaping.onnx")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("escaping.onnx is not a valid ONNX file: weight w: its data is said to be in"
                        + " ../external.bin, outside of the network's folder, which is refused.");
    }

    @Test
    void saysThatThereIsNoFile() {
        assertThatThrownBy(() -> Onnx.read(Path.of("nowhere.onnx")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no file nowhere.onnx; give the path of an .onnx or .onnx.xz file.");
        assertThatThrownBy(() -> Onnx.read(folder))
                .hasMessage(folder + " is a folder; give the path of an .onnx or .onnx.xz file.");
    }

    @Test
    void saysThatAFileIsNotOnnx() throws Exception {
        Map<String, String> contents = Map.of(
                "", ": it is empty.",
                "hello, this is text", ": it is a text.",
                "{\"json\": true}", ": it is a text.",
                "\n<!DOCTYPE html>\n<html><body>Not found</body></html>", ": it is a page of HTML or XML.",
                "version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
                        ": it is a pointer of Git LFS to the file; git lfs pull fetches the file itself.",
                "PK\3\4", ": it is a zip file, as PyTorch's .pt files are; TorchScript.read makes networks of those.",
                "\0\0\0\0", ".");
        for (Map.Entry<String, String> content : contents.entrySet()) {
            Path file = Files.writeString(folder.resolve("text.onnx"), content.getKey());
            assertThatThrownBy(() -> Onnx.read(file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(file + " is not an ONNX file" + content.getValue());
        }
        Path compressed = Files.writeString(folder.resolve("text.onnx.xz"), "hello, this is text");
        assertThatThrownBy(() -> Onnx.read(compressed))
                .hasMessage(compressed + " is not an .xz file, or it is damaged.");
        for (String content : List.of("", "text", "seven b")) {
            Path small = Files.writeString(folder.resolve("small.onnx.xz"), content);
            assertThatThrownBy(() -> Onnx.read(small)).hasMessage(small + " is not an .xz file.");
        }
    }

    @Test
    void saysThatAFileIsCutShort() throws Exception {
        byte[] whole = Files.readAllBytes(FILES.resolve("rich.onnx"));
        ModelProto model = ModelProto.parseFrom(whole);
        int afterGraph = model.toBuilder().clearGraph().build().getSerializedSize();
        // A file cut between two of its last fields is whole to any reader; up to its graph it is not.
        for (int length = 12; length < whole.length - afterGraph; length += 7) {
            Path file = Files.write(folder.resolve("cut.onnx"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Onnx.read(file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .message()
                    .isIn(
                            file + " is not a whole ONNX file: its " + length + " bytes end too early or are damaged.",
                            file + " is not an ONNX file.");
        }
        Path compressed = Onnx.write(Onnx.read(FILES.resolve("rich.onnx")), folder.resolve("whole.onnx.xz"));
        Files.write(compressed, Arrays.copyOf(Files.readAllBytes(compressed), 200));
        assertThatThrownBy(() -> Onnx.read(compressed))
                .hasMessage(compressed + " is cut short: its compressed data has no end.");
    }

    @Test
    void refusesOtherSuffixes() {
        Network rich = Onnx.read(FILES.resolve("rich.onnx"));
        Path file = folder.resolve("network.bin");

        assertThatThrownBy(() -> Onnx.write(rich, file))
                .hasMessage("A network is written to a file that ends in .onnx or .onnx.xz, not to " + file + ".");
        assertThat(file).doesNotExist();
    }

    @Test
    void refusesAWeightWhoseBytesDoNotFit() throws Exception {
        ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(FILES.resolve("old.onnx"))).toBuilder();
        model.getGraphBuilder().getInitializerBuilder(0).addDims(1L << 40).addDims(1L << 40);
        Path file = Files.write(folder.resolve("huge.onnx"), model.build().toByteArray());

        assertThatThrownBy(() -> Onnx.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + " is not a valid ONNX file: weight w: ");
    }

    @Test
    void buildsAFileFromNothing() {
        Network net = Network.builder("tiny")
                .input("x", "batch", 2)
                .weight("w", Tensor.ofBytes(ElementType.INT8, new byte[] {1, -2}, 2, 1))
                .node("Cast", List.of("w"), "wf")
                .nodes(List.of(
                        pomona.graph.Node.of("Cast", "cast", List.of("w"), "wf").with("to", Attribute.of(1)),
                        pomona.graph.Node.of("MatMul", "mm", List.of("x", "wf"), "y")))
                .output("y", "batch", 1)
                .build();

        assertThat(Onnx.read(Onnx.bytes(net), "tiny"))
                .usingRecursiveComparison()
                .comparingOnlyFields("opsets", "provenance")
                .isEqualTo(net);
        assertThat(Onnx.read(Onnx.bytes(net), "tiny").nodes()).isEqualTo(net.nodes());
        assertThat(Onnx.read(Onnx.bytes(net), "tiny").weights()).isEqualTo(net.weights());
    }
}
