package pomona.kernel.protocol;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The thread that publishes to all front ends, in the order it was asked to. */
final class Broadcaster {

    private static final WireMessage END = new WireMessage(null, null, null, null, null, null);

    private final Wire wire;
    private final Channel channel;
    private final BlockingQueue<WireMessage> queue = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "iopub");

    Broadcaster(Wire wire, Channel channel) {
        this.wire = wire;
        this.channel = channel;
        thread.setDaemon(true);
        thread.start();
    }

    void publish(WireMessage cause, String type, JsonObject content) {
        queue.add(wire.broadcast(cause, type, content));
    }

    void publish(WireMessage cause, String type, JsonObject content, JsonObject metadata, List<byte[]> buffers) {
        WireMessage plain = wire.broadcast(cause, type, content);
        queue.add(new WireMessage(plain.identities(), plain.header(), plain.parent(), metadata, content, buffers));
    }

    void status(WireMessage cause, String state) {
        JsonObject content = new JsonObject();
        content.addProperty("execution_state", state);
        publish(cause, "status", content);
    }

    /** Sends what is queued, then closes. */
    void close(long millis) throws InterruptedException {
        queue.add(END);
        thread.join(millis);
    }

    private void run() {
        try {
            for (WireMessage next = queue.take(); next != END; next = queue.take()) {
                wire.send(channel.socket(), next);
            }
            channel.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
