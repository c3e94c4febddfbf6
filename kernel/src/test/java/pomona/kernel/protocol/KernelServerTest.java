package pomona.kernel.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static pomona.kernel.protocol.KernelProcess.content;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.zeromq.ZMQ;

class KernelServerTest {

    private static KernelProcess kernel;

    @BeforeAll
    static void start() throws Exception {
        kernel = new KernelProcess();
    }

    @AfterAll
    static void stop() throws Exception {
        kernel.close();
    }

    private static JsonObject ask(String type, Object... pairs) {
        return kernel.request(kernel.shell, type, content(pairs));
    }

    @Test
    void kernelInfoIsWhole() {
        JsonObject info = ask("kernel_info_request");
        assertThat(info.keySet())
                .contains(
                        "status",
                        "protocol_version",
                        "implementation",
                        "implementation_version",
                        "banner",
                        "help_links");
        assertThat(info.get("status").getAsString()).isEqualTo("ok");
        JsonObject language = info.getAsJsonObject("language_info");
        assertThat(language.get("name").getAsString()).isEqualTo("java");
        assertThat(language.get("file_extension").getAsString()).isEqualTo(".jshell");
        assertThat(kernel.request(kernel.control, "kernel_info_request", content()))
                .isEqualTo(info);
    }

    @Test
    void aCellsMessagesComeInOrder() {
        var run = kernel.execute("System.out.println(\"out\"); System.err.println(\"err\"); display(\"d\"); 6 * 7");
        assertThat(run.types())
                .containsExactly(
                        "status", "execute_input", "stream", "stream", "display_data", "execute_result", "status");
        assertThat(run.status()).isEqualTo("ok");
        assertThat(run.first("execute_result").content().getAsJsonObject("data"))
                .isEqualTo(content("text/plain", "42"));
        assertThat(run.first("execute_result").number("execution_count", 0))
                .isEqualTo(run.reply().get("execution_count").getAsInt());
    }

    @Test
    void anErrorIsPublishedAndReplied() {
        var run = kernel.execute("int q = 1 / 0;");
        assertThat(run.status()).isEqualTo("error");
        assertThat(run.reply().get("ename").getAsString()).isEqualTo("ArithmeticException");
        assertThat(run.reply().get("evalue").getAsString()).isEqualTo("/ by zero");
        assertThat(run.reply().get("traceback"))
                .isEqualTo(run.first("error").content().get("traceback"));
        assertThat(kernel.execute("q").status()).isEqualTo("ok");
    }

    @Test
    void silentPublishesNothingAndCountsNothing() {
        int before = kernel.execute("1").reply().get("execution_count").getAsInt();
        var run = kernel.execute("System.out.println(1); 2", "silent", true);
        assertThat(run.types()).containsExactly("status", "status");
        assertThat(kernel.execute("1", "store_history", false)
                        .reply()
                        .get("execution_count")
                        .getAsInt())
                .isEqualTo(before + 1);
        assertThat(kernel.execute("1").reply().get("execution_count").getAsInt())
                .isEqualTo(before + 1);
    }

    @Test
    void userExpressionsAreEvaluated() {
        var run = kernel.execute("int u = 5;", "user_expressions", Map.of("double", "u * 2", "wrong", "nowhere"));
        JsonObject values = run.reply().getAsJsonObject("user_expressions");
        assertThat(values.getAsJsonObject("double")
                        .getAsJsonObject("data")
                        .get("text/plain")
                        .getAsString())
                .isEqualTo("10");
        assertThat(values.getAsJsonObject("wrong").get("status").getAsString()).isEqualTo("error");
    }

