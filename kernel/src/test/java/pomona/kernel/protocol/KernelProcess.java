package pomona.kernel.protocol;

import com.google.gson.JsonObject;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;
import pomona.kernel.KernelMain;
import pomona.kernel.install.SessionJvm;

/** A kernel in a process of its own, and a client of all its sockets. */
final class KernelProcess implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 60_000;

    final Process process;
    final Wire wire;
    final ZMQ.Socket shell;
    final ZMQ.Socket control;
    final ZMQ.Socket iopub;
    final ZMQ.Socket stdin;
    final ZMQ.Socket heartbeat;
    private final ZContext context = new ZContext();
    private final Path folder = Files.createTempDirectory("pomona-kernel");

    KernelProcess() throws Exception {
        this(null);
    }

    /** A kernel that shares a history with others; null for one of its own. */
    KernelProcess(Path history, String... options) throws Exception {
        this(history, SessionJvm.current().command(List.of(options)));
    }

    /** A kernel in a JVM that is started so, up to the main class. */
    KernelProcess(Path history, List<String> jvm) throws Exception {
        int[] ports = freePorts(5);
        KernelConnectionProperties connection = new KernelConnectionProperties(
                "127.0.0.1", ports[0], ports[1], ports[2], ports[3], ports[4], "tcp", "hmac-sha256", "secret");
        Path file = Files.writeString(folder.resolve("connection.json"), connection.toJsonString());
        List<String> command = new ArrayList<>();
        command.addAll(jvm);
        command.addAll(List.of(KernelMain.class.getName(), file.toString()));
        File log = folder.resolve("log").toFile();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
        Path kept = history == null ? folder.resolve("history.jsonl") : history;
        builder.environment().put("POMONA_HISTORY", kept.toString());
        process = builder.start();
        wire = new Wire(connection);
        control = connect(SocketType.DEALER, ports[0]);
        shell = connect(SocketType.DEALER, ports[1]);
        stdin = connect(SocketType.DEALER, ports[2]);
        heartbeat = connect(SocketType.REQ, ports[3]);
        iopub = connect(SocketType.SUB, ports[4]);
        iopub.subscribe(ZMQ.SUBSCRIPTION_ALL);
        awaitReady(log);
    }

    private ZMQ.Socket connect(SocketType type, int port) {
        ZMQ.Socket socket = context.createSocket(type);
        if (type == SocketType.DEALER) {
            socket.setIdentity("client".getBytes(StandardCharsets.US_ASCII));
        }
        socket.setReceiveTimeOut(TIMEOUT_MILLIS);
        socket.setLinger(0);
        socket.connect("tcp://127.0.0.1:" + port);
        return socket;
    }

    /** Asks until a subscription is in force, as front ends do. */
    private void awaitReady(File log) throws IOException {
        iopub.setReceiveTimeOut(300);
        for (int i = 0; i < 100; i++) {
            if (!process.isAlive()) {
                throw new IOException("the kernel died: " + Files.readString(log.toPath()));
            }
            request(shell, "kernel_info_request", new JsonObject());
            if (wire.receive(iopub, true) != null) {
                iopub.setReceiveTimeOut(TIMEOUT_MILLIS);
                execute("1");
                return;
            }
        }
        throw new IOException("the kernel does not publish: " + Files.readString(log.toPath()));
    }

    private static int[] freePorts(int count) throws IOException {
        ServerSocket[] sockets = new ServerSocket[count];
        for (int i = 0; i < count; i++) {
            sockets[i] = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        }
        int[] ports =
                Arrays.stream(sockets).mapToInt(ServerSocket::getLocalPort).toArray();
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }

    static JsonObject content(Object... pairs) {
        JsonObject content = new JsonObject();
        for (int i = 0; i < pairs.length; i += 2) {
            content.add((String) pairs[i], Wire.GSON.toJsonTree(pairs[i + 1]));
        }
        return content;
    }

    /** Sends a message and gives its header back. */
    JsonObject send(ZMQ.Socket socket, String type, JsonObject content) {
        WireMessage message = wire.broadcast(null, type, content);
        wire.send(
                socket,
                new WireMessage(List.of(), message.header(), new JsonObject(), new JsonObject(), content, List.of()));
        return message.header();
    }

    /** Sends a request and waits for its own reply. */
    JsonObject request(ZMQ.Socket socket, String type, JsonObject content) {
        return reply(socket, send(socket, type, content)).content();
    }

    WireMessage reply(ZMQ.Socket socket, JsonObject header) {
        while (true) {
            WireMessage reply = wire.receive(socket, true);
            if (reply == null) {
                throw new IllegalStateException("no reply to " + header);
            }
            if (reply.parent().get("msg_id").equals(header.get("msg_id"))) {
                return reply;
            }
        }
    }

    /** What was published for a request, up to its idle. */
    List<WireMessage> published(JsonObject header) {
        List<WireMessage> found = new ArrayList<>();
        until(message -> {
            boolean own = header.get("msg_id").equals(message.parent().get("msg_id"));
            if (own) {
                found.add(message);
            }
            return own && "idle".equals(message.text("execution_state", ""));
        });
        return found;
    }

    /** Reads what is published until a message fits. */
    WireMessage until(Predicate<WireMessage> fits) {
        while (true) {
            WireMessage message = wire.receive(iopub, true);
            if (message == null) {
                throw new IllegalStateException("nothing more is published");
            }
            if (fits.test(message)) {
                return message;
            }
        }
    }

    /** Executes code to its end. */
    Execution execute(String code, Object... more) {
        JsonObject content = content(more);
        content.addProperty("code", code);
        JsonObject header = send(shell, "execute_request", content);
        JsonObject reply = reply(shell, header).content();
        return new Execution(reply, published(header));
    }

    /** A reply and what was published before it. */
    record Execution(JsonObject reply, List<WireMessage> published) {

        List<String> types() {
            return published.stream().map(WireMessage::type).toList();
        }

        WireMessage first(String type) {
            return published.stream()
                    .filter(message -> message.type().equals(type))
                    .findFirst()
                    .orElseThrow();
        }

        String status() {
            return reply.get("status").getAsString();
        }
    }

    @Override
    public void close() {
        context.close();
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
