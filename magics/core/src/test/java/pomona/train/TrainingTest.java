package pomona.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TrainingTest {

    @Test
    void refusesSettingsOutOfRange() {
        refused(() -> Training.epochs(0), "epochs must be 1 or more; it was 0.");
        refused(() -> Training.epochs(1).withBatchSize(-4), "batch-size must be 1 or more; it was -4.");
        refused(() -> Training.epochs(1).withLearningRate(0), "learning-rate must be above 0; it was 0.0.");
        refused(() -> Training.epochs(1).withLearningRate(Double.NaN), "learning-rate must be above 0; it was NaN.");
        refused(() -> Training.epochs(1).withWeightDecay(-1), "weight-decay must be 0 or more; it was -1.0.");
        refused(() -> Training.epochs(1).withJitter(-1), "jitter must be 0 or more; it was -1.");
    }

    @Test
    void theCosineFallsFromTheBaseToZero() {
        assertThat(Schedule.COSINE.rate(0.1, 0, 10)).isEqualTo(0.1);
        assertThat(Schedule.COSINE.rate(0.1, 5, 10)).isCloseTo(0.05, within(1e-9));
        assertThat(Schedule.COSINE.rate(0.1, 10, 10)).isCloseTo(0, within(1e-9));
        assertThat(Schedule.CONSTANT.rate(0.1, 9, 10)).isEqualTo(0.1);
    }

    private static void refused(Runnable settings, String message) {
        assertThatThrownBy(settings::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
