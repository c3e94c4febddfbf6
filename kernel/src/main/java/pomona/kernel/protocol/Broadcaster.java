package pomona.kernel.protocol;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.zeromq.ZMQ;

/**
 * The thread that publishes to all front ends, in the order it was asked to.
 *
 * <p>A new subscriber is told that its subscription is in force ({@code iopub_welcome}, protocol 5.5), so that it need not
 * try until it hears something.
 */
final class Broadcaster {

    /** Front ends subscribe when the kernel starts, and are waited for then. */
    private static final long STARTING_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final long STARTING_POLL_MILLIS = 10;
    private static final long POLL_MILLIS = 250;

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
        channel.socket().setXpubVerbose(true);
        long began = System.nanoTime();
        try {
            while (true) {
                long patience = System.nanoTime() - began < STARTING_NANOS ? STARTING_POLL_MILLIS : POLL_MILLIS;
                WireMessage next = queue.poll(patience, TimeUnit.MILLISECONDS);
                if (next == END) {
                    break;
                }
                welcome();
                if (next != null) {
                    wire.send(channel.socket(), next);
                }
            }
            channel.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Greets those who subscribed since: the socket hands up a 1 and the topic for each. */
    private void welcome() {
        for (byte[] frame = channel.socket().recv(ZMQ.DONTWAIT);
                frame != null;
                frame = channel.socket().recv(ZMQ.DONTWAIT)) {
            if (frame.length > 0 && frame[0] == 1) {
                byte[] topic = Arrays.copyOfRange(frame, 1, frame.length);
                JsonObject content = new JsonObject();
                content.addProperty("subscription", new String(topic, StandardCharsets.UTF_8));
                WireMessage plain = wire.broadcast(null, "iopub_welcome", content);
                wire.send(
                        channel.socket(),
                        new WireMessage(
                                List.of(topic), plain.header(), plain.parent(), plain.metadata(), content, List.of()));
            }
        }
    }
}
