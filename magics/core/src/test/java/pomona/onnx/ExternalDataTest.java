package pomona.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Equality;
import pomona.Networks;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Tensor;

class ExternalDataTest {

    private static final Path FILES = Path.of("src/test/resources/pomona/onnx");

    @TempDir
    Path folder;

    @Test
    void writesWeightsBesideTheModel() throws Exception {
        Network lenet = Networks.lenet300();
        Path file = Onnx.writeExternal(lenet, folder.resolve("lenet.onnx"));

        assertThat(names()).containsExactly("lenet.onnx", "lenet.onnx.data");
        assertThat(Files.size(file)).isLessThan(2000);
        Network read = Onnx.read(file);
        assertThat(read.weights()).isEqualTo(lenet.weights());
        assertThat(read.weight("fc1.weight").data().isDirect()).isTrue();
        // The last bias has 40 bytes, which stay in the model.
        assertThat(read.weight("fc3.bias").data().isDirect()).isFalse();
        assertThat(Equality.run(read, Equality.feeds(lenet))).isEqualTo(Equality.run(lenet, Equality.feeds(lenet)));
        Network small = Network.builder("small").build();
        assertThat(Onnx.read(Onnx.writeExternal(small, folder.resolve("small.onnx")))
                        .weights())
                .isEmpty();
    }

    @Test
    void aStreamOfTheDataIsTheFile() throws Exception {
        Network mixed = Networks.mlp(37, 41, 53).toBuilder()
                .weight("page", Networks.random(1, 9, 513, 512))
                .weight("again", Networks.random(2, 9, 513, 512))
                .build();
        Onnx.writeExternal(mixed, folder.resolve("mixed.onnx"));
        ExternalData data = new ExternalData("mixed.onnx.data");
        ModelWriter.write(mixed, data);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        data.write(out);

        assertThat(out.size()).isEqualTo((int) data.size());
        assertThat(out.toByteArray()).isEqualTo(Files.readAllBytes(folder.resolve("mixed.onnx.data")));
    }

    @Test
    void replacesAModelAndItsData() throws Exception {
        Path file = Onnx.writeExternal(Networks.mlp(20, 30), folder.resolve("net.onnx"));
        Network old = Onnx.read(file);
        Onnx.writeExternal(Networks.mlp(40, 50), file);

        assertThat(names()).containsExactly("net.onnx", "net.onnx.data");
        assertThat(Onnx.read(file).weight("fc1.weight").shape()).containsExactly(50, 40);
        // What was read before is as it was.
        assertThat(old.weights()).isEqualTo(Networks.mlp(20, 30).weights());
        assertThatThrownBy(() -> Onnx.writeExternal(old, folder.resolve("net.onnx.xz")))
                .hasMessage("A network with its weights beside it is written to a file that ends in .onnx, not to "
                        + folder.resolve("net.onnx.xz") + ".");
    }

    @Test
    void readsSeveralFiles() throws Exception {
        Path file = moved(model -> {
            model.getGraphBuilder()
                    .getInitializerBuilder(0)
                    .getExternalDataBuilder(0)
                    .setValue("deep/w.bin");
            model.getGraphBuilder()
                    .getInitializerBuilder(1)
                    .getExternalDataBuilder(0)
                    .setValue("b.bin");
        });
        Files.createDirectory(folder.resolve("deep"));
        Files.copy(FILES.resolve("external.bin"), folder.resolve("deep/w.bin"));
        Files.copy(FILES.resolve("external.bin"), folder.resolve("b.bin"));

        assertThat(Onnx.read(file).weights())
                .isEqualTo(Onnx.read(FILES.resolve("external.onnx")).weights());
    }

    @Test
    void refusesLinksThatLeaveTheFolder() throws Exception {
        Path inside = Files.createDirectory(folder.resolve("inside"));
        Path secret = Files.copy(FILES.resolve("external.bin"), folder.resolve("secret.bin"));
        Path file = Files.copy(FILES.resolve("external.onnx"), inside.resolve("external.onnx"));
        Files.createSymbolicLink(inside.resolve("external.bin"), secret);

        assertThatThrownBy(() -> Onnx.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + " is not a valid ONNX file: weight w: its data is said to be in external.bin,"
                        + " outside of the network's folder, which is refused.");
        Files.delete(inside.resolve("external.bin"));
        Files.move(secret, inside.resolve("other.bin"));
        Files.createSymbolicLink(inside.resolve("external.bin"), Path.of("other.bin"));
        assertThat(Onnx.read(file).weights()).hasSize(2);
    }

