package pomona.kernel.protocol;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.zeromq.SocketType;

/**
 * How two ZeroMQ sockets begin: both greet, name the NULL mechanism, and tell what they are.
 *
 * <p>Source: ZMTP 3.0 (rfc.zeromq.org, 23/ZMTP), sections "Connection Greeting" and "The NULL Security Mechanism".
 */
final class ZmtpHandshake {

    private static final int GREETING = 64;
    private static final int VERSION_AT = 10;
    private static final int MECHANISM_AT = 12;
    private static final String READY = "READY";

    private ZmtpHandshake() {}

    /**
     * Greets a peer that has connected.
     *
     * @return the peer's identity, which may be empty
     * @throws IOException if the peer ends the stream or speaks something else
     */
    static byte[] asServer(SocketChannel channel, SocketType type) throws IOException {
        byte[] own = new byte[GREETING];
        own[0] = (byte) 0xFF;
        own[9] = 0x7F;
        own[VERSION_AT] = 3;
        System.arraycopy("NULL".getBytes(StandardCharsets.US_ASCII), 0, own, MECHANISM_AT, 4);
        write(channel, own);
        ByteBuffer greeting = read(channel, GREETING);
        byte[] mechanism = new byte[5];
        greeting.get(MECHANISM_AT, mechanism);
        if (greeting.get(0) != (byte) 0xFF
                || (greeting.get(9) & 1) == 0
                || greeting.get(VERSION_AT) < 3
                || !new String(mechanism, StandardCharsets.US_ASCII).equals("NULL\0")) {
            throw new IOException("the peer does not speak ZMTP 3 with the NULL mechanism");
        }
        write(channel, ready(type));
        return identity(command(channel));
    }

    private static byte[] ready(SocketType type) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        name(body, READY);
        name(body, "Socket-Type");
        byte[] value = type.name().getBytes(StandardCharsets.US_ASCII);
        body.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value.length).array());
        body.writeBytes(value);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        ZmtpFrames.append(frame, new ZmtpFrames.Frame(true, false, body.toByteArray()));
        return frame.toByteArray();
    }

    private static void name(ByteArrayOutputStream out, String name) {
        out.write(name.length());
        out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads one command, and not a byte of what comes behind it. */
    private static ByteBuffer command(SocketChannel channel) throws IOException {
        ByteBuffer head = read(channel, 2);
        int flags = head.get(0);
        int length = head.get(1) & 0xFF;
        if (flags != 4) {
            throw new IOException("the peer does not begin with a command of at most 255 bytes");
        }
        return read(channel, length);
    }

    private static byte[] identity(ByteBuffer ready) throws IOException {
        if (!READY.equals(text(ready))) {
            throw new IOException("the peer is not ready");
        }
        while (ready.hasRemaining()) {
            String name = text(ready);
            byte[] value = bytes(ready, ready.remaining() < Integer.BYTES ? -1 : ready.getInt());
            if (name.equalsIgnoreCase("Identity")) {
                return value;
            }
        }
        return new byte[0];
    }

    private static String text(ByteBuffer from) throws IOException {
        return new String(bytes(from, from.hasRemaining() ? from.get() & 0xFF : -1), StandardCharsets.US_ASCII);
    }

    private static byte[] bytes(ByteBuffer from, int length) throws IOException {
        if (length < 0 || length > from.remaining()) {
            throw new IOException("the peer's command is cut short");
        }
        byte[] bytes = new byte[length];
        from.get(bytes);
        return bytes;
    }

    private static ByteBuffer read(SocketChannel channel, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException("the peer has gone");
            }
        }
        return buffer.flip();
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
