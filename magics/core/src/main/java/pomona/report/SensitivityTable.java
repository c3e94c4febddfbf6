package pomona.report;

import java.util.List;
import pomona.evaluate.Sensitivity;
import pomona.evaluate.Sensitivity.Measure;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** A sensitivity scan as a table; weights are named where their layers' names do not tell them. */
final class SensitivityTable {

    private SensitivityTable() {}

    static Table of(Sensitivity scan) {
        List<String> weights = scan.layers();
        Table table = Table.create("sensitivity of " + scan.network());
        table.addColumns(StringColumn.create("layer", weights.stream().map(scan::name)));
        if (!weights.stream().allMatch(weight -> weight.startsWith(scan.name(weight)))) {
            table.addColumns(StringColumn.create("weight", weights));
        }
        String quantity = scan.measure().quantity();
        int digits = digits(scan.measure());
        if (Double.isFinite(scan.baseline())) {
            table.addColumns(Columns.decimals(quantity + " as it is", digits, weights, layer -> scan.baseline()));
        }
        for (double level : scan.levels()) {
            table.addColumns(Columns.decimals(
                    quantity + " at " + scan.level().text(level), digits, weights, layer -> scan.error(layer, level)));
        }
        return table;
    }

    private static int digits(Measure measure) {
        return measure.equals(Measure.ERROR) ? 2 : measure.equals(Measure.SIGNAL_TO_NOISE) ? 1 : 6;
    }
}
