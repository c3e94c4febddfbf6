package pomona.kernel.protocol;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.zeromq.ZMQ;
import pomona.kernel.CellOutputs;
import pomona.kernel.CellResult;
import pomona.kernel.JavaSession;

/** Runs execute requests; the shell's thread waits here, and meanwhile asks the front end for input if a cell reads. */
final class Executions {

    private static final int INPUT_POLL_MILLIS = 50;

    private final Wire wire;
    private final Broadcaster iopub;
    private final ZMQ.Socket stdin;
    private final SessionInput input;
    private final History history;
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private int count;

    Executions(Wire wire, Broadcaster iopub, ZMQ.Socket stdin, SessionInput input, History history) {
        this.wire = wire;
        this.iopub = iopub;
        this.stdin = stdin;
        this.input = input;
        this.history = history;
        stdin.setReceiveTimeOut(INPUT_POLL_MILLIS);
    }

    /** Runs one request and gives the content of its reply. */
    JsonObject execute(WireMessage request, JavaSession session, Comms comms) {
        String code = request.text("code", "");
        boolean silent = request.flag("silent", false);
        boolean stored = !silent && request.flag("store_history", true);
        int number = count + 1;
        if (!silent) {
            publishInput(request, code, number);
        }
        comms.during(request);
        PublishedOutputs outputs = new PublishedOutputs(iopub, request, silent);
        input.askBy(request.flag("allow_stdin", true) ? () -> ask(request, session) : null);
        CellResult result = await(() -> session.execute(code, outputs, stored));
        if (stored) {
            count = result.executionCount();
            history.add(count, code, outputs.resultText());
        }
        JsonObject error = outputs.error();
        JsonObject reply = new JsonObject();
        reply.addProperty("status", error == null ? "ok" : "error");
        reply.addProperty("execution_count", stored ? count : number);
        reply.add("user_expressions", error == null ? expressions(request, session) : new JsonObject());
        reply.add("payload", outputs.payload());
        if (error != null) {
            error.entrySet().forEach(entry -> reply.add(entry.getKey(), entry.getValue()));
        }
        return reply;
    }

    /** The reply to a request that waited behind a failing one. */
    JsonObject aborted() {
        JsonObject reply = new JsonObject();
        reply.addProperty("status", "aborted");
        reply.addProperty("execution_count", count);
        return reply;
    }

    private void publishInput(WireMessage request, String code, int number) {
        JsonObject content = new JsonObject();
        content.addProperty("code", code);
        content.addProperty("execution_count", number);
        iopub.publish(request, "execute_input", content);
    }

    private JsonObject expressions(WireMessage request, JavaSession session) {
        JsonObject values = new JsonObject();
        JsonElement wanted = request.content().get("user_expressions");
        if (wanted != null && wanted.isJsonObject()) {
            for (Map.Entry<String, JsonElement> one : wanted.getAsJsonObject().entrySet()) {
                ExpressionValue value = new ExpressionValue();
                String code = one.getValue().isJsonPrimitive() ? one.getValue().getAsString() : "";
                await(() -> session.execute(code, value, false));
                values.add(one.getKey(), value.json);
            }
        }
        return values;
    }

    /** Runs a cell on a thread of its own and serves the cell's wishes on this one until it has ended. */
    private CellResult await(Supplier<CellResult> cell) {
        CompletableFuture<CellResult> running = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        running.complete(cell.get());
                    } catch (RuntimeException | Error e) {
                        running.completeExceptionally(e);
                    } finally {
                        tasks.add(() -> {});
                    }
                },
                "execution");
        thread.setDaemon(true);
        thread.start();
        while (!running.isDone()) {
            try {
                tasks.take().run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        return running.join();
    }

    private CompletableFuture<String> ask(WireMessage request, JavaSession session) {
        // What was printed as a prompt stands before the question.
        session.flushOutput();
        CompletableFuture<String> answer = new CompletableFuture<>();
        tasks.add(() -> requestInput(request, answer));
        return answer;
    }

    private void requestInput(WireMessage request, CompletableFuture<String> answer) {
        while (wire.receive(stdin, false) != null) {
            // An answer to an earlier question, whose cell was interrupted.
            continue;
        }
        JsonObject content = new JsonObject();
        content.addProperty("prompt", "");
        content.addProperty("password", false);
        wire.send(stdin, wire.reply(request, "input_request", content));
        while (!answer.isDone()) {
            WireMessage reply = wire.receive(stdin, true);
            if (reply != null && reply.type().equals("input_reply")) {
                answer.complete(reply.text("value", ""));
            }
        }
    }

    /** Keeps the value or the error of one user expression. */
    private static final class ExpressionValue implements CellOutputs {

        private volatile JsonObject json = new JsonObject();

        ExpressionValue() {
            result(0, Map.of("text/plain", "null"), Map.of());
        }

        @Override
        public void result(int executionCount, Map<String, Object> bundle, Map<String, Object> metadata) {
            json = PublishedOutputs.data(bundle, metadata, null);
            json.remove("transient");
            json.addProperty("status", "ok");
        }

        @Override
        public void error(String ename, String evalue, List<String> traceback) {
            json = new JsonObject();
            json.addProperty("status", "error");
            json.addProperty("ename", ename);
            json.addProperty("evalue", evalue);
            json.add("traceback", Wire.GSON.toJsonTree(traceback));
        }

        @Override
        public void stream(String name, String text) {}

        @Override
        public void display(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {}

        @Override
        public void updateDisplay(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {}

        @Override
        public void clear(boolean wait) {}
    }
}
