package pomona.jupyter.magic;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.pass.NearestNames;
import pomona.report.Report;
import pomona.train.LossHistory;
import pomona.train.ProgressListener;
import pomona.train.Trained;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

/** {@code %plot [weights|loss] VALUE...}: a figure of a table, of evaluations, of weights, or of training. */
final class PlotMagic extends Magic<Figure> {

    private static final String WEIGHTS = "weights";
    private static final String LOSS = "loss";
    private static final List<String> KINDS = List.of(WEIGHTS, LOSS);

    /** As many points make a curve. */
    private static final int MANY_EPOCHS = 10;

    PlotMagic(Session session) {
        super(session);
    }

    @Override
    MagicCommand command(List<String> words) {
        return new MagicCommand(
                        "plot",
                        "Draws a table, evaluations (error against size), the weights of a network, or the losses of"
                                + " training.")
                .argument(
                        "VALUE",
                        "1..*",
                        "the variables that hold what to draw; the word weights or loss may stand before them")
                .option("x", "COLUMN", "of a table: what runs from left to right")
                .option("y", "COLUMN,...", "of a table: what is drawn")
                .option("kind", "points|line|bars", "of a table: how it is drawn")
                .option("log", "x|y|xy", "of a table: axes with a logarithmic scale")
                .option("title", "TEXT", "of a table: what to write above it");
    }

    @Override
    Figure run(List<String> args) {
        MagicArguments given = command(args).parse(args);
        boolean hasKind = KINDS.contains(given.first()) && given.positional().size() > 1;
        List<String> names =
                hasKind ? given.positional().subList(1, given.positional().size()) : given.positional();
        Map<String, Object> values = new LinkedHashMap<>();
        names.forEach(name -> values.put(name, value(name, given.first())));
        if (hasKind) {
            return given.first().equals(WEIGHTS) ? weights(names) : losses(values);
        }
        Object first = values.get(names.get(0));
        if (first instanceof Table table && names.size() == 1) {
            return TablePlot.of(table, given.options());
        }
        refuseTableOptions(given, names.get(0), first);
        if (first instanceof Evaluation || first instanceof List<?>) {
            return Report.errorAgainstSize(evaluations(values));
        } else if (first instanceof Network) {
            return weights(names);
        } else if (first instanceof Figure figure && names.size() == 1) {
            return figure;
        }
        return losses(values);
    }

    /** The value of a variable; a first word that is none may be a kind that was misspelled. */
    private Object value(String name, String first) {
        try {
            return session.value(name);
        } catch (IllegalArgumentException e) {
            List<String> near = name.equals(first) ? NearestNames.of(name, KINDS) : List.of();
            if (near.isEmpty()) {
                throw e;
            }
            throw new IllegalArgumentException(
                    "%plot has no kind " + name + ", and there is no such variable" + NearestNames.suggest(name, near),
                    e);
        }
    }

    private static void refuseTableOptions(MagicArguments given, String name, Object value) {
        if (!given.options().isEmpty()) {
            throw new IllegalArgumentException(
                    "--" + given.options().keySet().iterator().next() + " is for tables, but " + name + " is "
                            + Types.a(value) + ".");
        }
    }

    private Figure weights(List<String> names) {
        if (names.size() > 1) {
            throw new IllegalArgumentException("%plot weights takes one network; it was given " + names.size() + ".");
        }
        return Report.weights(network(names.get(0)));
    }

    private static List<Evaluation> evaluations(Map<String, Object> values) {
        List<Evaluation> evaluations = new ArrayList<>();
        values.forEach((name, value) -> {
            for (Object item : value instanceof List<?> list ? list : List.of(value)) {
                if (!(item instanceof Evaluation evaluation)) {
                    throw wrong(name, item);
                }
                evaluations.add(evaluation);
            }
        });
        return evaluations;
    }

    /** Losses by epoch when one has many epochs or knows nothing else, else by batch. */
    private static Figure losses(Map<String, Object> values) {
        boolean byBatch = values.values().stream()
                .map(PlotMagic::history)
                .allMatch(history -> history != null && history.epochs().length < MANY_EPOCHS);
        Map<String, double[]> series = values.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> losses(entry.getKey(), entry.getValue(), byBatch),
                        (a, b) -> b,
                        LinkedHashMap::new));
        return Report.lossCurve(byBatch ? "batch" : "epoch", series);
    }

    private static LossHistory history(Object value) {
        if (value instanceof Trained trained) {
            return trained.history();
        } else if (value instanceof ProgressListener listener) {
            return listener.history();
        }
        return value instanceof LossHistory history ? history : null;
    }

    private static double[] losses(String name, Object value, boolean byBatch) {
        LossHistory history = history(value);
        if (history != null) {
            return byBatch ? history.batches() : history.epochs();
        } else if (value instanceof double[] numbers) {
            return numbers;
        } else if (value instanceof List<?> list && list.stream().allMatch(Number.class::isInstance)) {
            return list.stream()
                    .mapToDouble(item -> ((Number) item).doubleValue())
                    .toArray();
        }
        throw wrong(name, value);
    }

    private static IllegalArgumentException wrong(String name, Object value) {
        return new IllegalArgumentException(name + " is " + Types.a(value)
                + ", but it takes a Table, an Evaluation, a Network, a LossHistory or numbers.");
    }
}