    @Test
    void refusesPlacesThatAreNotInTheFile() throws Exception {
        refused(
                m -> entry(m, "offset", "1e3"),
                "the offset of its data is said to be 1e3; it is a number of bytes, 0 or more.");
        refused(
                m -> entry(m, "length", "-1"),
                "the length of its data is said to be -1; it is a number of bytes, 0 or more.");
        refused(
                m -> entry(m, "length", "9223372036854775807"),
                "it asks for 9223372036854775807 bytes from 0 on, but external.bin has 544.");
        refused(
                m -> entry(m, "offset", "9223372036854775807"),
                "it asks for 512 bytes from 9223372036854775807 on, but external.bin has 544.");
        refused(
                m -> entry(m, "location", ""),
                "its data is said to be in , outside of the network's folder, which is refused.");
        refused(
                m -> entry(m, "location", "none.bin"),
                "its data is in the file " + folder.resolve("none.bin") + ", which is not there.");
        refused(
                m -> entry(m, "location", "/etc/passwd"),
                "its data is said to be in /etc/passwd, outside of the network's folder, which is refused.");
    }

    /** Three gigabytes of a sparse file; only the ends are touched. */
    @Test
    void mapsAWeightOfMoreThanTwoGigabytes() throws Exception {
        long rows = 3L << 18;
        Network half = Network.builder("large")
                .input("x", "batch", 4)
                .weight("w", Tensor.of(ElementType.FLOAT, ByteBuffer.allocate(4096), 1024))
                .node("Identity", List.of("w"), "y")
                .output("y", 1024)
                .build();
        ModelProto.Builder model =
                ModelProto.parseFrom(Files.readAllBytes(Onnx.writeExternal(half, folder.resolve("small.onnx"))))
                        .toBuilder();
        model.getGraphBuilder()
                .getInitializerBuilder(0)
                .clearDims()
                .addDims(rows)
                .addDims(1024);
        entry(model, "length", Long.toString(rows * 4096));
        entry(model, "location", "large.bin");
        try (FileChannel data = FileChannel.open(
                folder.resolve("large.bin"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            data.write(floats(7), 4 * ((1L << 29) + 5));
            data.write(floats(9), rows * 4096 - 4);
        }
        Path file = Files.write(folder.resolve("large.onnx"), model.build().toByteArray());

        Tensor weight = Onnx.read(file).weight("w");
        assertThat(weight.bytes()).isEqualTo(3L << 30);
        assertThat(weight.parts()).hasSize(3).allMatch(ByteBuffer::isDirect);
        float[] some = new float[8];
        weight.toFloats((1L << 29), some, 0, 8);
        assertThat(some).containsExactly(0, 0, 0, 0, 0, 7, 0, 0);
        weight.toFloats(weight.size() - 3, some, 0, 3);
        assertThat(some).startsWith(0, 0, 9);
        assertThatThrownBy(weight::data)
                .hasMessage("A tensor float[786432,1024] of 3221225472 bytes does not fit into one buffer of Java;"
                        + " take its parts one after the other.");
        assertThatThrownBy(() -> Onnx.bytes(Onnx.read(file)))
                .hasMessage("Network large has 3221225472 bytes of weights, but an ONNX file without external data"
                        + " holds at most 2130706431; write it to an .onnx file, beside which its weights go.");
        assertThatThrownBy(() -> Onnx.write(Onnx.read(file), folder.resolve("large.onnx.xz")))
                .hasMessage("Network large is too large for a file in one piece, which .onnx.xz is; write it to an"
                        + " .onnx file, beside which its weights go.");
    }

    private static ByteBuffer floats(float value) {
        return ByteBuffer.allocate(4).order(java.nio.ByteOrder.LITTLE_ENDIAN).putFloat(0, value);
    }

    private void refused(Consumer<ModelProto.Builder> change, String why) throws Exception {
        Path file = moved(change);
        Files.deleteIfExists(folder.resolve("external.bin"));
        Files.copy(FILES.resolve("external.bin"), folder.resolve("external.bin"));
        assertThatThrownBy(() -> Onnx.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + " is not a valid ONNX file: weight w: " + why);
    }

    private static void entry(ModelProto.Builder model, String key, String value) {
        model.getGraphBuilder().getInitializerBuilder(0).getExternalDataBuilderList().stream()
                .filter(entry -> entry.getKey().equals(key))
                .forEach(entry -> entry.setValue(value));
    }

    /** The network with its weights beside it, somewhere else and changed. */
    private Path moved(Consumer<ModelProto.Builder> change) throws Exception {
        ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(FILES.resolve("external.onnx"))).toBuilder();
        change.accept(model);
        return Files.write(folder.resolve("moved.onnx"), model.build().toByteArray());
    }

    private List<String> names() throws Exception {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