    @Test
    void waitingCellsAreAbortedAfterAnError() {
        JsonObject failing =
                kernel.send(kernel.shell, "execute_request", content("code", "Thread.sleep(500); int z = 1 / 0;"));
        JsonObject waiting = kernel.send(kernel.shell, "execute_request", content("code", "int w = 1;"));
        JsonObject question = kernel.send(kernel.shell, "kernel_info_request", content());
        assertThat(kernel.reply(kernel.shell, failing).text("status", "")).isEqualTo("error");
        assertThat(kernel.reply(kernel.shell, waiting).text("status", "")).isEqualTo("aborted");
        assertThat(kernel.reply(kernel.shell, question).text("status", "")).isEqualTo("ok");
        JsonObject tolerant = kernel.send(
                kernel.shell, "execute_request", content("code", "Thread.sleep(300); 1 / 0", "stop_on_error", false));
        JsonObject next = kernel.send(kernel.shell, "execute_request", content("code", "1"));
        assertThat(kernel.reply(kernel.shell, tolerant).text("status", "")).isEqualTo("error");
        assertThat(kernel.reply(kernel.shell, next).text("status", "")).isEqualTo("ok");
    }

    @Test
    void aLateThreadPrintsUnderItsCell() {
        JsonObject header = kernel.send(
                kernel.shell,
                "execute_request",
                content(
                        "code",
                        "new Thread(() -> { try { Thread.sleep(500); } catch (InterruptedException e) { }"
                                + " System.out.println(\"late\"); }).start();"));
        kernel.reply(kernel.shell, header);
        JsonObject next = kernel.send(kernel.shell, "execute_request", content("code", "Thread.sleep(1500);"));
        WireMessage late = kernel.until(message -> message.type().equals("stream"));
        assertThat(late.text("text", "")).isEqualTo("late\n");
        assertThat(late.parent().get("msg_id")).isEqualTo(header.get("msg_id"));
        kernel.reply(kernel.shell, next);
    }

    @Test
    void completionCountsCodePoints() {
        String code = "String s = \"😀\"; s.toUpp";
        JsonObject reply = ask("complete_request", "code", code, "cursor_pos", code.codePointCount(0, code.length()));
        assertThat(reply.getAsJsonArray("matches").toString()).isEqualTo("[\"toUpperCase(\"]");
        assertThat(reply.get("cursor_start").getAsInt()).isEqualTo(code.codePointCount(0, code.indexOf("toUpp")));
        assertThat(reply.get("cursor_end").getAsInt()).isEqualTo(code.codePointCount(0, code.length()));
        JsonObject middle = ask("complete_request", "code", "Math.ma + 1", "cursor_pos", 7);
        assertThat(middle.getAsJsonArray("matches").toString()).isEqualTo("[\"max(\"]");
        assertThat(middle.get("cursor_start").getAsInt()).isEqualTo(5);
    }

    @Test
    void completionKnowsMagicsAndVariables() {
        assertThat(ask("complete_request", "code", "var f = %fru", "cursor_pos", 12)
                        .get("matches")
                        .toString())
                .isEqualTo("[\"fruit\"]");
        kernel.execute("int lengthy = 1;");
        assertThat(ask("complete_request", "code", "%fruit leng", "cursor_pos", 11)
                        .get("matches")
                        .toString())
                .isEqualTo("[\"lengthy\"]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Math.max(1, 2) | 7 | int Math.max(int a, int b)",
                "Math.max(1, 2) | 8 | int Math.max(int a, int b)",
                "Math.max(1, 2) | 14 | int Math.max(int a, int b)",
                "String | 6 | java.lang.String",
                "var t = %fruit a | 11 | pomona.kernel.SampleExtension.Fruit %fruit"
            })
    void inspectionWorksAnywhere(String code, int cursor, String start) {
        JsonObject reply = ask("inspect_request", "code", code, "cursor_pos", cursor, "detail_level", 0);
        assertThat(reply.get("found").getAsBoolean()).isTrue();
        JsonObject data = reply.getAsJsonObject("data");
        assertThat(data.get("text/plain").getAsString()).startsWith(start);
        assertThat(data.get("text/html").getAsString()).contains("<code>");
    }

