package pomona.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZ;
import org.tukaani.xz.XZOutputStream;

/**
 * Compresses what is written to it: all of a small file in that of several ways that makes it smallest, a large one in
 * the usual way and as it comes.
 */
final class SmallestXz extends OutputStream {

    /** Up to this many bytes all ways are tried, which takes part of a second. */
    static final int SMALL = 1 << 17;

    /**
     * What tells the next byte: bits of the byte before it, as in text; bits of its place, as in floats; for repeats bits
     * of the place too. In packed indices nothing does.
     */
    private static final int[][] WAYS = {{3, 0, 2}, {1, 0, 0}, {0, 0, 0}, {0, 2, 2}};

    private final OutputStream out;
    private ByteArrayOutputStream small = new ByteArrayOutputStream();
    private XZOutputStream large;
    private boolean closed;

    SmallestXz(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (large == null && small.size() + length > SMALL) {
            large = new XZOutputStream(out, new LZMA2Options());
            small.writeTo(large);
            small = null;
        }
        if (large == null) {
            small.write(bytes, offset, length);
        } else {
            large.write(bytes, offset, length);
        }
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (out) {
            if (large == null) {
                out.write(smallest(small.toByteArray()));
            } else {
                large.finish();
            }
        }
    }

    private static byte[] smallest(byte[] bytes) throws IOException {
        byte[] best = null;
        for (int[] way : WAYS) {
            LZMA2Options options = new LZMA2Options(LZMA2Options.PRESET_MAX);
            options.setDictSize(Math.max(LZMA2Options.DICT_SIZE_MIN, bytes.length));
            options.setLcLp(way[0], way[1]);
            options.setPb(way[2]);
            options.setNiceLen(LZMA2Options.NICE_LEN_MAX);
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (XZOutputStream coded = new XZOutputStream(packed, options, XZ.CHECK_CRC32)) {
                coded.write(bytes);
            }
            best = best == null || packed.size() < best.length ? packed.toByteArray() : best;
        }
        return best;
    }
}
