package pomona.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import pomona.graph.ElementType;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.safetensors.SafeTensors;
import pomona.torchscript.TorchScript;

/**
 * Feeds the readers whatever bytes: they read it or refuse it in one sentence, and ask for no more memory than the file is
 * worth. Jazzer looks for bytes with which they do not, for two minutes each:
 *
 * <pre>{@code JAZZER_FUZZ=1 mvn -pl magics/core test -Dtest='ReadersFuzz#onnx'}</pre>
 *
 * What it begins with, and what it found, lies in the resources of this class; {@link CorpusTest} reads all of it in every
 * build, without Jazzer, which would instrument the classes of all other tests.
 */
class ReadersFuzz {

    /** What a reader may ask for beside a multiple of the file: JSON factories, protobuf's tables and the like. */
    private static final long BASE_BYTES = 64L << 20;

    /** Deflated and LZMA-packed bytes may unpack to a thousand times as many and more. */
    private static final long PER_BYTE = 10_000;

    private interface Reader {
        Object read(Path file);
    }

    @FuzzTest(maxDuration = "2m")
    void onnx(byte[] bytes) throws IOException {
        feed(bytes, ".onnx", Onnx::read);
    }

    @FuzzTest(maxDuration = "2m")
    void compressedOnnx(byte[] bytes) throws IOException {
        feed(bytes, ".onnx.xz", Onnx::read);
    }

    @FuzzTest(maxDuration = "2m")
    void safetensors(byte[] bytes) throws IOException {
        feed(bytes, ".safetensors", SafeTensors::read);
    }

    @FuzzTest(maxDuration = "2m")
    void safetensorsIndex(byte[] bytes) throws IOException {
        feed(bytes, ".safetensors.index.json", SafeTensors::read);
    }

    @FuzzTest(maxDuration = "2m")
    void torchScript(byte[] bytes) throws IOException {
        feed(bytes, ".pt", TorchScript::weights);
        feed(bytes, ".pt", file -> TorchScript.read(file, Value.of("x", ElementType.FLOAT, "batch", 3, 16, 16)));
    }

    static void feed(byte[] bytes, String suffix, Reader reader) throws IOException {
        Path file = Files.createTempFile("fuzz", suffix);
        try {
            Files.write(file, bytes);
            long most = BASE_BYTES + PER_BYTE * bytes.length;
            // The first time, classes are loaded, which Jazzer instruments with memory of its own.
            assertThat(read(file, reader) <= most || read(file, reader) <= most).isTrue();
        } finally {
            Files.delete(file);
        }
    }

    /** Reads a file, and gives the memory that was asked for. */
    private static long read(Path file, Reader reader) {
        long before = allocated();
        try {
            reader.read(file);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank().doesNotContain("null pointer", "pomona.");
        }
        return allocated() - before;
    }

    private static long allocated() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadAllocatedBytes(
                        new long[] {Thread.currentThread().getId()}))
                .sum();
    }
}
