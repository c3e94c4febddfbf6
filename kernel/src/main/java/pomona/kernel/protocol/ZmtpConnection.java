package pomona.kernel.protocol;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;

/**
 * One peer on a Unix-domain socket, spoken to in ZeroMQ's wire protocol, and its place at a socket inside this process.
 *
 * <p>Source: ZMTP 3.0 (rfc.zeromq.org, 23/ZMTP) with the NULL mechanism.
 */
final class ZmtpConnection {

    private static final int BATCH = 64 * 1024;
    private static final long FULL_NANOS = 200_000;

    private final SocketChannel channel;
    private final ZMQ.Context context;
    private final SocketType type;
    private final String inside;
    private Thread thread;

    ZmtpConnection(SocketChannel channel, ZMQ.Context context, SocketType type, String inside) {
        this.channel = channel;
        this.context = context;
        this.type = type;
        this.inside = inside;
    }

    void start(Runnable onEnd) {
        thread = new Thread(
                () -> {
                    run();
                    onEnd.run();
                },
                "ipc-" + type);
        thread.setDaemon(true);
        thread.start();
    }

    /** Reads no more; the thread sends what is left and ends. */
    void finish() {
        try {
            channel.shutdownInput();
        } catch (IOException e) {
            // The peer has gone already.
        }
    }

    void join(long millis) {
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (channel) {
            byte[] identity = ZmtpHandshake.asServer(channel, type);
            // What a peer of the bound socket would be; a dealer hands on a requester's frames as they are.
            ZMQ.Socket place = context.socket(type == SocketType.XPUB ? SocketType.XSUB : SocketType.DEALER);
            try {
                place.setLinger(0);
                place.setRcvHWM(0);
                place.setSndHWM(0);
                if (identity.length > 0) {
                    place.setIdentity(identity);
                }
                place.connect(inside);
                exchange(place);
            } finally {
                place.close();
            }
        } catch (IOException | ZMQException | IllegalArgumentException e) {
            // The peer has gone, speaks another protocol, or the kernel ends: nobody is left to be told.
        }
    }

    private void exchange(ZMQ.Socket place) throws IOException {
        channel.configureBlocking(false);
        ZmtpFrames frames = new ZmtpFrames();
        try (ZMQ.Poller poller = context.poller(2)) {
            poller.register(place, ZMQ.Poller.POLLIN);
            poller.register(channel, ZMQ.Poller.POLLIN);
            boolean open = true;
            while (open) {
                if (poller.poll(-1) < 0) {
                    return;
                }
                open = !poller.pollin(1) || receive(frames, place);
                send(place);
            }
        }
    }

    /** Hands on what has come; false at the end of the stream. */
    private boolean receive(ZmtpFrames frames, ZMQ.Socket place) throws IOException {
        if (!frames.readFrom(channel)) {
            return false;
        }
        for (ZmtpFrames.Frame frame = frames.next(); frame != null; frame = frames.next()) {
            if (!frame.command()) {
                place.send(frame.body(), frame.more() ? ZMQ.SNDMORE : 0);
            }
        }
        return true;
    }

    /** Writes all messages that wait. */
    private void send(ZMQ.Socket place) throws IOException {
        ByteArrayOutputStream batch = new ByteArrayOutputStream();
        for (byte[] body = place.recv(ZMQ.DONTWAIT); body != null; body = place.recv(ZMQ.DONTWAIT)) {
            ZmtpFrames.append(batch, new ZmtpFrames.Frame(false, place.hasReceiveMore(), body));
            if (batch.size() >= BATCH) {
                write(batch);
            }
        }
        write(batch);
    }

    private void write(ByteArrayOutputStream batch) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(batch.toByteArray());
        batch.reset();
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                LockSupport.parkNanos(FULL_NANOS);
            }
        }
    }
}