    @Test
    void inspectionOfNothingFindsNothing() {
        JsonObject reply = ask("inspect_request", "code", "nowhere", "cursor_pos", 3);
        assertThat(reply.get("status").getAsString()).isEqualTo("ok");
        assertThat(reply.get("found").getAsBoolean()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "int x = 1; | complete | ''",
                "x | complete | ''",
                "for (int i = 0; i < 3; i++) { | incomplete | '    '",
                "class A { void f() { | incomplete | '        '",
                "1 + | incomplete | ''",
                "int x = = 3; | invalid | ''",
                "1 +* 2 | invalid | ''",
                "void twice() {} twice(); | complete | ''",
                "%fruit pear | complete | ''",
                "%%join | incomplete | ''"
            })
    void completenessIsJudged(String code, String status, String indent) {
        JsonObject reply = ask("is_complete_request", "code", code);
        assertThat(reply).isEqualTo(content("status", status, "indent", indent));
    }

    @Test
    void historyIsAnswered() {
        kernel.execute("int remembered = 1;");
        kernel.execute("int remembered = 2;");
        assertThat(history("hist_access_type", "tail", "n", 1)).containsExactly("int remembered = 2;");
        assertThat(history("hist_access_type", "search", "pattern", "*remembered = ?;"))
                .contains("int remembered = 1;", "int remembered = 2;");
        assertThat(history("hist_access_type", "range", "session", 0, "start", 1, "stop", 2))
                .hasSize(1);
    }

    @Test
    void previewFeaturesAreAnOption() throws Exception {
        String cell = Runtime.version().feature() < 21
                ? "Object o = 5; String s = switch (o) { case Integer i -> \"int \" + i; default -> \"\"; };\ns"
                : "Object o = 5; String s = o instanceof int i ? \"int \" + i : \"\";\ns";
        assertThat(kernel.execute(cell).reply().get("evalue").getAsString()).contains("preview feature");
        try (KernelProcess other = new KernelProcess(null, "--enable-preview")) {
            assertThat(other.execute(cell).first("execute_result").content().toString())
                    .contains("\"int 5\"");
        }
    }

    @Test
    void historyOutlivesItsKernel(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("history.jsonl");
        try (KernelProcess first = new KernelProcess(file)) {
            first.execute("int planted = 7;\nplanted");
            first.request(first.control, "shutdown_request", content("restart", false));
            first.process.waitFor(10, TimeUnit.SECONDS);
        }
        try (KernelProcess second = new KernelProcess(file)) {
            second.execute("int later = 8;");
            JsonObject found = second.request(
                    second.shell,
                    "history_request",
                    content("hist_access_type", "search", "pattern", "int *", "output", true));
            assertThat(found.getAsJsonArray("history").toString())
                    .isEqualTo("[[1,2,[\"int planted = 7;\\nplanted\",\"7\"]],[2,2,[\"int later = 8;\",null]]]");
        }
    }

    private static List<String> history(Object... pairs) {
        return ask("history_request", pairs).getAsJsonArray("history").asList().stream()
                .map(tuple -> tuple.getAsJsonArray().get(2).getAsString())
                .toList();
    }

    @Test
    void commInfoListsNoComms() {
        assertThat(ask("comm_info_request")).isEqualTo(content("status", "ok", "comms", Map.of()));
    }

    @Test
    void anUnknownCommTargetIsClosed() {
        JsonObject header = kernel.send(
                kernel.shell, "comm_open", content("comm_id", "c1", "target_name", "nobody", "data", Map.of()));
        assertThat(kernel.published(header)).extracting(WireMessage::type).contains("comm_close");
    }

    @Test
    void inputIsAskedOfTheFrontEnd() {
        JsonObject header = kernel.send(
                kernel.shell,
                "execute_request",
                content("code", "new Scanner(System.in).nextLine().toUpperCase()", "allow_stdin", true));
        WireMessage question = kernel.wire.receive(kernel.stdin, true);
        assertThat(question.type()).isEqualTo("input_request");
        kernel.send(kernel.stdin, "input_reply", content("status", "ok", "value", "hello"));
        assertThat(kernel.reply(kernel.shell, header).text("status", "")).isEqualTo("ok");
        WireMessage result = kernel.until(message -> message.type().equals("execute_result"));
        assertThat(result.content().getAsJsonObject("data").get("text/plain").getAsString())
                .isEqualTo("HELLO");
        assertThat(kernel.execute("System.in.read()", "allow_stdin", false)
                        .reply()
                        .get("evalue")
                        .getAsString())
                .isEqualTo("This front end gives no input to cells.");
    }

