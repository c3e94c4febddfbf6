package pomona.jupyter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import pomona.pass.Progress;

class ProgressDisplayTest {

    private static final long MILLI = 1_000_000;

    private final List<String> shown = new ArrayList<>();
    private final ProgressView view = new ProgressView();
    private long now;
    private int displays;
    private Progress.Listener before;

    @BeforeEach
    void listen() {
        ProgressDisplay.Screen screen = new ProgressDisplay.Screen() {
            @Override
            public String display(Object value) {
                String id = "id" + ++displays;
                update(id, value);
                return id;
            }

            @Override
            public void update(String id, Object value) {
                shown.add(id + " " + view.text((ProgressState) value));
            }
        };
        before = Progress.listen(new ProgressDisplay(screen, () -> now));
    }

    @AfterEach
    void restore() {
        Progress.listen(before);
    }

    @Test
    void shortWorkShowsNothing() {
        try (Progress progress = Progress.start("fold", 10)) {
            now += 250 * MILLI;
            progress.advance(10, "");
        }
        assertThat(shown).isEmpty();
    }

    @Test
    void aPieceOfWorkHasOneDisplayThatEndsInALine() {
        try (Progress progress = Progress.start("fine-tune", 4)) {
            now += 1000 * MILLI;
            progress.advance(1, "loss 0.50");
            now += 1000 * MILLI;
            progress.advance(1, "loss 0.30");
            now += 100 * MILLI;
            progress.advance(1, "loss 0.20");
            now += 10_200 * MILLI;
            progress.advance(1, "loss 0.02");
        }
        assertThat(shown)
                .containsExactly(
                        "id1 fine-tune [######------------------] 25 %, loss 0.50, 1.0 s, 3.0 s left",
                        "id1 fine-tune [############------------] 50 %, loss 0.30, 2.0 s, 2.0 s left",
                        "id1 fine-tune [########################] 100 %, loss 0.02, 12.3 s, 0.0 s left",
                        "id1 fine-tune: done in 12.3 s, loss 0.02");
    }

    @Test
    void changesAtMostFiveTimesASecond() {
        try (Progress progress = Progress.start("calibrate", 10_000)) {
            for (int i = 0; i < 10_000; i++) {
                now += MILLI / 2;
                progress.advance(1, "");
            }
        }
        assertThat(shown).hasSizeBetween(20, 26).last().isEqualTo("id1 calibrate: done in 5.0 s");
    }

    @Test
    void workThatStopsEarlySaysWhere() {
        try (Progress progress = Progress.start("distill", 200)) {
            now += 75_000 * MILLI;
            progress.advance(83, "loss 1.10");
        }
        assertThat(shown).last().isEqualTo("id1 distill: stopped at 41 % after 1 min 15 s, loss 1.10");
    }

    @Test
    void workInsideWorkHasItsOwnDisplay() {
        try (Progress outer = Progress.start("fuse", 2)) {
            now += 1000 * MILLI;
            outer.advance(1, "");
            try (Progress inner = Progress.start("train", 1)) {
                now += 1000 * MILLI;
                inner.advance(1, "");
            }
            outer.advance(1, "");
        }
        assertThat(shown).last().isEqualTo("id1 fuse: done in 2.0 s");
        assertThat(shown).contains("id2 train: done in 1.0 s");
    }

    @Test
    void showsABarInHtmlAndEscapesNotes() {
        String html = view.html(new ProgressState("fit", 3, 4, "<b>", 3_000 * MILLI, false));

        assertThat(html)
                .contains("<progress max=\"4\" value=\"3\"></progress>", "75 %", "3.0 s, 1.0 s left", "&lt;b&gt;")
                .doesNotContain("<b>");
        assertThat(view.html(new ProgressState("fit", 4, 4, "", 4_000 * MILLI, true)))
                .contains("fit: done in 4.0 s")
                .doesNotContain("<progress");
    }

    @Test
    void writesLongTimesShort() {
        assertThat(view.text(new ProgressState("fit", 1, 1, "", 4_000_000 * MILLI, true)))
                .isEqualTo("fit: done in 1 h 06 min");
    }
}
