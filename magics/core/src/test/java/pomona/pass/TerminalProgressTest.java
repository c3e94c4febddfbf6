package pomona.pass;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TerminalProgressTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long millis = 1_000;
    private Progress.Listener before;

    @BeforeEach
    void listen() {
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        before = Progress.listen(new TerminalProgress(out, () -> millis * 1_000_000));
    }

    @AfterEach
    void stop() {
        Progress.listen(before);
    }

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void oneLineIsWrittenOverAndStays() {
        try (Progress progress = Progress.start("train", 4)) {
            millis += 400;
            progress.advance(1, "loss 0.5000");
            millis += 10; // too soon for another look
            progress.advance(1, "loss 0.4");
            millis += 200;
            progress.advance(1, "loss 0.3");
            progress.advance(1, "");
        }
        assertThat(written())
                .isEqualTo("\rtrain [######------------------] 25 %, 0.4 s, loss 0.5000"
                        + "\rtrain [##################------] 75 %, 0.6 s, loss 0.3   "
                        + "\rtrain: done, 100 %, 0.6 s"
                        + " ".repeat(29)
                        + System.lineSeparator());
    }

    @Test
    void shortWorkShowsNothing() {
        try (Progress progress = Progress.start("fold", 2)) {
            progress.advance(1, "");
            millis += 299;
        }
        assertThat(written()).isEmpty();
    }

    @Test
    void whatIsNotFinishedSaysSoAndLongLinesAreCut() {
        try (Progress progress = Progress.start("search", 10)) {
            millis += 500;
            progress.advance(3, "x".repeat(90));
        }
        assertThat(written().split("\r"))
                .containsExactly(
                        "",
                        "search [#######-----------------] 30 %, 0.5 s, " + "x".repeat(32),
                        "search: stopped at 30 %, 0.5 s, " + "x".repeat(47) + System.lineSeparator());
    }

    @Test
    void aTerminalIsTheErrorStreamOfTheMoment() {
        PrintStream real = System.err;
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            Progress.toTerminal();
        } finally {
            System.setErr(real);
        }
        try (Progress progress = Progress.start("wait", 2)) {
            while (written().isEmpty()) {
                progress.advance(0, "");
                Thread.onSpinWait();
            }
        }
        assertThat(written()).startsWith("\rwait [").contains("wait: stopped at 0 %, 0.");
    }
}
