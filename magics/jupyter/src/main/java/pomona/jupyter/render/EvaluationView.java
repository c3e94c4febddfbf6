package pomona.jupyter.render;

import java.util.Locale;
import pomona.evaluate.Evaluation;

/** Shows what was measured of one network: its metrics, its size and its speed. */
final class EvaluationView implements View<Evaluation> {

    @Override
    public String html(Evaluation evaluation) {
        return Html.frame("<h4>" + Html.escape(evaluation.network()) + " <span class=\"pomona-dim\">" + on(evaluation)
                + "</span></h4>" + facts(evaluation).html());
    }

    @Override
    public String text(Evaluation evaluation) {
        return evaluation.network() + " " + on(evaluation) + "\n"
                + facts(evaluation).text();
    }

    private static String on(Evaluation evaluation) {
        return "on " + Quantity.count(evaluation.records()) + (evaluation.records() == 1 ? " record" : " records");
    }

    private static Facts facts(Evaluation evaluation) {
        Facts facts = new Facts();
        boolean hasError = evaluation.metrics().containsKey(Evaluation.ERROR);
        evaluation.metrics().forEach((name, value) -> {
            boolean saysTheSame = hasError && name.equals(Evaluation.ACCURACY);
            if (!saysTheSame) {
                metric(facts, name, value);
            }
        });
        facts.add("parameters", Quantity.count(evaluation.parameters()))
                .add("non-zeros", Quantity.share(evaluation.nonZeros(), evaluation.parameters()));
        if (evaluation.macs() >= 0) {
            facts.add("MACs", Quantity.count(evaluation.macs()));
        }
        facts.add("file", Quantity.bytes(evaluation.fileBytes()))
                .add("compressed", Quantity.bytes(evaluation.xzBytes()));
        if (evaluation.latency().isMeasured()) {
            facts.add("at batch 1", micros(evaluation.latency().median()))
                    .add("90th percentile", micros(evaluation.latency().p90()));
        }
        return facts;
    }

    /** Metrics in percent carry the sign in their name; it reads better behind the number. */
    private static void metric(Facts facts, String name, double value) {
        boolean percent = name.endsWith(" %");
        String plainName = percent ? name.substring(0, name.length() - 2) : name;
        String number = percent ? String.format(Locale.ROOT, "%.2f %%", value) : Quantity.digits(value, 4);
        facts.add(plainName, number);
    }

    private static String micros(double micros) {
        return micros < 1000 ? Quantity.digits(micros, 3) + " µs" : Quantity.digits(micros / 1000, 3) + " ms";
    }
}
