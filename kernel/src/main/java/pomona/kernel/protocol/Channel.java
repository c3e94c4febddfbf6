package pomona.kernel.protocol;

import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * One bound socket with a context of its own: closing it waits until what was sent has left, whatever the other sockets'
 * threads are doing.
 */
final class Channel implements AutoCloseable {

    private static final int LINGER_MILLIS = 150;

    private final ZMQ.Context context = ZMQ.context(1);
    private final ZMQ.Socket socket;

    Channel(SocketType type, KernelConnectionProperties connection, int port) {
        socket = context.socket(type);
        socket.setLinger(LINGER_MILLIS);
        // Nothing is dropped when a front end is slow to read.
        socket.setSndHWM(0);
        socket.setRcvHWM(0);
        String separator = "ipc".equals(connection.getTransport()) ? "-" : ":";
        socket.bind(connection.getTransport() + "://" + connection.getIp() + separator + port);
    }

    ZMQ.Socket socket() {
        return socket;
    }

    @Override
    public void close() {
        socket.close();
        context.term();
    }
}
