package pomona.kernel.protocol;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import org.dflib.jjava.jupyter.channels.JupyterSocket;
import org.dflib.jjava.jupyter.channels.ReplyEnvironment;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.dflib.jjava.jupyter.kernel.comm.Comm;
import org.dflib.jjava.jupyter.kernel.comm.CommManager;
import org.dflib.jjava.jupyter.messages.ContentType;
import org.dflib.jjava.jupyter.messages.HMACGenerator;
import org.dflib.jjava.jupyter.messages.Header;
import org.dflib.jjava.jupyter.messages.KernelTimestamp;
import org.dflib.jjava.jupyter.messages.Message;
import org.dflib.jjava.jupyter.messages.MessageContext;
import org.dflib.jjava.jupyter.messages.MessageType;
import org.dflib.jjava.jupyter.messages.comm.CommCloseCommand;
import org.dflib.jjava.jupyter.messages.comm.CommMsgCommand;
import org.dflib.jjava.jupyter.messages.comm.CommOpenCommand;
import org.dflib.jjava.jupyter.messages.reply.ErrorReply;
import org.slf4j.LoggerFactory;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/** Leads jjava's comms over this kernel's channels. */
final class Comms {

    private final CommManager manager;
    private final Broadcaster iopub;
    private final ReplyEnvironment environment;
    private volatile WireMessage cause;

    Comms(CommManager manager, Broadcaster iopub) {
        this.manager = manager;
        this.iopub = iopub;
        this.environment = new CommEnvironment();
        manager.setIOPubChannel(new CommSocket());
    }

    /** Notes the request during which comms are opened and written to. */
    void during(WireMessage request) {
        cause = request;
        manager.setMessageContext(context(request));
    }

    void open(WireMessage message) {
        during(message);
        CommOpenCommand content =
                new CommOpenCommand(message.text("comm_id", ""), message.text("target_name", ""), data(message));
        manager.handleCommOpenCommand(environment, message(message, CommOpenCommand.MESSAGE_TYPE, content));
    }

    void message(WireMessage message) {
        during(message);
        CommMsgCommand content = new CommMsgCommand(message.text("comm_id", ""), data(message));
        manager.handleCommMsgCommand(environment, message(message, CommMsgCommand.MESSAGE_TYPE, content));
    }

    void close(WireMessage message) {
        during(message);
        CommCloseCommand content = new CommCloseCommand(message.text("comm_id", ""), data(message));
        manager.handleCommCloseCommand(environment, message(message, CommCloseCommand.MESSAGE_TYPE, content));
    }

    JsonObject info(WireMessage request) {
        String target = request.text("target_name", null);
        JsonObject comms = new JsonObject();
        for (Comm comm : manager) {
            if (target == null || target.equals(comm.getTargetName())) {
                JsonObject one = new JsonObject();
                one.addProperty("target_name", comm.getTargetName());
                comms.add(comm.getID(), one);
            }
        }
        JsonObject content = new JsonObject();
        content.addProperty("status", "ok");
        content.add("comms", comms);
        return content;
    }

    private static JsonObject data(WireMessage message) {
        JsonElement data = message.content().get("data");
        return data != null && data.isJsonObject() ? data.getAsJsonObject() : new JsonObject();
    }

    private static <T> Message<T> message(WireMessage wire, MessageType<T> type, T content) {
        @SuppressWarnings("unchecked")
        Map<String, Object> metadata = Wire.GSON.fromJson(wire.metadata(), Map.class);
        return new Message<>(wire.identities(), header(wire, type), null, metadata, content, wire.buffers());
    }

    private static <T> Header<T> header(WireMessage wire, MessageType<T> type) {
        JsonObject header = wire.header();
        return new Header<>(
                WireMessage.text(header, "msg_id", ""),
                WireMessage.text(header, "username", ""),
                WireMessage.text(header, "session", ""),
                new KernelTimestamp(WireMessage.text(header, "date", "")),
                type,
                WireMessage.text(header, "version", Wire.VERSION));
    }

    private static MessageContext context(WireMessage request) {
        Header<Object> header = header(request, MessageType.UNKNOWN);
        return new MessageContext() {
            @Override
            public List<byte[]> getIdentities() {
                return request.identities();
            }

            @Override
            @SuppressWarnings("rawtypes")
            public Header getHeader() {
                return header;
            }
        };
    }

    private void publish(MessageType<?> type, Object content, Map<String, Object> metadata, List<byte[]> buffers) {
        JsonObject json = Wire.GSON.toJsonTree(content).getAsJsonObject();
        JsonObject extra = metadata == null
                ? new JsonObject()
                : Wire.GSON.toJsonTree(metadata).getAsJsonObject();
        iopub.publish(cause, type.getName(), json, extra, buffers == null ? List.of() : buffers);
    }

    /** Takes what jjava's comm manager sends; the socket it must be is never bound. */
    private final class CommSocket extends JupyterSocket {

        CommSocket() {
            super(ZMQ.context(0), SocketType.PUB, HMACGenerator.NO_AUTH_INSTANCE, LoggerFactory.getLogger(Comms.class));
            super.close();
        }

        @Override
        public void bind(KernelConnectionProperties connection) {
            throw new UnsupportedOperationException("comms travel on the kernel's own socket");
        }

        @Override
        public synchronized void sendMessage(Message<?> message) {
            publish(message.getHeader().getType(), message.getContent(), message.getMetadata(), message.getBlobs());
        }
    }

    /** Busy, idle and replies are the shell's own; only what a handler publishes goes on. */
    private final class CommEnvironment implements ReplyEnvironment {

        @Override
        public void publish(Message<?> message) {
            Comms.this.publish(
                    message.getHeader().getType(), message.getContent(), message.getMetadata(), message.getBlobs());
        }

        @Override
        public <T extends ContentType<T>> void publish(T content) {
            Comms.this.publish(content.getType(), content, null, null);
        }

        @Override
        public void reply(Message<?> message) {}

        @Override
        public <T extends ContentType<T>> void reply(T content) {}

        @Override
        public void replyError(MessageType<?> type, ErrorReply error) {}

        @Override
        public ReplyEnvironment defer() {
            return this;
        }

        @Override
        public void defer(Runnable action) {
            action.run();
        }

        @Override
        public void resolveDeferrals() {}

        @Override
        public void setStatusBusy() {}

        @Override
        public void setStatusIdle() {}

        @Override
        public void setBusyDeferIdle() {}
    }
}
