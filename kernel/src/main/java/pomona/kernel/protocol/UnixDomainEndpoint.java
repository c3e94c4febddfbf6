package pomona.kernel.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * A Unix-domain socket in front of a ZeroMQ socket of this process: the {@code ipc} transport.
 *
 * <p>JeroMQ 0.6 has none: its {@code ipc} is TCP on a port made of the name, which no other ZeroMQ finds. No TCP port is
 * opened here: each connection hands its messages to the bound socket inside the process.
 */
final class UnixDomainEndpoint implements AutoCloseable {

    private final Path path;
    private final ServerSocketChannel server;
    private final ZMQ.Context context;
    private final SocketType type;
    private final String inside;
    private final List<ZmtpConnection> connections = new CopyOnWriteArrayList<>();

    /**
     * Listens on a path; a socket that an ended process has left there is replaced.
     *
     * @param context the context of the bound socket
     * @param type the bound socket's type
     * @param inside the address at which it is bound inside this process
     */
    UnixDomainEndpoint(Path path, ZMQ.Context context, SocketType type, String inside) {
        this.path = path;
        this.context = context;
        this.type = type;
        this.inside = inside;
        try {
            Files.deleteIfExists(path);
            server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(path));
            // A kernel that is told to end leaves at once, without closing each socket.
            path.toFile().deleteOnExit();
        } catch (IOException e) {
            throw new UncheckedIOException("The kernel can not listen on " + path + ".", e);
        }
        Thread thread = new Thread(this::accept, "ipc-accept");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel channel = server.accept();
                ZmtpConnection connection = new ZmtpConnection(channel, context, type, inside);
                connections.add(connection);
                connection.start(() -> connections.remove(connection));
            } catch (AsynchronousCloseException closed) {
                return;
            } catch (IOException e) {
                if (!server.isOpen()) {
                    return;
                }
            }
        }
    }

    /** Listens no longer, and lets what was sent leave. */
    @Override
    public void close() {
        try {
            server.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // A file that is left is replaced by the next kernel that is given its name.
        }
        connections.forEach(ZmtpConnection::finish);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Channel.LINGER_MILLIS);
        for (ZmtpConnection connection : connections) {
            connection.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
        }
    }
}
