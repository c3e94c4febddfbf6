package pomona.jupyter.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.evaluate.Evaluation;
import pomona.evaluate.Latency;

class EvaluationViewTest {

    private final EvaluationView view = new EvaluationView();

    private static Evaluation evaluation(String name, Latency latency) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("error %", 1.789);
        metrics.put("accuracy %", 98.211);
        metrics.put("cosine", 0.987654);
        return new Evaluation(name, 10_000, metrics, 266_610, 26_661, 266_200, 1_067_123, 98_765, latency);
    }

    @Test
    void saysWhatWasMeasured() {
        assertThat(view.text(evaluation("lenet", new Latency(41.26, 1_250, 500))))
                .isEqualTo("lenet on 10,000 records\n"
                        + "error 1.79 %, cosine 0.9877, parameters 266,610, non-zeros 26,661 (10.0 %), "
                        + "MACs 266,200, file 1.07 MB, compressed 98.8 KB, at batch 1 41.3 µs, "
                        + "90th percentile 1.25 ms");
    }

    @Test
    void leavesOutWhatWasNotMeasured() {
        assertThat(view.text(evaluation("lenet", Latency.NOT_MEASURED))).endsWith("compressed 98.8 KB");
    }

    @Test
    void escapesTheName() {
        assertThat(view.html(evaluation(Samples.HOSTILE, Latency.NOT_MEASURED)))
                .doesNotContain("<script")
                .contains("&lt;script&gt;", "<dt>error</dt><dd>1.79 %</dd>");
    }
}
