package pomona.evaluate;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;
import pomona.graph.Network;
import pomona.onnx.Onnx;

/**
 * The size of a network as a file.
 *
 * @param plain bytes as {@code .onnx}
 * @param compressed bytes as {@code .onnx.xz}
 */
record FileSize(long plain, long compressed) {

    static FileSize of(Network network) {
        byte[] bytes = Onnx.bytes(network);
        Count count = new Count();
        try (XZOutputStream coded = new XZOutputStream(count, new LZMA2Options())) {
            coded.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new FileSize(bytes.length, count.bytes);
    }

    /** Counts what is written to it and keeps nothing. */
    private static final class Count extends OutputStream {

        private long bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] b, int offset, int length) {
            bytes += length;
        }
    }
}