    @ParameterizedTest
    @CsvSource({"while (true) {}", "Thread.sleep(60000)", "System.in.read()"})
    void anInterruptMessageStopsACell(String code) throws Exception {
        long millis = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 4 && millis >= 500; attempt++) {
            JsonObject header =
                    kernel.send(kernel.shell, "execute_request", content("code", code, "allow_stdin", true));
            Thread.sleep(700);
            long start = System.nanoTime();
            assertThat(kernel.request(kernel.control, "interrupt_request", content()))
                    .isEqualTo(content("status", "ok"));
            assertThat(kernel.reply(kernel.shell, header).text("ename", "")).isEqualTo("Interrupted");
            millis = Math.min(millis, (System.nanoTime() - start) / 1_000_000);
            assertThat(kernel.execute("1").status()).isEqualTo("ok");
        }
        assertThat(millis).isLessThan(500);
    }

    @Test
    void anInterruptSignalStopsACell() throws Exception {
        JsonObject header = kernel.send(kernel.shell, "execute_request", content("code", "while (true) {}"));
        Thread.sleep(500);
        new ProcessBuilder("kill", "-INT", String.valueOf(kernel.process.pid()))
                .start()
                .waitFor();
        assertThat(kernel.reply(kernel.shell, header).text("ename", "")).isEqualTo("Interrupted");
        assertThat(kernel.process.isAlive()).isTrue();
    }

    @Test
    void theHeartbeatAnswersDuringACell() {
        JsonObject header = kernel.send(kernel.shell, "execute_request", content("code", "Thread.sleep(1500);"));
        kernel.heartbeat.send("ping");
        assertThat(kernel.heartbeat.recvStr()).isEqualTo("ping");
        assertThat(kernel.wire.receive(kernel.shell, false)).isNull();
        kernel.reply(kernel.shell, header);
    }

    @Test
    void wronglySignedAndMalformedMessagesAreDropped() throws Exception {
        KernelConnectionProperties other =
                new KernelConnectionProperties("127.0.0.1", 0, 0, 0, 0, 0, "tcp", "hmac-sha256", "guessed");
        Wire forger = new Wire(other);
        WireMessage message = forger.broadcast(null, "execute_request", content("code", "int forged = 1;"));
        forger.send(
                kernel.shell,
                new WireMessage(
                        List.of(), message.header(), new JsonObject(), new JsonObject(), message.content(), List.of()));
        kernel.shell.send("nonsense");
        kernel.shell.send("<IDS|MSG>", ZMQ.SNDMORE);
        kernel.shell.send("");
        assertThat(kernel.execute("forged").reply().get("evalue").getAsString())
                .isEqualTo("line 1: cannot find symbol: variable forged");
    }

    @Test
    void aShutdownEndsTheProcessWithinHalfASecond() throws Exception {
        // A busy machine may delay once what it does not delay every time.
        long millis = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 4 && millis >= 500; attempt++) {
            millis = Math.min(millis, shutdownMillis());
        }
        assertThat(millis).isLessThan(500);
    }

    private static long shutdownMillis() throws Exception {
        try (KernelProcess other = new KernelProcess()) {
            other.send(other.shell, "execute_request", content("code", "while (true) {}"));
            Thread.sleep(500);
            long start = System.nanoTime();
            JsonObject reply = other.request(other.control, "shutdown_request", content("restart", false));
            assertThat(reply).isEqualTo(content("status", "ok", "restart", false));
            assertThat(other.process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(other.process.exitValue()).isZero();
            return (System.nanoTime() - start) / 1_000_000;
        }
    }
}
