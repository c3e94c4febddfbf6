package pomona.kernel.protocol;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;

/**
 * Cuts a byte stream into ZeroMQ's frames: a byte of flags, the length in one byte or eight, the body.
 *
 * <p>Source: ZMTP 3.0 (rfc.zeromq.org, 23/ZMTP), section "Framing".
 */
final class ZmtpFrames {

    private static final int MORE = 1;
    private static final int LONG = 2;
    private static final int COMMAND = 4;
    private static final int SHORT_LIMIT = 255;
    private static final int INITIAL = 16 * 1024;

    /** One frame. */
    record Frame(boolean command, boolean more, byte[] body) {}

    private ByteBuffer buffer = ByteBuffer.allocate(INITIAL).flip();

    /** Reads what is there; false at the end of the stream. */
    boolean readFrom(ReadableByteChannel channel) throws IOException {
        buffer.compact();
        if (!buffer.hasRemaining()) {
            // Doubled only when full: a length that is announced, but never sent, takes no memory.
            buffer = ByteBuffer.wrap(Arrays.copyOf(buffer.array(), Math.multiplyExact(buffer.capacity(), 2)))
                    .position(buffer.position());
        }
        int count = channel.read(buffer);
        buffer.flip();
        return count >= 0;
    }

    /** The next whole frame; null when more must be read first. */
    Frame next() throws IOException {
        if (buffer.remaining() < 2) {
            return null;
        }
        int flags = buffer.get(buffer.position());
        boolean large = (flags & LONG) != 0;
        int head = large ? 1 + Long.BYTES : 2;
        if (buffer.remaining() < head) {
            return null;
        }
        long length = large ? buffer.getLong(buffer.position() + 1) : buffer.get(buffer.position() + 1) & 0xFF;
        if (length < 0 || length > Integer.MAX_VALUE - head) {
            throw new IOException("a frame of " + length + " bytes is no frame");
        }
        if (buffer.remaining() < head + length) {
            return null;
        }
        buffer.position(buffer.position() + head);
        byte[] body = new byte[(int) length];
        buffer.get(body);
        if (!buffer.hasRemaining() && buffer.capacity() > INITIAL) {
            buffer = ByteBuffer.allocate(INITIAL).flip();
        }
        return new Frame((flags & COMMAND) != 0, (flags & MORE) != 0, body);
    }

    static void append(ByteArrayOutputStream out, Frame frame) {
        int length = frame.body().length;
        boolean large = length > SHORT_LIMIT;
        out.write((frame.command() ? COMMAND : 0) | (frame.more() ? MORE : 0) | (large ? LONG : 0));
        if (large) {
            out.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(length).array());
        } else {
            out.write(length);
        }
        out.writeBytes(frame.body());
    }
}
