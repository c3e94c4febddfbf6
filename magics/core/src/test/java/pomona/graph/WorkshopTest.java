package pomona.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Networks;
import pomona.djl.Djl;
import pomona.onnx.Onnx;
import pomona.safetensors.SafeTensors;

class WorkshopTest {

    @TempDir
    Path folder;

    private static void says(ThrowingCallable writing, String sentence) {
        assertThatThrownBy(writing).isInstanceOf(UncheckedIOException.class).hasMessage(sentence);
    }

    /** A folder that takes no files from anybody: of root's the kernel's own, since root may write to all others. */
    private Path closedFolder() throws IOException {
        Path closed = Files.createDirectory(
                folder.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-xr-xr-x")));
        return Files.isWritable(closed) ? Path.of("/proc") : closed;
    }

    @Test
    void aFolderThatTakesNoFilesIsNamed() throws IOException {
        Path closed = closedFolder();
        Network network = Networks.mlp(4, 3);
        Path file = closed.resolve("x.onnx");
        says(
                () -> Onnx.write(network, file),
                file + " can not be written: folder " + closed
                        + " takes no new files; give a path in a folder that you can write to.");
        Path weights = closed.resolve("x.safetensors");
        says(
                () -> SafeTensors.write(network.weights(), weights),
                weights + " can not be written: folder " + closed
                        + " takes no new files; give a path in a folder that you can write to.");
        Path below = closed.resolve("nowhere");
        says(
                () -> Onnx.write(network, below.resolve("x.onnx")),
                below.resolve("x.onnx") + " can not be written: folder " + below
                        + " is not there and can not be made; give a path in a folder that you can write to.");
        says(
                () -> Djl.write(network, below),
                below + " can not be written: folder " + below
                        + " is not there and can not be made; give a path in a folder that you can write to.");
    }

    @Test
    void aFileInThePlaceOfAFolderIsNamed() throws IOException {
        Path plain = Files.writeString(folder.resolve("plain"), "text");
        for (Path file : new Path[] {plain.resolve("x.onnx"), plain.resolve("deep/x.onnx.xz")}) {
            says(
                    () -> Onnx.write(Networks.mlp(4, 3), file),
                    file + " can not be written: " + plain + " is a file and no folder; give a path in a folder.");
        }
        assertThat(plain).hasContent("text");
    }

    @Test
    void aFolderInThePlaceOfTheFileStays() throws IOException {
        Path there = Files.createDirectories(folder.resolve("net.onnx/inside")).getParent();
        assertThatThrownBy(() -> Onnx.write(Networks.mlp(4, 3), there))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(there + " can not be written: there is a folder of that name; give the path of a file.");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(there);
        }
    }

    @Test
    void whatTheSystemSaysIsToldWithoutFilesOfTheWorkshop() {
        Path file = Path.of("x.onnx");
        assertThat(Workshop.failure(file, new FileSystemException(".x.part/x", null, "No space left on device")))
                .hasMessage("x.onnx can not be written: No space left on device.");
        assertThat(Workshop.failure(file, new IOException("what was read back is not what was written")))
                .hasMessage("x.onnx can not be written: what was read back is not what was written.");
    }
}
