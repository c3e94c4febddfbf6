package pomona.report;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import pomona.evaluate.Latency;
import pomona.evaluate.LayerNames;
import pomona.graph.Network;
import pomona.quantize.LayerScheme;
import pomona.quantize.MixedPrecision;
import pomona.quantize.MixedPrecision.LayerCost;
import pomona.quantize.MixedPrecision.Trial;
import pomona.quantize.MixedPrecisionQuantization.Order;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** What a search for a mix of precisions tried, network by network and layer by layer. */
final class PrecisionTable {

    private static final double KB = 1000;

    private PrecisionTable() {}

    /** A row for each network that was run; the chosen one was timed once more in the end, and shows those times. */
    static Table trials(MixedPrecision found) {
        List<Trial> trials = found.trials().stream()
                .map(trial -> isChosen(trial, found) ? found.chosen() : trial)
                .toList();
        StringColumn mixes = StringColumn.create("layers are");
        StringColumn speeds = StringColumn.create("beside floats");
        StringColumn verdicts = StringColumn.create("verdict");
        for (Trial trial : trials) {
            mixes.append(trial.mix());
            speeds.append(Double.isNaN(trial.speedup()) ? "" : Latency.speed(trial.speedup()));
            verdicts.append(isChosen(trial, found) ? "chosen" : trial.withinBudget() ? "" : "error too high");
        }
        Table table = Table.create(
                "networks tried for " + found.network().name(),
                mixes,
                Columns.counts("quantized", trials, Trial::quantized),
                Columns.decimals("error %", 2, trials, Trial::error),
                Columns.decimals("file KB", 1, trials, trial -> trial.bytes() / KB));
        if (trials.stream().anyMatch(trial -> !Double.isNaN(trial.micros()))) {
            table.addColumns(
                    Columns.decimals("\u00b5s", 1, trials, Trial::micros),
                    Columns.decimals("\u00b5s of floats in turns", 1, trials, Trial::microsOfFloats),
                    speeds);
        }
        return table.addColumns(verdicts);
    }

    private static boolean isChosen(Trial trial, MixedPrecision found) {
        return trial.schemes().equals(found.chosen().schemes());
    }

    /** A row for each layer: what it became, and what it costs and saves alone in each scheme. */
    static Table layers(MixedPrecision found, Network floats) {
        Map<String, LayerCost> costs = new HashMap<>();
        found.layers().forEach(cost -> costs.put(cost.scheme() + " " + cost.layer(), cost));
        List<String> layers =
                found.layers().stream().map(LayerCost::layer).distinct().toList();
        Set<LayerScheme> schemes =
                found.layers().stream().map(LayerCost::scheme).collect(Collectors.toCollection(LinkedHashSet::new));
        Map<String, String> names = LayerNames.of(floats);
        boolean errors = found.order() == Order.MEASURED;
        StringColumn column = StringColumn.create("layer");
        layers.forEach(layer -> column.append(names.getOrDefault(layer, layer)));
        StringColumn became = StringColumn.create("became");
        layers.forEach(layer -> became.append(
                found.chosen().schemes().containsKey(layer)
                        ? found.chosen().schemes().get(layer).toString()
                        : "float"));
        Table table = Table.create("each layer alone", column, became);
        for (LayerScheme scheme : schemes) {
            table.addColumns(
                    Columns.decimals(
                            scheme + (errors ? ": error +" : ": loss +"),
                            errors ? 2 : 6,
                            layers,
                            layer -> value(costs.get(scheme + " " + layer), LayerCost::cost)),
                    Columns.decimals(
                            scheme + ": dB",
                            1,
                            layers,
                            layer -> value(costs.get(scheme + " " + layer), LayerCost::decibels)),
                    Columns.decimals(
                            scheme + ": KB saved",
                            1,
                            layers,
                            layer -> value(costs.get(scheme + " " + layer), cost -> cost.bytes() / KB)));
        }
        return table;
    }

    private static double value(LayerCost cost, ToDoubleFunction<LayerCost> part) {
        double value = cost == null ? Double.NaN : part.applyAsDouble(cost);
        return Double.isInfinite(value) ? Double.NaN : value;
    }
}
