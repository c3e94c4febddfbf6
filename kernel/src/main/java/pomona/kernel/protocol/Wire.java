package pomona.kernel.protocol;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.dflib.jjava.jupyter.messages.HMACGenerator;
import org.zeromq.ZMQ;

/** Signs, packs and unpacks messages. */
final class Wire {

    static final String VERSION = "5.5";

    static final Gson GSON =
            new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

    /** Stands for a message that was dropped. */
    static final WireMessage REFUSED = new WireMessage(
            List.of(), new JsonObject(), new JsonObject(), new JsonObject(), new JsonObject(), List.of());

    private static final byte[] DELIMITER = "<IDS|MSG>".getBytes(StandardCharsets.US_ASCII);

    private final HMACGenerator signer;
    private final boolean signed;
    private final String session = UUID.randomUUID().toString();
    private final AtomicLong sent = new AtomicLong();

    Wire(KernelConnectionProperties connection) throws GeneralSecurityException {
        signer = connection.createHMACGenerator();
        signed = signer != HMACGenerator.NO_AUTH_INSTANCE;
    }

    /** An answer to a message, for the same peer. */
    WireMessage reply(WireMessage request, String type, JsonObject content) {
        return new WireMessage(
                request.identities(), header(type), request.header(), new JsonObject(), content, List.of());
    }

    /** A message for everyone, caused by another message or by none. */
    WireMessage broadcast(WireMessage cause, String type, JsonObject content) {
        JsonObject parent = cause == null ? new JsonObject() : cause.header();
        List<byte[]> topic = List.of(type.getBytes(StandardCharsets.UTF_8));
        return new WireMessage(topic, header(type), parent, new JsonObject(), content, List.of());
    }

    private JsonObject header(String type) {
        JsonObject header = new JsonObject();
        header.addProperty("msg_id", session + "_" + sent.incrementAndGet());
        header.addProperty("session", session);
        header.addProperty("username", "kernel");
        header.addProperty("date", Instant.now().truncatedTo(ChronoUnit.MICROS).toString());
        header.addProperty("msg_type", type);
        header.addProperty("version", VERSION);
        return header;
    }

    void send(ZMQ.Socket socket, WireMessage message) {
        byte[][] parts = {
            bytes(message.header()), bytes(message.parent()), bytes(message.metadata()), bytes(message.content())
        };
        message.identities().forEach(socket::sendMore);
        socket.sendMore(DELIMITER);
        socket.sendMore(signer.calculateSignature(parts));
        socket.sendMore(parts[0]);
        socket.sendMore(parts[1]);
        socket.sendMore(parts[2]);
        int buffers = message.buffers().size();
        socket.send(parts[3], buffers > 0 ? ZMQ.SNDMORE : 0);
        for (int i = 0; i < buffers; i++) {
            socket.send(message.buffers().get(i), i < buffers - 1 ? ZMQ.SNDMORE : 0);
        }
    }

    /**
     * Receives the next message.
     *
     * @param socket to read from, within its own time limit
     * @param wait whether to wait for a message if there is none
     * @return the message; null when there is none; {@link #REFUSED} when it is malformed or its signature is wrong
     */
    WireMessage receive(ZMQ.Socket socket, boolean wait) {
        byte[] frame = socket.recv(wait ? 0 : ZMQ.DONTWAIT);
        if (frame == null) {
            return null;
        }
        List<byte[]> frames = new ArrayList<>(List.of(frame));
        while (socket.hasReceiveMore()) {
            frames.add(socket.recv());
        }
        int start = 0;
        while (start < frames.size() && !Arrays.equals(frames.get(start), DELIMITER)) {
            start++;
        }
        if (frames.size() < start + 6 || !isGenuine(frames.subList(start + 1, start + 6))) {
            return REFUSED;
        }
        try {
            return new WireMessage(
                    List.copyOf(frames.subList(0, start)),
                    object(frames.get(start + 2)),
                    object(frames.get(start + 3)),
                    object(frames.get(start + 4)),
                    object(frames.get(start + 5)),
                    List.copyOf(frames.subList(start + 6, frames.size())));
        } catch (JsonParseException | IllegalStateException e) {
            return REFUSED;
        }
    }

    private boolean isGenuine(List<byte[]> signatureAndParts) {
        if (!signed) {
            return true;
        }
        String expected = signer.calculateSignature(
                signatureAndParts.get(1), signatureAndParts.get(2), signatureAndParts.get(3), signatureAndParts.get(4));
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.US_ASCII), signatureAndParts.get(0));
    }

    private static JsonObject object(byte[] json) {
        return JsonParser.parseString(new String(json, StandardCharsets.UTF_8)).getAsJsonObject();
    }

    private static byte[] bytes(JsonObject json) {
        return GSON.toJson(json).getBytes(StandardCharsets.UTF_8);
    }
}
