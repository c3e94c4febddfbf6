package pomona.kernel.protocol;

import java.nio.file.Path;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * One bound socket with a context of its own: closing it waits until what was sent has left, whatever the other sockets'
 * threads are doing.
 */
final class Channel implements AutoCloseable {

    static final int LINGER_MILLIS = 150;

    private static final String INSIDE = "inproc://channel";

    private final ZMQ.Context context = ZMQ.context(1);
    private final ZMQ.Socket socket;
    private final UnixDomainEndpoint unixDomain;

    Channel(SocketType type, KernelConnectionProperties connection, int port) {
        socket = context.socket(type);
        socket.setLinger(LINGER_MILLIS);
        // Nothing is dropped when a front end is slow to read.
        socket.setSndHWM(0);
        socket.setRcvHWM(0);
        if (type == SocketType.ROUTER) {
            // A front end that connects again under its name takes the place of its lost connection.
            socket.setRouterHandover(true);
        }
        if ("ipc".equals(connection.getTransport())) {
            socket.bind(INSIDE);
            unixDomain = new UnixDomainEndpoint(Path.of(connection.getIp() + "-" + port), context, type, INSIDE);
        } else {
            socket.bind(connection.getTransport() + "://" + connection.getIp() + ":" + port);
            unixDomain = null;
        }
    }

    ZMQ.Socket socket() {
        return socket;
    }

    @Override
    public void close() {
        if (unixDomain != null) {
            unixDomain.close();
        }
        socket.close();
        context.term();
    }
}
