package pomona.onnx;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZ;
import org.tukaani.xz.XZIOException;
import org.tukaani.xz.XZInputStream;

/** Files compressed with LZMA2, as {@code xz} makes them. */
final class Compressed {

    /** What unpacking may take, as its header says, beside what is unpacked; {@code xz -9} takes 65 MB. */
    private static final int MOST_KILOBYTES = 256 << 10;

    private Compressed() {}

    static ByteBuffer read(Path file, String source) throws IOException {
        try (InputStream packed = Files.newInputStream(file);
                InputStream in = new XZInputStream(packed, MOST_KILOBYTES)) {
            byte[] bytes = in.readNBytes(Integer.MAX_VALUE - 8);
            if (in.read() >= 0) {
                throw new IllegalArgumentException(
                        source + " unpacks to more than an ONNX file can hold, which is 2 GB.");
            }
            return ByteBuffer.wrap(bytes);
        } catch (EOFException e) {
            if (!startsAsXz(file)) {
                throw new IllegalArgumentException(source + " is not an .xz file.", e);
            }
            throw new IllegalArgumentException(source + " is cut short: its compressed data has no end.", e);
        } catch (MemoryLimitException e) {
            throw new IllegalArgumentException(
                    source + " asks for " + e.getMemoryNeeded() + " KB of memory to be unpacked; the most is "
                            + MOST_KILOBYTES + ".",
                    e);
        } catch (XZIOException e) {
            throw new IllegalArgumentException(source + " is not an .xz file, or it is damaged.", e);
        } catch (OutOfMemoryError e) {
            throw new IllegalArgumentException(source + " unpacks to more than the memory of this process.", e);
        }
    }

    private static boolean startsAsXz(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(XZ.HEADER_MAGIC.length);
            return Arrays.equals(start, Arrays.copyOf(XZ.HEADER_MAGIC, start.length)) && start.length > 0;
        }
    }

    static OutputStream write(OutputStream out) throws IOException {
        return new SmallestXz(out);
    }
}
