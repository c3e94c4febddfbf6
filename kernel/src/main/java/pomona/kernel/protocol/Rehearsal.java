package pomona.kernel.protocol;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;
import pomona.kernel.KernelMain;

/**
 * A front end that starts a kernel, has it do once what sessions do, and shuts it down: so the JVM that runs the kernel
 * learns which classes a session loads.
 */
public final class Rehearsal {

    private static final String ADDRESS = "127.0.0.1";
    private static final int POLL_MILLIS = 100;

    /** What people write first: values, output, declarations, streams, collections, mistakes. */
    private static final List<String> CELLS = List.of(
            "int x = 1; System.out.println(x);",
            "x + 1",
            "String text = \"a\" + x;\nvar list = new ArrayList<>(List.of(3, 1, 2));\nlist.sort(null);\nlist",
            """
            record Point(double x, double y) {
                double length() {
                    return Math.sqrt(x * x + y * y);
                }
            }
            interface Shape {
                double area();
            }
            enum Colour { RED, GREEN }
            class Counter {
                private long sum;
                long add(int value) {
                    for (int i = 0; i < value; i++) {
                        sum += i;
                    }
                    return sum;
                }
            }
            var counter = new Counter();
            System.out.println(counter.add(100));
            System.out.printf("%.2f%n", new Point(3, 4).length());
            """,
            "int twice(int n) { return 2 * n; }\nint twice(String s) { return 2 * s.length(); }\ntwice(21)",
            "IntStream.range(0, 9).mapToObj(i -> \"n\" + i).collect(Collectors.joining(\",\"))",
            "Map<String, Integer> counts = new TreeMap<>(); for (var s : \"a b a\".split(\" \")) counts.merge(s, 1, Integer::sum);"
                    + " counts",
            "if (x > 0) { double[] data = {1, 2}; System.out.println(Arrays.toString(data)); }",
            "int wrong = \"text\";",
            "int y = = 3;",
            "unknown(3)",
            "List.of(1).get(5)",
            "System.err.println(\"done\"); for (int i = 0; i < 3; i++) System.out.println(i);");

    private static final List<String> COMPLETIONS = List.of("System.out.pri", "Strin", "list.", "%", "tw");
    private static final List<String> INSPECTIONS = List.of("String", "twice(", "list.size");

    private final Wire wire;
    private final ZMQ.Context context = ZMQ.context(1);
    private final ZMQ.Socket shell;
    private final ZMQ.Socket control;
    private final Process kernel;
    private final long deadline;

    private Rehearsal(Process kernel, KernelConnectionProperties connection, long deadline)
            throws GeneralSecurityException {
        this.kernel = kernel;
        this.deadline = deadline;
        wire = new Wire(connection);
        shell = connect(connection.getShellPort());
        control = connect(connection.getControlPort());
    }

    /**
     * Plays one session in a process of its own and waits for its end.
     *
     * @param command the JVM with its options and class path, without a main class
     * @param seconds the longest it may take
     * @return whether the session was played to its end
     * @throws IOException if the process can not be started
     */
    public static boolean play(List<String> command, int seconds) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("pomona-rehearsal");
        Path file = folder.resolve("connection.json");
        Process kernel = null;
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            KernelConnectionProperties connection = connection();
            Files.writeString(file, connection.toJsonString());
            kernel = start(command, file);
            new Rehearsal(kernel, connection, deadline).run();
            return kernel.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (GeneralSecurityException | IllegalStateException e) {
            return false;
        } finally {
            if (kernel != null) {
                kernel.destroyForcibly();
            }
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        }
    }

    private static Process start(List<String> command, Path file) throws IOException {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of(KernelMain.class.getName(), file.toString()));
        ProcessBuilder builder = new ProcessBuilder(whole)
                .directory(file.getParent().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().remove("JPY_PARENT_PID");
        return builder.start();
    }

    private static KernelConnectionProperties connection() throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getByName(ADDRESS)));
            }
            List<Integer> ports = held.stream().map(ServerSocket::getLocalPort).toList();
            return new KernelConnectionProperties(
                    ADDRESS,
                    ports.get(0),
                    ports.get(1),
                    ports.get(2),
                    ports.get(3),
                    ports.get(4),
                    "tcp",
                    "hmac-sha256",
                    UUID.randomUUID().toString());
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    private ZMQ.Socket connect(int port) {
        ZMQ.Socket socket = context.socket(SocketType.DEALER);
        socket.setReceiveTimeOut(POLL_MILLIS);
        socket.setLinger(0);
        socket.connect("tcp://" + ADDRESS + ":" + port);
        return socket;
    }

    private void run() {
        try {
            request(shell, "kernel_info_request", new JsonObject());
            for (String cell : CELLS) {
                JsonObject content = code(cell);
                content.addProperty("store_history", false);
                content.addProperty("stop_on_error", false);
                request(shell, "execute_request", content);
            }
            for (String text : COMPLETIONS) {
                JsonObject content = code(text);
                content.addProperty("cursor_pos", text.length());
                request(shell, "complete_request", content);
            }
            for (String text : INSPECTIONS) {
                JsonObject content = code(text);
                content.addProperty("cursor_pos", text.length());
                content.addProperty("detail_level", 0);
                request(shell, "inspect_request", content);
            }
            request(shell, "is_complete_request", code("for (int i = 0; i < 3; i++) {"));
            request(shell, "history_request", new JsonObject());
            request(control, "shutdown_request", new JsonObject());
        } finally {
            shell.close();
            control.close();
            context.term();
        }
    }

    private static JsonObject code(String code) {
        JsonObject content = new JsonObject();
        content.addProperty("code", code);
        return content;
    }

    private void request(ZMQ.Socket socket, String type, JsonObject content) {
        WireMessage message = wire.broadcast(null, type, content);
        wire.send(
                socket,
                new WireMessage(List.of(), message.header(), new JsonObject(), new JsonObject(), content, List.of()));
        while (kernel.isAlive() && System.nanoTime() < deadline) {
            WireMessage reply = wire.receive(socket, true);
            if (reply != null
                    && message.header().get("msg_id").equals(reply.parent().get("msg_id"))) {
                return;
            }
        }
        throw new IllegalStateException("the kernel did not answer " + type);
    }
}
