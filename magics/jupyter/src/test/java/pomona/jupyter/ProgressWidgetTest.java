package pomona.jupyter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import pomona.pass.Progress;

class ProgressWidgetTest {

    private static final long MILLI = 1_000_000;

    private final List<String> events = new ArrayList<>();
    private final List<Map<String, Object>> opened = new ArrayList<>();
    private boolean open = true;
    private long now;
    private Progress.Listener before;

    private final class Port implements WidgetPort {

        @Override
        public boolean isOpen() {
            return open;
        }

        @Override
        public Model open(Map<String, Object> state) {
            opened.add(state);
            String id = "m" + opened.size();
            events.add("open " + id + " " + state.get("_model_name"));
            return new Model() {
                @Override
                public String id() {
                    return id;
                }

                @Override
                public void update(Map<String, Object> state) {
                    events.add("update " + id + " " + state);
                }

                @Override
                public void close() {
                    events.add("close " + id);
                }
            };
        }
    }

    @BeforeEach
    void listen() {
        ProgressDisplay.Screen screen = new ProgressDisplay.Screen() {
            @Override
            public String display(Object value) {
                events.add("display " + value);
                return "d";
            }

            @Override
            public void update(String id, Object value) {
                events.add("redisplay " + new ProgressView().text((ProgressState) value));
            }

            @Override
            public WidgetPort widgets() {
                return new Port();
            }
        };
        before = Progress.listen(new ProgressDisplay(screen, () -> now));
    }

    @AfterEach
    void restore() {
        Progress.listen(before);
    }

    @Test
    void aBarIsOpenedUpdatedAndReplacedByALine() {
        try (Progress progress = Progress.start("fine-tune", 4)) {
            now += 1000 * MILLI;
            progress.advance(1, "loss 0.50");
            now += 1000 * MILLI;
            progress.advance(1, "loss 0.30");
        }
        assertThat(events)
                .containsExactly(
                        "open m1 LayoutModel",
                        "open m2 ProgressStyleModel",
                        "open m3 IntProgressModel",
                        "open m4 LabelStyleModel",
                        "open m5 LabelModel",
                        "open m6 HBoxModel",
                        "display WidgetView[model=m6, text=fine-tune [######------------------] 25 %, loss 0.50, 1.0 s,"
                                + " 3.0 s left]",
                        "update m3 {value=2}",
                        "update m5 {value=50 %, loss 0.30, 2.0 s, 2.0 s left}",
                        "redisplay fine-tune: stopped at 50 % after 2.0 s, loss 0.30",
                        "close m6",
                        "close m5",
                        "close m4",
                        "close m3",
                        "close m2",
                        "close m1");
        assertThat(opened.get(2))
                .containsEntry("value", 1L)
                .containsEntry("max", 4L)
                .containsEntry("description", "fine-tune")
                .containsEntry("style", "IPY_MODEL_m2");
        assertThat(opened.get(5)).containsEntry("children", List.of("IPY_MODEL_m3", "IPY_MODEL_m5"));
    }

    @Test
    void withoutWidgetsNothingIsOpened() {
        open = false;
        try (Progress progress = Progress.start("fold", 4)) {
            now += 1000 * MILLI;
            progress.advance(4, "");
        }
        assertThat(opened).isEmpty();
        assertThat(events).last().isEqualTo("redisplay fold: done in 1.0 s");
    }

    @Test
    void workThatEndsBeforeItIsShownShowsItsLineOnly() {
        try (Progress progress = Progress.start("fold", 4)) {
            progress.advance(3, "");
            now += 1000 * MILLI;
        }
        assertThat(opened).isEmpty();
        assertThat(events).hasSize(1).first().asString().contains("task=fold, done=3, total=4");
    }
}
