package pomona.kernel.protocol;

import com.google.gson.JsonObject;
import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.zeromq.SocketType;
import pomona.kernel.JavaSession;
import pomona.kernel.SessionOptions;

/**
 * A Jupyter kernel on its five sockets.
 *
 * <p>The sockets answer at once; the Java session starts beside them, and the first request that needs it waits.
 */
public final class KernelServer {

    /** After an error the queue counts as empty when nothing has come for so long. */
    private static final int QUIET_MILLIS = 30;

    private final Wire wire;
    private final Broadcaster iopub;
    private final Channel shell;
    private final Channel control;
    private final Channel stdin;
    private final Channel heartbeat;
    private final SessionInput input = new SessionInput();
    private final History history = new History(HistoryFile.ofUser(System.getenv()));
    private final CompletableFuture<JavaSession> session;
    private final CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    private final Deque<WireMessage> postponed = new ArrayDeque<>();
    private Comms comms;

    /**
     * Binds the sockets and begins to start the session.
     *
     * @param connection addresses and key, as the connection file gives them
     * @param starter starts the session
     * @throws GeneralSecurityException if the signature scheme is not one that this JDK knows
     */
    public KernelServer(KernelConnectionProperties connection, Function<SessionOptions, JavaSession> starter)
            throws GeneralSecurityException {
        this.session = start(() -> starter.apply(SessionOptions.defaults().withInput(input)));
        this.wire = new Wire(connection);
        this.heartbeat = new Channel(SocketType.REP, connection, connection.getHbPort());
        this.shell = new Channel(SocketType.ROUTER, connection, connection.getShellPort());
        this.control = new Channel(SocketType.ROUTER, connection, connection.getControlPort());
        this.stdin = new Channel(SocketType.ROUTER, connection, connection.getStdinPort());
        this.iopub = new Broadcaster(wire, new Channel(SocketType.XPUB, connection, connection.getIopubPort()));
    }

    /**
     * Serves requests until a front end asks for a shutdown.
     *
     * @return whether a restart is to follow
     */
    public boolean serve() {
        iopub.status(null, "starting");
        daemon("heartbeat", this::beat);
        daemon("control", this::control);
        daemon("shell", this::shell);
        boolean restart = stopped.join();
        session.thenAcceptAsync(JavaSession::close);
        history.flush();
        try {
            iopub.close(250);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return restart;
    }

    /** Stops the running cell, if any. */
    public void interrupt() {
        JavaSession started = session.isCompletedExceptionally() ? null : session.getNow(null);
        if (started != null) {
            started.interrupt();
        }
    }

    private static CompletableFuture<JavaSession> start(Supplier<JavaSession> starter) {
        CompletableFuture<JavaSession> future = new CompletableFuture<>();
        daemon("session-start", () -> {
            try {
                JavaSession session = starter.get();
                future.complete(session);
                session.warmUp();
            } catch (RuntimeException | Error e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void beat() {
        while (true) {
            byte[] beat = heartbeat.socket().recv();
            if (beat != null) {
                heartbeat.socket().send(beat);
            }
        }
    }

    private void control() {
        while (!stopped.isDone()) {
            WireMessage request = wire.receive(control.socket(), true);
            if (request != null && request != Wire.REFUSED) {
                handle(request, control);
            }
        }
    }

    private void shell() {
        Executions executions = new Executions(wire, iopub, stdin.socket(), input, history);
        while (!stopped.isDone()) {
            WireMessage request = postponed.isEmpty() ? wire.receive(shell.socket(), true) : postponed.poll();
            if (request == null || request == Wire.REFUSED) {
                continue;
            }
            if (request.type().equals("execute_request")) {
                execute(request, executions);
            } else {
                handle(request, shell);
            }
        }
    }

    private void execute(WireMessage request, Executions executions) {
        iopub.status(request, "busy");
        JsonObject reply;
        try {
            reply = executions.execute(request, session.join(), comms());
        } catch (RuntimeException | Error e) {
            // Errors too, such as a stack overflow on deeply nested code: the kernel goes on.
            reply = Replies.error(e.getCause() == null ? e : e.getCause());
        }
        boolean failed = reply.get("status").getAsString().equals("error");
        // Taken before the reply leaves, so that nothing is aborted that was sent in answer to it.
        List<WireMessage> waiting = failed && request.flag("stop_on_error", true) ? waiting() : List.of();
        wire.send(shell.socket(), wire.reply(request, "execute_reply", reply));
        iopub.status(request, "idle");
        waiting.forEach(next -> abort(next, executions));
    }

    /** The messages that came while a cell ran, and those that were on their way: "run all" sends one by one. */
    private List<WireMessage> waiting() {
        List<WireMessage> found = new ArrayList<>();
        shell.socket().setReceiveTimeOut(QUIET_MILLIS);
        for (WireMessage next = wire.receive(shell.socket(), true);
                next != null;
                next = wire.receive(shell.socket(), true)) {
            found.add(next);
        }
        shell.socket().setReceiveTimeOut(-1);
        return found;
    }

    /** Answers an execute request that came while a failing cell ran; other requests keep their turn. */
    private void abort(WireMessage next, Executions executions) {
        if (next.type().equals("execute_request")) {
            iopub.status(next, "busy");
            wire.send(shell.socket(), wire.reply(next, "execute_reply", executions.aborted()));
            iopub.status(next, "idle");
        } else if (next != Wire.REFUSED) {
            postponed.add(next);
        }
    }

    private void handle(WireMessage request, Channel channel) {
        iopub.status(request, "busy");
        JsonObject reply;
        try {
            reply = reply(request);
        } catch (RuntimeException | Error e) {
            // Errors too, such as a stack overflow on deeply nested code: the kernel goes on.
            reply = Replies.error(e.getCause() == null ? e : e.getCause());
        }
        if (reply != null) {
            String type = request.type().replaceFirst("_request$", "_reply");
            wire.send(channel.socket(), wire.reply(request, type, reply));
        }
        iopub.status(request, "idle");
        if (request.type().equals("shutdown_request")) {
            channel.close();
            stopped.complete(request.flag("restart", false));
        }
    }

    /** The content of the reply; null for a message that gets none. */
    private JsonObject reply(WireMessage request) {
        switch (request.type()) {
            case "kernel_info_request":
                return Replies.kernelInfo();
            case "complete_request":
                return Replies.complete(request, session.join().assistant());
            case "inspect_request":
                return Replies.inspect(request, session.join().assistant());
            case "is_complete_request":
                return Replies.isComplete(request, session.join().assistant());
            case "history_request":
                return history.reply(request);
            case "comm_info_request":
                return comms().info(request);
            case "comm_open":
                comms().open(request);
                return null;
            case "comm_msg":
                comms().message(request);
                return null;
            case "comm_close":
                comms().close(request);
                return null;
            case "interrupt_request":
                interrupt();
                return Replies.ok();
            case "shutdown_request":
                JsonObject content = Replies.ok();
                content.addProperty("restart", request.flag("restart", false));
                return content;
            default:
                return null;
        }
    }

    private synchronized Comms comms() {
        if (comms == null) {
            comms = new Comms(session.join().kernel().getCommManager(), iopub);
        }
        return comms;
    }
}
