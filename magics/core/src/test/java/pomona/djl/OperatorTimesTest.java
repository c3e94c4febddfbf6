package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OperatorTimesTest {

    @Test
    void runsThatWereHeldUpDoNotCount() {
        // Three to warm up, then eight: the middle half of them is 4, 4, 5, 5.
        List<Double> once = List.of(90.0, 50.0, 9.0, 4.0, 4.0, 4.0, 3.0, 5.0, 5.0, 5.0, 900.0);
        assertThat(OperatorTimes.middle(once, 8)).isEqualTo(4.5);
        List<Double> twice = new ArrayList<>();
        once.forEach(time -> {
            twice.add(time);
            twice.add(1.0);
        });
        assertThat(OperatorTimes.middle(twice, 8)).isEqualTo(5.5);
        assertThat(OperatorTimes.middle(List.of(90.0, 50.0, 9.0, 7.0), 1)).isEqualTo(7);
    }
}
