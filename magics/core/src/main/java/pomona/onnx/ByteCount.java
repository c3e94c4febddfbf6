package pomona.onnx;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.LongConsumer;

/** Counts the bytes that go through it. It passes no flush on, since a flush makes compressed data longer. */
final class ByteCount extends OutputStream {

    /** Somebody who watches is told once in so many bytes. */
    private static final long STEP = 1 << 20;

    private final LongConsumer watcher;
    private final OutputStream out;
    private long bytes;
    private long told;

    ByteCount(LongConsumer watcher, OutputStream out) {
        this.watcher = watcher;
        this.out = out;
    }

    long bytes() {
        return bytes;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
        passed(1);
    }

    @Override
    public void write(byte[] b, int offset, int length) throws IOException {
        out.write(b, offset, length);
        passed(length);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private void passed(int length) {
        bytes += length;
        if (bytes - told >= STEP) {
            watcher.accept(bytes - told);
            told = bytes;
        }
    }
}
