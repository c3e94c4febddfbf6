package pomona.pass;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private final List<String> reports = new ArrayList<>();
    private Progress.Listener before;

    @BeforeEach
    void listen() {
        before = Progress.listen(progress -> reports.add(progress.task() + " " + progress.done() + " of "
                + progress.total() + (progress.isEnded() ? " end" : "")));
    }

    @AfterEach
    void restore() {
        Progress.listen(before);
    }

    @Test
    void workInsideWorkReportsToo() {
        try (Progress outer = Progress.start("outer", 1)) {
            try (Progress inner = Progress.start("inner", 2)) {
                inner.advance(2, "");
            }
            outer.advance(1, "");
        }
        assertThat(reports)
                .containsExactly(
                        "outer 0 of 1",
                        "inner 0 of 2",
                        "inner 2 of 2",
                        "inner 2 of 2 end",
                        "outer 1 of 1",
                        "outer 1 of 1 end");
    }

    @Test
    void partsOfAWholeAreNotShown() throws InterruptedException {
        try (Progress whole = Progress.startWhole("whole", 1)) {
            try (Progress inner = Progress.startWhole("inner", 2)) {
                inner.advance(2, "");
            }
            Progress.start("evaluate", 1).close();
            Thread other = new Thread(() -> Progress.start("other thread", 1).close());
            other.start();
            other.join();
            whole.advance(1, "");
        }
        Progress.start("after", 1).close();
        assertThat(reports)
                .containsExactly(
                        "whole 0 of 1",
                        "other thread 0 of 1",
                        "other thread 0 of 1 end",
                        "whole 1 of 1",
                        "whole 1 of 1 end",
                        "after 0 of 1",
                        "after 0 of 1 end");
    }
}
