package pomona.report;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import pomona.evaluate.Evaluation;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Evaluations as a table, one row for each network. */
final class ComparisonTable {

    private static final double KB = 1000;

    private ComparisonTable() {}

    static Table of(List<Evaluation> rows) {
        StringColumn names = StringColumn.create("network");
        rows.forEach(row -> names.append(row.network()));
        Table table = Table.create("comparison", names);
        for (String metric : metrics(rows)) {
            table.addColumns(
                    Columns.decimals(metric, 2, rows, row -> row.metrics().getOrDefault(metric, Double.NaN)));
        }
        return table.addColumns(
                Columns.counts("parameters", rows, Evaluation::parameters),
                Columns.counts("non-zeros", rows, Evaluation::nonZeros),
                Columns.counts("MACs", rows, Evaluation::macs),
                Columns.decimals("file KB", 1, rows, row -> row.fileBytes() / KB),
                Columns.decimals(".xz KB", 1, rows, row -> row.xzBytes() / KB),
                Columns.decimals(
                        "latency \u00b5s", 1, rows, row -> row.latency().median()),
                Columns.decimals("p90 \u00b5s", 1, rows, row -> row.latency().p90()));
    }

    /** Every metric that one of the networks has; accuracy is left out beside the error, which says the same. */
    private static Set<String> metrics(List<Evaluation> rows) {
        Set<String> metrics = new LinkedHashSet<>();
        rows.forEach(row -> metrics.addAll(row.metrics().keySet()));
        if (metrics.contains(Evaluation.ERROR)) {
            metrics.remove(Evaluation.ACCURACY);
        }
        return metrics;
    }
}
