package pomona.kernel.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static pomona.kernel.protocol.KernelProcess.content;

import com.google.gson.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {

    private static final long LARGE = 1 << 20;

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("kept/history.jsonl");
    }

    private History session(String... cells) {
        History history = new History(new HistoryFile(file(), LARGE));
        for (int i = 0; i < cells.length; i++) {
            history.add(i + 1, cells[i], cells[i].endsWith(";") ? null : "value of " + cells[i]);
        }
        history.flush();
        return history;
    }

    private static String ask(History history, Object... pairs) {
        WireMessage request = new WireMessage(
                List.of(), new JsonObject(), new JsonObject(), new JsonObject(), content(pairs), List.of());
        JsonObject reply = history.reply(request);
        assertThat(reply.get("status").getAsString()).isEqualTo("ok");
        return reply.get("history").toString();
    }

    @Test
    void theTailGoesOnIntoEarlierSessions() {
        session("a;", "b;");
        History second = session("c;", "d");
        assertThat(ask(second, "hist_access_type", "tail", "n", 3))
                .isEqualTo("[[1,2,\"b;\"],[2,1,\"c;\"],[2,2,\"d\"]]");
        assertThat(ask(second, "hist_access_type", "tail", "n", 2, "output", true))
                .isEqualTo("[[2,1,[\"c;\",null]],[2,2,[\"d\",\"value of d\"]]]");
        assertThat(ask(second, "hist_access_type", "tail", "n", 0)).isEqualTo("[]");
        assertThat(ask(session(), "hist_access_type", "tail", "n", 1)).isEqualTo("[[2,2,\"d\"]]");
    }

    @Test
    void aRangeIsOfOneSession() {
        session("a;", "b;", "c;");
        session("d;");
        History third = session("e;", "f;");
        assertThat(ask(third, "hist_access_type", "range", "session", 0, "start", 1, "stop", 2))
                .isEqualTo("[[3,1,\"e;\"]]");
        assertThat(ask(third, "hist_access_type", "range", "session", 1, "start", 2))
                .isEqualTo("[[1,2,\"b;\"],[1,3,\"c;\"]]");
        assertThat(ask(third, "hist_access_type", "range", "session", -1)).isEqualTo("[[2,1,\"d;\"]]");
        assertThat(ask(third, "hist_access_type", "range", "session", -2, "stop", 2))
                .isEqualTo("[[1,1,\"a;\"]]");
        assertThat(ask(third, "hist_access_type", "range", "session", -9)).isEqualTo("[]");
    }

    @Test
    void aSearchTakesGlobsAndDropsRepeats() {
        session("int a = 1;", "int b = 1;");
        History second = session("int a = 1;", "long a = 1;\nint c;");
        assertThat(ask(second, "hist_access_type", "search", "pattern", "int [ab]*"))
                .isEqualTo("[[1,1,\"int a = 1;\"],[1,2,\"int b = 1;\"],[2,1,\"int a = 1;\"]]");
        assertThat(ask(second, "hist_access_type", "search", "pattern", "int*", "unique", true))
                .isEqualTo("[[1,2,\"int b = 1;\"],[2,1,\"int a = 1;\"]]");
        assertThat(ask(second, "hist_access_type", "search", "pattern", "*int*", "unique", true, "n", 1))
                .isEqualTo("[[2,2,\"long a \\u003d 1;\\nint c;\"]]".replace("\\u003d", "="));
        assertThat(ask(second, "hist_access_type", "search", "pattern", "int ? = [^2];", "n", 1))
                .isEqualTo("[[2,1,\"int a = 1;\"]]");
        assertThat(ask(second, "hist_access_type", "search", "pattern", "a.b")).isEqualTo("[]");
    }

    @Test
    void aDamagedFileLosesOnlyWhatIsDamaged() throws Exception {
        session("a;", "b;");
        Files.writeString(file(), "{\"session\":1,\"line\":3,\"sour", StandardOpenOption.APPEND);
        History second = session("c;");
        assertThat(ask(second, "hist_access_type", "tail", "n", 9))
                .isEqualTo("[[1,1,\"a;\"],[1,2,\"b;\"],[2,1,\"c;\"]]");
    }

    @Test
    void theFileIsTheUsersAloneAndBounded() throws Exception {
        History history = new History(new HistoryFile(file(), 20_000));
        for (int i = 1; i <= 300; i++) {
            history.add(i, "cell number " + i + " " + "x".repeat(100), null);
        }
        history.flush();
        assertThat(Files.size(file())).isLessThan(21_000);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        History next = session();
        assertThat(ask(next, "hist_access_type", "tail", "n", 1)).contains("cell number 300 ");
        assertThat(ask(next, "hist_access_type", "search", "pattern", "cell number 1 *"))
                .isEqualTo("[]");
    }

    @Test
    void aFileThatCanNotBeWrittenLeavesTheSessionsOwn() throws Exception {
        Files.writeString(folder.resolve("kept"), "a file where a folder should be");
        assertThat(ask(session("a;"), "hist_access_type", "tail", "n", 5)).isEqualTo("[[1,1,\"a;\"]]");
    }

    @Test
    void theEnvironmentSaysWhere() {
        assertThat(HistoryFile.ofUser(Map.of("POMONA_HISTORY", "off"))).isNull();
        assertThat(ask(new History(null), "hist_access_type", "tail", "n", 5)).isEqualTo("[]");
    }

    @Test
    void kernelsWriteTogether() throws Exception {
        List<Process> writers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            writers.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "-Xshare:auto",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Writer.class.getName(),
                            file().toString())
                    .inheritIO()
                    .start());
        }
        for (Process writer : writers) {
            assertThat(writer.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(writer.exitValue()).isZero();
        }
        List<HistoryFile.Entry> all = new HistoryFile(file(), LARGE).read();
        assertThat(all).hasSize(3 * Writer.CELLS);
        for (int session = 1; session <= 3; session++) {
            int number = session;
            assertThat(all.stream().filter(entry -> entry.session() == number).map(HistoryFile.Entry::line))
                    .hasSize(Writer.CELLS)
                    .isSorted();
        }
    }

    /** A kernel's share of writing, in a process of its own. */
    static final class Writer {

        static final int CELLS = 100;

        public static void main(String[] args) throws Exception {
            HistoryFile file = new HistoryFile(Path.of(args[0]), LARGE);
            for (int i = 1; i <= CELLS; i++) {
                file.add(i, "cell " + i + "\n" + "ä".repeat(i), null);
            }
        }
    }
}
